"""A registered model behind a real-time endpoint, with a challenger in its shadow.

Run it with `cdk synth -a "python docs/examples/serving.py"`.
"""

from aws_cdk import App, Duration, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey, EncryptedTopic, GovernedBucket, LogArchive
from mlgov_constructs.serving import (
    AsyncEndpoint,
    AsyncResults,
    ContainerImage,
    DataCapture,
    DeploymentStrategy,
    EndpointScaling,
    Model,
    ModelData,
    RealTimeEndpoint,
    ScheduledCapacity,
    ShadowVariant,
)

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Serving")

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)
alarms = EncryptedTopic(stack, "Alarms", encryption_key=key, emails=["churn-team@example.org"])
alarms.allow_publish("cloudwatch")

hosting = JobRole(
    stack,
    "HostingRole",
    job=JobType.HOSTING,
    project="churn",
    environment=environment,
    permissions_boundary=boundary,
)

# The version that an approver let pass; SageMaker takes image and artifact from it.
champion = Model(
    stack,
    "Champion",
    vpc=vpc,
    role=hosting,
    model_package_arn=aws_tokens().arn("sagemaker", "model-package/churn/7"),
)
# One that is tried beside it, from a registry in the VPC.
challenger = Model(
    stack,
    "Challenger",
    vpc=vpc,
    role=hosting,
    image=ContainerImage.from_private_registry(f"registry.example.org/churn@sha256:{'ab' * 32}"),
    model_data=ModelData(data, "churn/models/8/model.tar.gz"),
)

endpoint = RealTimeEndpoint(
    stack,
    "Endpoint",
    model=champion,
    encryption_key=key,
    data_capture=DataCapture(data, percentage=20),
    shadow=ShadowVariant(challenger, percentage=10),
    scaling=EndpointScaling(
        max_capacity=8,
        schedule=(
            ScheduledCapacity("cron(0 7 ? * MON-FRI *)", min_capacity=4, time_zone="Europe/Berlin"),
            ScheduledCapacity("cron(0 19 ? * MON-FRI *)", min_capacity=2, time_zone="Europe/Berlin"),
        ),
    ),
    deployment=DeploymentStrategy.canary(instances=1, wait=Duration.minutes(15)),
    maximum_latency=Duration.millis(500),
    alarm_topic=alarms,
)

# The same model for long requests, which wait in a queue; nothing runs while it is empty.
scoring = AsyncEndpoint(
    stack,
    "Scoring",
    model=champion,
    encryption_key=key,
    results=AsyncResults(data),
    alarm_topic=alarms,
)

caller = JobRole(
    stack,
    "Caller",
    job=JobType.LAMBDA,
    project="churn",
    environment=environment,
    permissions_boundary=boundary,
)
endpoint.grant_invoke(caller)
scoring.grant_invoke(caller)

app.synth()
