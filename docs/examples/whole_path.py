"""The whole path: from a version of the data to an endpoint that is watched and trained anew.

Run it with `cdk synth -a "python docs/examples/whole_path.py"`.
"""

from aws_cdk import App, Duration, Environment, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary, Persona, PersonaRole
from mlgov_constructs.mlops import ModelPipeline, ModelRegistry, RegisterModelStep
from mlgov_constructs.monitoring import (
    Baseline,
    DataQualityMonitor,
    DatasetFormat,
    EndpointInput,
    MlDashboard,
    MonitoringImage,
    QualityCheckStep,
)
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.preparation import prepare_table_step
from mlgov_constructs.protection import DataKey, EncryptedTopic, GovernedBucket, LogArchive
from mlgov_constructs.serving import DataCapture, Model, RealTimeEndpoint
from mlgov_constructs.steps import ConditionStep, FailStep, JobImage, PipelineParameter
from mlgov_constructs.training import TrainingStep

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "WholePath", env=Environment(region="eu-central-1"))

# The ground: in an environment of many stacks it lies in the stacks below.
boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")
work = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)
told = EncryptedTopic(stack, "Told", encryption_key=key, emails=["churn@example.org"])
told.allow_publish("cloudwatch")


def job_role(job: JobType) -> JobRole:
    """Return the role of one kind of work of the project."""
    return JobRole(stack, f"{job}-role", job=job, project="churn", environment=work, permissions_boundary=boundary)


# What the team writes.
registry = ModelRegistry(stack, "Registry", project="churn", state_change_topic=told)
approver = PersonaRole(stack, "Approver", persona=Persona.model_approver("churn"), permissions_boundary=boundary)
registry.grant_approve(approver)

image = JobImage.xgboost(stack)
table = PipelineParameter("Table", f"s3://{data.bucket_name}/churn/tables/2026-11")
split = prepare_table_step("Split", image=image, data=table, target="left", goal="yes-or-no")
analyzer, rows = MonitoringImage.ANALYZER.job_image(stack), DatasetFormat.csv(header=False)
quality = QualityCheckStep(
    "DataQuality", image=analyzer, dataset=split.output("train"), dataset_format=rows, cache=Duration.days(365)
)
inputs = {name: split.output(name) for name in ("train", "validation")}
settings = {"objective": "binary:logistic", "eval_metric": "auc", "num_round": "100"}
train = TrainingStep("Train", image=image, inputs=inputs, hyperparameters=settings)
register = RegisterModelStep("Register", training=train, model_package_group_name=registry.model_package_group_name)
good, weak = train.metric("validation:auc").at_least(0.8), FailStep("TooWeak", message="The AUC is under 0.8")
decide = ConditionStep("GoodEnough", conditions=[good], if_steps=[register], else_steps=[weak])
pipeline = ModelPipeline(
    stack,
    "Training",
    environment=work,
    output_bucket=data,
    registry=registry,
    permissions_boundary=boundary,
    steps=[split, quality, train, decide],
    parameters={"DataVersion": "2026-11", "CodeCommit": "main"},
    failure_topic=told,
)

approved = aws_tokens().arn("sagemaker", f"model-package/{registry.model_package_group_name}/1")
model = Model(stack, "Model", vpc=vpc, role=job_role(JobType.HOSTING), model_package_arn=approved)
endpoint = RealTimeEndpoint(
    stack, "Endpoint", model=model, encryption_key=key, data_capture=DataCapture(data), alarm_topic=told
)
drift = DataQualityMonitor(
    stack,
    "Drift",
    monitored=EndpointInput.of(endpoint),
    baseline=Baseline.of_check(data, quality, prefix=f"churn/pipelines/{pipeline.pipeline_name}"),
    bucket=data,
    vpc=vpc,
    encryption_key=key,
    role=job_role(JobType.MONITORING),
    violation_topic=told,
)
drift.start_pipeline_on_violation("Retrain", pipeline_name=pipeline.pipeline_name, permissions_boundary=boundary)
dashboard = MlDashboard(stack, "Dashboard", alarm_topic=told)
dashboard.add_endpoint("Endpoint", endpoint_name=endpoint.endpoint_name)
dashboard.add_monitor(drift)

app.synth()
