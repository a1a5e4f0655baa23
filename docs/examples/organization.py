"""What an organization holds its machine learning accounts to, for its management account."""

from aws_cdk import App, Stack

from mlgov_constructs.governance import ControlTowerControl, OrganizationControls, RequiredTags
from mlgov_constructs.governance.enabled_controls import DEFAULT

app = App()
stack = Stack(app, "organization", description="Rules of the organization for machine learning accounts")
OrganizationControls(
    stack,
    "Controls",
    organization_id="o-exampleorg1",
    target_ids=["ou-ab12-11111111"],
    allowed_regions=["eu-west-1", "eu-central-1"],
    allowed_instance_types=["ml.t3.*", "ml.m5.*", "ml.g5.*"],
    exempt_roles=["arn:*:iam::*:role/BreakGlass"],
    deployment_roles=["arn:*:iam::*:role/cdk-*-cfn-exec-role-*"],
    required_tags=RequiredTags({"owner": [], "cost-center": ["ml-0001", "ml-0002"]}),
    control_tower_unit_ids=["ou-ab12-11111111"],
    control_tower_controls=[*DEFAULT, ControlTowerControl.DETECT_ENDPOINT_ON_ONE_INSTANCE],
)
app.synth()
