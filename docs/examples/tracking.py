"""Experiments of one project, tracked by a managed MLflow server in a network without a way out.

Run it with `cdk synth -a "python docs/examples/tracking.py"`.
"""

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import DataScientistRole, JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, EndpointService, IsolatedVpc
from mlgov_constructs.protection import DataClass, DataKey, GovernedBucket, LogArchive
from mlgov_constructs.workspace import ExperimentTracking, MlflowApp

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Tracking")

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)

# MLflow runs outside the VPC, so a bucket that admits the VPC alone has to except its roles.
server_role, app_role = (
    JobRole(stack, f"{project}Mlflow", job=JobType.TRACKING, project=project, permissions_boundary=boundary)
    for project in ("churn", "trials")
)
s3_endpoint = vpc.require(EndpointService.S3, by=stack)
artifacts = GovernedBucket(
    stack,
    "Artifacts",
    encryption_key=key,
    data_class=DataClass.ARTIFACTS,
    access_log_bucket=logs.access_log_bucket,
    vpc_endpoints=[s3_endpoint],
    administrators=[server_role, app_role],
)

training = JobRole(
    stack,
    "TrainingRole",
    job=JobType.TRAINING,
    project="churn",
    environment=environment,
    permissions_boundary=boundary,
)
scientist = DataScientistRole(
    stack,
    "DataScientist",
    project="churn",
    environment=environment,
    permissions_boundary=boundary,
    job_roles=[training],
)

# A server, whose rights are told apart: jobs log runs, people read them and open the pages.
tracking = ExperimentTracking(
    stack,
    "ExperimentTracking",
    vpc=vpc,
    artifact_bucket=artifacts,
    project="churn",
    role=server_role,
)
tracking.grant_track(training)
tracking.grant_read(scientist)
tracking.grant_open(scientist)

# An app, which costs nothing while nobody uses it, for a project that is only trying things out.
trials = MlflowApp(
    stack,
    "Trials",
    vpc=vpc,
    artifact_bucket=artifacts,
    project="trials",
    role=app_role,
)
trials.grant_track(scientist)
trials.grant_open(scientist)

app.synth()
