"""A Studio domain that exists already is taken down with this stack, and its home is backed up and kept.

Run it with `cdk synth -a "python docs/examples/studio_teardown.py"`.
"""

from aws_cdk import App, RemovalPolicy, Stack, Validations
from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace.studio.teardown import StudioTeardown

DOMAIN_ID = "d-abcdefghijkl"
HOME_FILE_SYSTEM_ID = "fs-0123456789abcdef0"

app = App()
Validations.of(app).add_plugins(ControlRules())
stack = Stack(app, "Teardown")

boundary = PermissionsBoundary(
    stack,
    "Boundary",
    additional_actions=(*StudioTeardown.BOUNDARY_ACTIONS, *StudioTeardown.BACKUP_ACTIONS),
    additional_role_receivers=("backup",),
)
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key")
key.allow_use_through("backup")

StudioTeardown(
    stack,
    "Teardown",
    domain_id=DOMAIN_ID,
    domain_arn=aws_tokens().arn("sagemaker", f"domain/{DOMAIN_ID}"),
    home_file_system_id=HOME_FILE_SYSTEM_ID,
    vpc=IsolatedVpc(stack, "Vpc"),
    encryption_key=key,
    permissions_boundary=boundary,
    backup_vault=backup.BackupVault(stack, "Homes", encryption_key=key, removal_policy=RemovalPolicy.RETAIN),
)

app.synth()
