"""The monthly budget of a project, which warns its owner before the money is spent."""

from aws_cdk import App, Stack

from mlgov_constructs.cost import ProjectBudget
from mlgov_constructs.protection import DataKey

app = App()
stack = Stack(app, "Cost")

ProjectBudget(
    stack,
    "Budget",
    project="churn",
    monthly_limit=500,
    encryption_key=DataKey(stack, "Key"),
    emails=["owner@example.org"],
)

app.synth()
