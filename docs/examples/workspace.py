"""A hardened notebook for one project, in a network without a way out.

Run it with `cdk synth -a "python docs/examples/workspace.py"`.
"""

from aws_cdk import App, Duration, Size, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import DataScientistRole, JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive
from mlgov_constructs.workspace import NotebookInstance, NotebookLifecycle

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Workspace")

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)

training = JobRole(
    stack,
    "TrainingRole",
    job=JobType.TRAINING,
    project="churn",
    environment=environment,
    permissions_boundary=boundary,
)
training.grant_project_data(data)

notebook_role = JobRole(
    stack,
    "NotebookRole",
    job=JobType.NOTEBOOK,
    project="churn",
    environment=environment,
    permissions_boundary=boundary,
)
notebook_role.grant_project_data(data)
notebook_role.grant_run_jobs(environment, [training])

NotebookInstance(
    stack,
    "Notebook",
    vpc=vpc,
    encryption_key=key,
    role=notebook_role,
    volume_size=Size.gibibytes(50),
    lifecycle=NotebookLifecycle(stack, "Lifecycle", idle=Duration.minutes(30)),
)

scientist = DataScientistRole(
    stack,
    "DataScientist",
    project="churn",
    environment=environment,
    permissions_boundary=boundary,
    job_roles=[training, notebook_role],
)
scientist.grant_project_data(data)

app.synth()
