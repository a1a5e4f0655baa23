"""A project whose budget stops new work, whose anomalies are told, and whose idle machines are found."""

from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam

from mlgov_constructs.cost import CostCategories, IdleDetector, ProjectBudget, SpendingAnomalies, SpendingStop
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.protection import DataKey

OWNER = ["owner@example.org"]

app = App()
stack = Stack(app, "Cost")
key = DataKey(stack, "Key")
boundary = PermissionsBoundary(stack, "Boundary")

roles = [iam.Role.from_role_name(stack, name, f"churn-{name}") for name in ("data-scientist", "pipeline")]
budget = ProjectBudget(stack, "Budget", project="churn", monthly_limit=500, encryption_key=key, emails=OWNER)
SpendingStop(stack, "Stop", budget=budget, roles=roles)

IdleDetector(
    stack,
    "Idle",
    encryption_key=key,
    permissions_boundary=boundary,
    projects=["churn"],
    domain_ids=["d-abcdefghijkl"],
    stop=True,
    emails=OWNER,
)

# What belongs to the bill lies where Cost Explorer is.
bill = Stack(app, "Bill")
SpendingAnomalies(bill, "Anomalies", projects=["churn"], encryption_key=DataKey(bill, "Key"), emails=OWNER)
CostCategories(bill, "Categories", name="ML project", owners={"marketing": ["churn", "uplift"]})

app.synth()
