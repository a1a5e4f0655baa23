"""The guardrails of an organization, for its management account."""

from aws_cdk import App

from stacks.organization_stack import OrganizationStack

app = App()
OrganizationStack(
    app,
    "organization",
    organization_id="o-exampleorg1",
    target_ids=["ou-ab12-11111111"],
    allowed_regions=["eu-west-1", "eu-central-1"],
    allowed_instance_types=["ml.t3.*", "ml.m5.*", "ml.g5.*"],
    exempt_roles=["arn:*:iam::*:role/BreakGlass"],
)
app.synth()
