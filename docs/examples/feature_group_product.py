"""A catalogue from which data scientists provision feature groups.

Run it with `cdk synth -a "python docs/examples/feature_group_product.py"`.
"""

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.catalog import FeatureGroupProduct, MlPortfolio
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, EndpointService, IsolatedVpc
from mlgov_constructs.preparation import FeatureDatabase
from mlgov_constructs.preparation.offline_store_rights import offline_store_statements
from mlgov_constructs.protection import DataClass, DataKey, GovernedBucket, LogArchive
from mlgov_constructs.workspace import NotebookLifecycle, ParameterNames, WorkspaceParameters

PROJECTS = ("churn", "fraud")

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Catalog")

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)

stores = [
    JobRole(stack, f"Store-{project}", job=JobType.FEATURE_STORE, project=project, permissions_boundary=boundary)
    for project in PROJECTS
]
curated = GovernedBucket(
    stack,
    "Curated",
    encryption_key=key,
    access_log_bucket=logs.access_log_bucket,
    vpc_endpoints=[vpc.require(EndpointService.S3, by=stack)],
    # Feature Store writes from its own network, under these roles.
    administrators=stores,
)
databases = [FeatureDatabase(stack, f"Database-{project}", project=project, bucket=curated) for project in PROJECTS]
for store, database in zip(stores, databases, strict=True):
    # Any feature group of the project, as nobody knows yet which ones there will be.
    store.allow(
        offline_store_statements(
            project=store.project,
            bucket_arn=curated.bucket_arn,
            bucket_key_arn=key.key_arn,
            database=database.database_name,
        )
    )

names = ParameterNames("/mlgov/sandbox/workspace")
WorkspaceParameters(
    stack,
    "Parameters",
    names=names,
    vpc=vpc,
    encryption_key=key,
    lifecycle=NotebookLifecycle(stack, "Lifecycle"),
    notebook_roles=[],
    job_roles=stores,
    buckets={DataClass.CURATED: curated},
)
portfolio = MlPortfolio(
    stack,
    "Portfolio",
    display_name="Machine learning",
    provider_name="ML platform team",
    principal_patterns=["role/DataScientist-*"],
)
portfolio.add_product(
    FeatureGroupProduct(
        stack,
        "FeatureGroups",
        names=names,
        environment=environment,
        databases=databases,
        store_roles=stores,
        permissions_boundary=boundary,
        owner="ML platform team",
    )
)

app.synth()
