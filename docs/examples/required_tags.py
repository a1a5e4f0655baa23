"""The tags that everything must carry: declared once, held everywhere."""

from aws_cdk import App, Stack

from mlgov_constructs.catalog import MlPortfolio
from mlgov_constructs.governance import RequiredTagPolicies, RequiredTags

app = App()
required = RequiredTags({"owner": [], "cost-center": ["ml-0001", "ml-0002"], "data-classification": ["internal"]})

# In the account of an environment: everything is tagged, products offer the values, AWS Config looks.
environment = Stack(app, "Environment")
required.apply(environment, {"owner": "ml-platform", "cost-center": "ml-0001", "data-classification": "internal"})
required.add_config_rules(environment, "RequiredTags")
MlPortfolio(
    environment,
    "Portfolio",
    display_name="Machine learning",
    provider_name="ML platform",
    tag_options=required.tag_options,
)

# In the management account: other values are reported, and work without the tags is refused.
organization = Stack(app, "Organization")
RequiredTagPolicies(organization, "Tags", required_tags=required, target_ids=["ou-ab12-11111111"])

app.synth()
