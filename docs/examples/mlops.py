"""The registry of a project's model, shared with the accounts of staging and production.

Run it with `cdk synth -a "python docs/examples/mlops.py"`.
"""

from aws_cdk import App, Stack, Validations

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.mlops import ModelRegistry
from mlgov_constructs.protection import DataKey, EncryptedTopic

app = App()
Validations.of(app).add_plugins(ControlRules())
stack = Stack(app, "Mlops")

key = DataKey(stack, "Key", alias="mlgov/churn")
topic = EncryptedTopic(stack, "Models", encryption_key=key, emails=["models@example.org"])
registry = ModelRegistry(
    stack,
    "Registry",
    project="churn",
    description="Who is about to leave",
    reader_accounts=["111122223333", "444455556666"],
    organization_id="o-exampleorg1",
    state_change_topic=topic,
)

app.synth()
