"""An inventory of models and endpoints, and a role for those who ask it.

Run it with `cdk synth -a "python docs/examples/lineage.py"`.
"""

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.governance import AuditTrail
from mlgov_constructs.identity import PermissionsBoundary, Persona, PersonaRole
from mlgov_constructs.identity.activities import ListWork
from mlgov_constructs.mlops.lineage import Lineage
from mlgov_constructs.protection import DataClass, DataKey, EncryptedTopic, GovernedBucket, LogArchive

app = App()
Validations.of(app).add_plugins(ControlRules())
stack = Stack(app, "Lineage")

# The ground: in an environment of many stacks it lies in the stacks below.
boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key")
archive = LogArchive(stack, "Logs", encryption_key=key)
AuditTrail(stack, "Trail", log_archive=archive, encryption_key=key, trail_name="lineage")
topic = EncryptedTopic(stack, "Failures", encryption_key=key, emails=["models@example.org"])
bucket = GovernedBucket(
    stack,
    "Inventory",
    encryption_key=key,
    data_class=DataClass.ARTIFACTS,
    access_log_bucket=archive.access_log_bucket,
)

lineage = Lineage(stack, "Lineage", bucket=bucket, permissions_boundary=boundary, failure_topic=topic)

# An auditor is refused all data, so those who audit ask in a second role.
reader = PersonaRole(
    stack,
    "Reader",
    persona=Persona("inventory-reader", "Asks what models are made of and where they serve", (ListWork(),)),
    permissions_boundary=boundary,
)
lineage.grant_query(reader)

app.synth()
