"""A portfolio from which data scientists get training pipelines, over a workspace of one stack.

Run it with `cdk synth -a "python docs/examples/training_pipeline_product.py"`.
"""

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.catalog import MlPortfolio, TrainingPipelineProduct
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import DataScientistRole, JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.identity.activities import StartPipelines
from mlgov_constructs.mlops import ModelRegistry, PipelineStartRole, grant_pipeline, grant_pull
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataClass, DataKey, GovernedBucket, LogArchive
from mlgov_constructs.steps import JobImage
from mlgov_constructs.workspace import NotebookLifecycle, ParameterNames, WorkspaceParameters

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Catalog")

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key")
vpc = IsolatedVpc(stack, "Vpc")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)
curated, artifacts = (
    GovernedBucket(
        stack,
        data_class.value.title(),
        encryption_key=key,
        access_log_bucket=logs.access_log_bucket,
        data_class=data_class,
    )
    for data_class in (DataClass.CURATED, DataClass.ARTIFACTS)
)

# What the pipelines of a project run under.
training, processing, pipelines = (
    JobRole(
        stack,
        f"{job.value.title()}Role",
        job=job,
        project="churn",
        environment=None if job is JobType.PIPELINE else environment,
        permissions_boundary=boundary,
    )
    for job in (JobType.TRAINING, JobType.PROCESSING, JobType.PIPELINE)
)
image = JobImage.xgboost(stack)
for role in (training, processing):
    role.grant_project_data(curated)
    role.grant_project_data(artifacts)
    grant_pull(image, role)
registry = ModelRegistry(stack, "Registry", project="churn")
registry.grant_register(pipelines)
grant_pipeline(
    pipelines,
    environment=environment,
    training_role=training,
    processing_role=processing,
    output_bucket=artifacts,
)
starter = PipelineStartRole(stack, "StartRole", project="churn", permissions_boundary=boundary)

names = ParameterNames("/mlgov/example/workspace")
WorkspaceParameters(
    stack,
    "Parameters",
    names=names,
    vpc=vpc,
    encryption_key=key,
    lifecycle=NotebookLifecycle(stack, "Lifecycle"),
    notebook_roles=[],
    job_roles=[training, processing, pipelines],
    zones=2,
    buckets={DataClass.CURATED: curated, DataClass.ARTIFACTS: artifacts},
    model_package_groups={"churn": registry.model_package_group_name},
    pipeline_start_roles={"churn": starter},
)

scientist = DataScientistRole(
    stack, "DataScientist", project="churn", environment=environment, permissions_boundary=boundary
)
scientist.allow(StartPipelines("churn").statements())
portfolio = MlPortfolio(
    stack, "Portfolio", display_name="Machine learning", provider_name="ML platform", roles=[scientist]
)
portfolio.add_product(
    TrainingPipelineProduct(
        stack,
        "TrainingPipeline",
        names=names,
        pipeline_roles=[pipelines],
        start_roles=[starter],
        permissions_boundary=boundary,
        owner="ML platform",
    )
)

app.synth()
