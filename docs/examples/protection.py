"""A key, a log archive and two buckets: raw data with the archive's inventory, and models."""

from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam

from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.protection import DataClass, DataKey, GovernedBucket, LogArchive

app = App()
stack = Stack(app, "Data")

key = DataKey(stack, "Key", alias="mlgov/data", description="Data of the churn project")
logs = LogArchive(stack, "Logs", encryption_key=key)

raw = GovernedBucket(
    stack,
    "Raw",
    encryption_key=key,
    data_class=DataClass.RAW,
    access_log_bucket=logs.access_log_bucket,
    inventory_bucket=logs,
)
models = GovernedBucket(
    stack,
    "Models",
    encryption_key=key,
    data_class=DataClass.ARTIFACTS,
    access_log_bucket=logs.access_log_bucket,
)

# A grant on the bucket carries the key.
boundary = PermissionsBoundary(stack, "Boundary")
auditors = iam.AccountRootPrincipal().with_conditions({"Bool": {"aws:MultiFactorAuthPresent": "true"}})
reader = iam.Role(stack, "Reader", assumed_by=auditors, permissions_boundary=boundary)
raw.grant_read(reader)

app.synth()
