"""A portfolio from which data scientists get a place to work in Studio, over a workspace of one stack.

Run it with `cdk synth -a "python docs/examples/studio_product.py"`.
"""

from aws_cdk import App, Duration, Size, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.catalog import MlPortfolio, StudioProduct
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import DataScientistRole, JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace import (
    NotebookLifecycle,
    ParameterNames,
    StudioDomain,
    StudioTeardown,
    WorkspaceParameters,
)

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Catalog")

boundary = PermissionsBoundary(stack, "Boundary", additional_actions=StudioTeardown.BOUNDARY_ACTIONS)
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key")
vpc = IsolatedVpc(stack, "Vpc")
environment = JobEnvironment(vpc=vpc, encryption_key=key)

# What the domain allows is what the form of the product offers.
domain = StudioDomain(
    stack,
    "Studio",
    vpc=vpc,
    encryption_key=key,
    permissions_boundary=boundary,
    longest_idle=Duration.hours(4),
    maximum_volume_size=Size.gibibytes(200),
)
churn, fraud = (
    JobRole(
        stack,
        f"{project.title()}Studio",
        job=JobType.STUDIO,
        project=project,
        environment=environment,
        permissions_boundary=boundary,
    )
    for project in ("churn", "fraud")
)
names = ParameterNames("/mlgov/example/workspace")
WorkspaceParameters(
    stack,
    "Parameters",
    names=names,
    vpc=vpc,
    encryption_key=key,
    lifecycle=NotebookLifecycle(stack, "Lifecycle"),
    notebook_roles=[],
    job_roles=[churn, fraud],
    studio_domain_id=domain.domain_id,
)

# She gets a workspace from the catalogue, and opens the profile that carries her user name.
scientist = DataScientistRole(
    stack, "DataScientist", project="churn", environment=environment, permissions_boundary=boundary
)
portfolio = MlPortfolio(
    stack, "Portfolio", display_name="Machine learning", provider_name="ML platform", roles=[scientist]
)
portfolio.add_product(
    StudioProduct(
        stack,
        "StudioProduct",
        names=names,
        domain=domain,
        studio_roles=[churn, fraud],
        permissions_boundary=boundary,
        owner="ML platform",
        sizes={"small": "ml.t3.medium", "large": "ml.m5.4xlarge", "gpu": "ml.g5.xlarge"},
        project_sizes={"fraud": ["small", "large"]},
    )
)

app.synth()
