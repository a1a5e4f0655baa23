"""A pipeline that checks data and answers for quality and bias, explains the model, and a monitor that goes on with it.

Run it with `cdk synth -a "python docs/examples/model_checks.py"`.
"""

from aws_cdk import App, Duration, Environment, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules, Relaxation
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.mlops import ModelPipeline
from mlgov_constructs.monitoring import (
    AnalysisConfigStep,
    Baseline,
    BiasAnalysis,
    BiasCheckStep,
    BiasReportStep,
    DataQualityMonitor,
    DriftCheck,
    DriftThreshold,
    EndpointInput,
    ExplainabilityCheckStep,
    Facet,
    MonitoringImage,
    Predictor,
    QualityCheckStep,
    ShapAnalysis,
)
from mlgov_constructs.network import EndpointCompleteness, IsolatedVpc
from mlgov_constructs.protection import DataKey, EncryptedTopic, GovernedBucket, LogArchive
from mlgov_constructs.serving import DataCapture
from mlgov_constructs.steps import ConditionStep, FailStep, JobImage, PipelineParameter, ProcessingStep

PREFIX = "churn/pipelines/churn-checks"
ANSWER = """
import glob, joblib
import pandas as pd

rows = pd.read_csv(glob.glob('/opt/ml/processing/input/data/*.csv')[0])
model = joblib.load('/opt/ml/processing/input/model/model.joblib')
rows['answer'] = model.predict(rows.drop(columns=['left']))
rows.to_csv('/opt/ml/processing/output/answers/rows.csv', index=False)
"""

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "ModelChecks", env=Environment(region="eu-central-1"))

# The ground: in an environment of many stacks it lies in the stacks below.
boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")
environment = JobEnvironment(vpc=vpc, encryption_key=key)
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket)
topic = EncryptedTopic(stack, "Drift", encryption_key=key)
training, processing, monitoring = (
    JobRole(stack, name, job=job, project="churn", environment=environment, permissions_boundary=boundary)
    for name, job in (
        ("TrainingRole", JobType.TRAINING),
        ("ProcessingRole", JobType.PROCESSING),
        ("MonitoringRole", JobType.MONITORING),
    )
)
for job_role in (training, processing):
    job_role.grant_project_data(data)
role = JobRole(stack, "PipelineRole", job=JobType.PIPELINE, project="churn", permissions_boundary=boundary)

python = JobImage(f"111122223333.dkr.ecr.eu-central-1.amazonaws.com/churn@sha256:{'0' * 64}")
clarify, analyzer = MonitoringImage.CLARIFY.job_image(stack), MonitoringImage.ANALYZER.job_image(stack)
rows = PipelineParameter("Rows", f"s3://{data.bucket_name}/churn/rows")
last = DriftCheck(model_package_group_name="churn")
of_age = [Facet("age", [40])]

# Of the data: its quality, and whether it favours a group.
quality = QualityCheckStep("DataQuality", image=analyzer, dataset=rows)
of_data = AnalysisConfigStep(
    "DataBiasConfig",
    image=python,
    analysis=BiasAnalysis(label="left", positive_values=[0], facets=of_age, before_training=["CI", "DPL"]),
    cache=Duration.days(90),
)
data_bias = BiasCheckStep("DataBias", image=clarify, dataset=rows, config=of_data, drift=last)

# Of the model: its answers, written into the data, so that Clarify need not ask it.
answers = ProcessingStep(
    "Answer",
    image=python,
    script=ANSWER,
    inputs={"data": rows, "model": f"s3://{data.bucket_name}/churn/model"},
    output_names=["answers"],
)
of_answers = AnalysisConfigStep(
    "ModelBiasConfig",
    image=python,
    analysis=BiasAnalysis(
        label="left", predicted_label="answer", positive_values=[0], facets=of_age, after_training=["DPPL"]
    ),
    cache=Duration.days(90),
)
model_bias = BiasReportStep("ModelBias", image=clarify, dataset=answers.output("answers"), config=of_answers)
by_age = model_bias.metric("age")

# SHAP values take a model that can be asked: the one thing that needs the network of the VPC.
of_features = AnalysisConfigStep(
    "ShapConfig",
    image=python,
    analysis=ShapAnalysis(predictor=Predictor(probability=0), label="left", samples=100),
    cache=Duration.days(90),
)
explain = ExplainabilityCheckStep(
    "Explain",
    image=clarify,
    dataset=rows,
    config=of_features,
    model=PipelineParameter("ModelName", "churn"),
    network_isolation=Relaxation("Clarify asks the model over the endpoints of the VPC, RISK-112"),
)
gate = ConditionStep(
    "IsFair",
    conditions=[by_age.at_least(-0.1), by_age.at_most(0.1)],
    if_steps=[of_features, explain],
    else_steps=[FailStep("Unfair", message="The model's answers favour an age group by more than a tenth")],
)

ModelPipeline(
    stack,
    "Checks",
    pipeline_name="churn-checks",
    role=role,
    environment=environment,
    training_role=training,
    processing_role=processing,
    output_bucket=data,
    steps=[quality, of_data, data_bias, answers, of_answers, model_bias, gate],
    failure_topic=topic,
)

# The monitor compares with what the run computed whose model was approved.
monitor = DataQualityMonitor(
    stack,
    "Monitor",
    monitored=EndpointInput("churn", DataCapture(data)),
    baseline=Baseline.of_check(data, quality, prefix=PREFIX, run="abcdefgh1234"),
    bucket=data,
    vpc=vpc,
    encryption_key=key,
    role=monitoring,
    violation_topic=topic,
    thresholds=[DriftThreshold.of_feature("age", maximum=0.2)],
)
monitor.start_pipeline_on_drift("Again", pipeline_name="churn-checks", permissions_boundary=boundary)

app.synth()
