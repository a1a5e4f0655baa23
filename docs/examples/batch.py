"""Batches: a registered model asked every night, and a pipeline that tries what it has just trained.

Run it with `cdk synth -a "python docs/examples/batch.py"`.
"""

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.mlops import ModelPipeline
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey, EncryptedTopic, GovernedBucket, LogArchive
from mlgov_constructs.serving import (
    BatchLocation,
    BatchTransformJob,
    BatchTransformStep,
    CreateModelStep,
    Model,
    TransformOptions,
    grant_transform_output,
)
from mlgov_constructs.steps import JobImage
from mlgov_constructs.training import TrainingStep

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Batch")

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn-batch")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.22.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)
topic = EncryptedTopic(stack, "Failures", encryption_key=key, emails=["churn-team@example.org"])
hosting, training, reader = (
    JobRole(stack, name, job=job, project="churn", environment=environment, permissions_boundary=boundary)
    for name, job in (
        ("HostingRole", JobType.HOSTING),
        ("TrainingRole", JobType.TRAINING),
        ("Reader", JobType.LAMBDA),
    )
)
hosting.grant_project_data(data)
grant_transform_output(hosting)
training.grant_project_data(data)

# Every night, the version that an approver let pass is asked about yesterday's customers.
nightly = BatchTransformJob(
    stack,
    "Nightly",
    model=Model(
        stack,
        "Champion",
        vpc=vpc,
        role=hosting,
        model_package_arn=aws_tokens().arn("sagemaker", "model-package/churn/7"),
    ),
    environment=environment,
    permissions_boundary=boundary,
    source=BatchLocation(data, "churn/customers"),
    results=BatchLocation(data, "churn/predictions"),
    schedule="cron(0 2 * * ? *)",
    time_zone="Europe/Berlin",
    # The first column is the number of the customer: the model does not see it, the answer stands beside it.
    options=TransformOptions(input_filter="$[1:]", join_input=True, output_filter="$[0,-1]", max_payload_mb=2),
    capture=BatchLocation(data, "churn/captured"),
    failure_topic=topic,
)
nightly.grant_read_results(reader)

# A pipeline asks the model that it has just trained about a sample, before anyone looks at it.
train = TrainingStep(
    "Train",
    image=JobImage.xgboost(stack),
    inputs={"train": f"s3://{data.bucket_name}/churn/labelled"},
    hyperparameters={"objective": "binary:logistic", "num_round": 100},
)
model = CreateModelStep("Model", training=train, role_arn=hosting.role_arn)
sample = BatchTransformStep(
    "Sample", model_name=model.model, source=f"s3://{data.bucket_name}/churn/sample", instance_count=2
)
ModelPipeline(
    stack,
    "Trial",
    role=JobRole(stack, "PipelineRole", job=JobType.PIPELINE, project="churn", permissions_boundary=boundary),
    environment=environment,
    training_role=training,
    output_bucket=data,
    steps=[train, model, sample],
    failure_topic=topic,
)

app.synth()
