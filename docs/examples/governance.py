"""A trail over one governed bucket, whose alarms tell the security team."""

from aws_cdk import App, Stack

from mlgov_constructs.governance import AuditTrail
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive

app = App()
stack = Stack(app, "Governance")

key = DataKey(stack, "Key")
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)

AuditTrail(
    stack,
    "Trail",
    log_archive=logs,
    encryption_key=key,
    buckets=[data],
    alarm_emails=["security@example.org"],
    permissions_boundary=PermissionsBoundary(stack, "Boundary"),
)

app.synth()
