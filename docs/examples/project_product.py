"""A catalogue from which platform administrators provision projects.

Run it with `cdk synth -a "python docs/examples/project_product.py"`.
"""

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.catalog import MlPortfolio, ProjectProduct
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, EndpointService, IsolatedVpc
from mlgov_constructs.protection import DataClass, DataKey, GovernedBucket, LogArchive
from mlgov_constructs.workspace import NotebookLifecycle, ParameterNames, WorkspaceParameters

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Platform")

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")
logs = LogArchive(stack, "Logs", encryption_key=key)
buckets = {
    data_class: GovernedBucket(
        stack,
        data_class.value.capitalize(),
        encryption_key=key,
        data_class=data_class,
        access_log_bucket=logs.access_log_bucket,
        vpc_endpoints=[vpc.require(EndpointService.S3, by=stack)],
        # Feature Store writes from its own network: the roles of every project, by their name.
        administrators=[iam.Role.from_role_name(stack, f"Stores-{data_class}", "mlgov-sandbox-*-feature-store")],
    )
    for data_class in (DataClass.RAW, DataClass.CURATED, DataClass.ARTIFACTS)
}

names = ParameterNames("/mlgov/sandbox/workspace")
WorkspaceParameters(
    stack,
    "Parameters",
    names=names,
    vpc=vpc,
    encryption_key=key,
    lifecycle=NotebookLifecycle(stack, "Lifecycle"),
    notebook_roles=[],
    zones=2,
    buckets=buckets,
    permissions_boundary=boundary,
    access_log_bucket=logs.access_log_bucket,
)
portfolio = MlPortfolio(
    stack,
    "Portfolio",
    display_name="Machine learning platform",
    provider_name="ML platform team",
    principal_patterns=["role/PlatformAdministrator-*"],
)
portfolio.add_product(
    ProjectProduct(
        stack,
        "Projects",
        names=names,
        name_prefix="mlgov-sandbox",
        zones=2,
        permissions_boundary=boundary,
        owner="ML platform team",
    )
)

app.synth()
