"""An endpoint watched in four ways, with one dashboard, and a pipeline that starts when its data drifts.

Run it with `cdk synth -a "python docs/examples/monitoring.py"`.
"""

from aws_cdk import App, Duration, Environment, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.monitoring import (
    Baseline,
    BatchTransformInput,
    BiasMonitor,
    DataQualityMonitor,
    DatasetFormat,
    DriftThreshold,
    EndpointInput,
    ExplainabilityMonitor,
    GroundTruth,
    MlDashboard,
    ModelQualityMonitor,
    MonitoringResources,
    MonitorSchedule,
    ProblemType,
)
from mlgov_constructs.network import EndpointCompleteness, EndpointService, IsolatedVpc
from mlgov_constructs.protection import DataKey, EncryptedTopic, GovernedBucket, LogArchive
from mlgov_constructs.serving import DataCapture

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
stack = Stack(app, "Monitoring", env=Environment(region="eu-central-1"))

boundary = PermissionsBoundary(stack, "Boundary")
iam.PermissionsBoundary.of(stack).apply(boundary)
key = DataKey(stack, "Key", alias="mlgov/churn")
vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")
logs = LogArchive(stack, "Logs", encryption_key=key)
data = GovernedBucket(
    stack,
    "Data",
    encryption_key=key,
    access_log_bucket=logs.access_log_bucket,
    vpc_endpoints=[vpc.require(EndpointService.S3, by=stack)],
)
topic = EncryptedTopic(stack, "Drift", encryption_key=key)
role = JobRole(
    stack,
    "MonitoringRole",
    job=JobType.MONITORING,
    project="churn",
    environment=JobEnvironment(vpc=vpc, encryption_key=key),
    permissions_boundary=boundary,
)

# With an endpoint of this app: EndpointInput.of(endpoint).
traffic = EndpointInput("churn", DataCapture(data))
baseline = Baseline(data, "churn/baseline/constraints.json", "churn/baseline/statistics.json")
labels = GroundTruth(data, "churn/ground-truth")

drift = DataQualityMonitor(
    stack,
    "DataQuality",
    monitored=traffic,
    baseline=baseline,
    bucket=data,
    vpc=vpc,
    encryption_key=key,
    role=role,
    violation_topic=topic,
    thresholds=[DriftThreshold.of_feature("age", maximum=0.2)],
)
drift.start_pipeline_on_violation("Retrain", pipeline_name="churn-training", permissions_boundary=boundary)

quality = ModelQualityMonitor(
    stack,
    "ModelQuality",
    monitored=traffic,
    baseline=Baseline(data, "churn/baseline/model_quality_constraints.json"),
    ground_truth=labels,
    problem_type=ProblemType.BINARY_CLASSIFICATION,
    probability_attribute="0",
    probability_threshold=0.5,
    start_offset=Duration.days(2),
    end_offset=Duration.days(1),
    bucket=data,
    vpc=vpc,
    encryption_key=key,
    role=role,
    violation_topic=topic,
    thresholds=[DriftThreshold("f1", minimum=0.7)],
)
bias = BiasMonitor(
    stack,
    "Bias",
    monitored=traffic,
    baseline=Baseline(data, "churn/baseline/bias_constraints.json"),
    analysis_config="churn/baseline/bias_config.json",
    ground_truth=labels,
    probability_attribute="0",
    probability_threshold=0.5,
    start_offset=Duration.days(2),
    end_offset=Duration.days(1),
    bucket=data,
    vpc=vpc,
    encryption_key=key,
    role=role,
    violation_topic=topic,
)
attribution = ExplainabilityMonitor(
    stack,
    "Explainability",
    monitored=traffic,
    baseline=Baseline(data, "churn/baseline/shap_constraints.json"),
    analysis_config="churn/baseline/shap_config.json",
    model_name="churn",
    bucket=data,
    vpc=vpc,
    encryption_key=key,
    role=role,
    violation_topic=topic,
    resources=MonitoringResources(max_runtime=Duration.hours(2)),
)
batches = DataQualityMonitor(
    stack,
    "Batches",
    monitored=BatchTransformInput(data, "churn/batch-capture", DatasetFormat.csv(header=True)),
    baseline=baseline,
    bucket=data,
    vpc=vpc,
    encryption_key=key,
    role=role,
    violation_topic=topic,
    schedule=MonitorSchedule.every(12),
)

dashboard = MlDashboard(stack, "Dashboard", alarm_topic=topic, dashboard_name="churn")
dashboard.add_endpoint(
    "Churn", endpoint_name="churn", maximum_latency=Duration.millis(200), idle=Duration.hours(12), hourly_cost=0.23
)
for monitor in (drift, quality, bias, attribution, batches):
    dashboard.add_monitor(monitor)
dashboard.add_pipeline("Training", pipeline_name="churn-training")
dashboard.add_jobs("Jobs", roles=[role])

app.synth()
