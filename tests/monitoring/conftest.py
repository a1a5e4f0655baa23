"""One template with the four kinds of monitors as they are by default and with every option, and a dashboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from mlgov_constructs.controls import Relaxation
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
    ModelMonitor,
    ModelQualityMonitor,
    MonitoringResources,
    MonitorSchedule,
    ProblemType,
)
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey, EncryptedTopic
from tests.templates import Template

REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
BATCH_FORMAT = DatasetFormat.csv(header=True)


@dataclass
class Captured:
    """Where an endpoint captures its traffic."""

    bucket: s3.IBucket

    def prefix_of(self, project: str) -> str:
        return f"{project}/captured"


@dataclass
class Ground:
    """What monitors stand on, in one stack."""

    stack: cdk.Stack
    vpc: IsolatedVpc
    key: DataKey
    bucket: s3.Bucket
    boundary: PermissionsBoundary
    role: JobRole
    topic: EncryptedTopic
    traffic: EndpointInput = field(init=False)
    baseline: Baseline = field(init=False)
    truth: GroundTruth = field(init=False)

    def __post_init__(self) -> None:
        self.traffic = EndpointInput("churn", Captured(self.bucket))
        self.baseline = Baseline(self.bucket, "churn/baseline/constraints.json", "churn/baseline/statistics.json")
        self.truth = GroundTruth(self.bucket, "/churn/ground-truth/")

    def common(self, **arguments: Any) -> dict[str, Any]:
        shared: dict[str, Any] = {
            "monitored": self.traffic,
            "baseline": self.baseline,
            "bucket": self.bucket,
            "vpc": self.vpc,
            "encryption_key": self.key,
            "role": self.role,
            "violation_topic": self.topic,
        }
        return shared | arguments

    def data_quality(self, construct_id: str, **arguments: Any) -> DataQualityMonitor:
        return DataQualityMonitor(self.stack, construct_id, **self.common(**arguments))

    def model_quality(self, construct_id: str, **arguments: Any) -> ModelQualityMonitor:
        own = {
            "ground_truth": self.truth,
            "problem_type": ProblemType.MULTICLASS_CLASSIFICATION,
            "inference_attribute": "0",
        }
        return ModelQualityMonitor(self.stack, construct_id, **self.common(**(own | arguments)))

    def bias(self, construct_id: str, **arguments: Any) -> BiasMonitor:
        own = {"ground_truth": self.truth, "analysis_config": "churn/baseline/bias.json"}
        return BiasMonitor(self.stack, construct_id, **self.common(**(own | arguments)))

    def explainability(self, construct_id: str, **arguments: Any) -> ExplainabilityMonitor:
        own = {"analysis_config": "churn/baseline/shap.json", "model_name": "churn-model"}
        return ExplainabilityMonitor(self.stack, construct_id, **self.common(**(own | arguments)))

    def every_kind(self, prefix: str = "", **arguments: Any) -> list[ModelMonitor]:
        return [
            self.data_quality(f"{prefix}DataQuality", **arguments),
            self.model_quality(f"{prefix}ModelQuality", **arguments),
            self.bias(f"{prefix}Bias", **arguments),
            self.explainability(f"{prefix}Explainability", **arguments),
        ]


def ground(app: cdk.App, name: str = "monitoring", region: str | None = "us-east-1") -> Ground:
    stack = cdk.Stack(app, name, env=cdk.Environment(region=region))
    vpc, key = IsolatedVpc(stack, "Vpc"), DataKey(stack, "Key")
    boundary = PermissionsBoundary(stack, "Boundary")
    role = JobRole(
        stack,
        "Role",
        job=JobType.MONITORING,
        project="churn",
        environment=JobEnvironment(vpc=vpc, encryption_key=key),
        permissions_boundary=boundary,
    )
    bucket = s3.Bucket(stack, "Bucket", encryption_key=key)
    return Ground(stack, vpc, key, bucket, boundary, role, EncryptedTopic(stack, "Topic", encryption_key=key))


def idle_metrics(*names: str) -> list[cloudwatch.Metric]:
    return [cloudwatch.Metric(namespace="Idle", metric_name=name, statistic="Maximum") for name in names]


def _build(app: cdk.App) -> None:
    base = ground(app)
    plain = base.every_kind()
    endpoint = s3.Bucket(base.stack, "Endpoint")  # anything that must exist before
    full = base.data_quality(
        "Full",
        monitored=EndpointInput("other", Captured(base.bucket), endpoint),
        schedule=MonitorSchedule.hourly(),
        resources=MonitoringResources("ml.m5.2xlarge", 3, cdk.Size.gibibytes(50), cdk.Duration.minutes(20)),
        thresholds=[DriftThreshold.of_feature("age", maximum=0.2), DriftThreshold("feature_non_null_age", minimum=0.9)],
        schedule_name="churn-data",
        image_uri="123456789012.dkr.ecr.us-east-1.amazonaws.com/analyzer",
        exclude_features=["id", "name"],
    )
    base.model_quality(
        "Dated",
        problem_type=ProblemType.BINARY_CLASSIFICATION,
        inference_attribute=None,
        probability_attribute="$.score",
        probability_threshold=0.5,
        start_offset=cdk.Duration.hours(30),
        end_offset=cdk.Duration.hours(6),
    )
    batch = base.data_quality("Batch", monitored=BatchTransformInput(base.bucket, "/churn/batch/", BATCH_FORMAT))
    base.every_kind("Relaxed", network_isolation=Relaxation("Reads a lookup table through the endpoint, RISK-7"))
    full.start_pipeline_on_violation(
        "Retrain", pipeline_name="Churn-Training", permissions_boundary=base.boundary, parameters={"Reason": "drift"}
    )
    full.start_pipeline_on_drift("Early", pipeline_name="Churn-Training", permissions_boundary=base.boundary)
    plain[0].on_violation("Tell", target=targets.SqsQueue(sqs.Queue(base.stack, "Queue")))
    operator = iam.Role(base.stack, "Operator", assumed_by=iam.AccountRootPrincipal())
    plain[0].grant_control(operator)
    dashboard = MlDashboard(base.stack, "Dashboard", alarm_topic=base.topic, dashboard_name="churn")
    dashboard.add_endpoint("Plain", endpoint_name="churn")
    dashboard.add_endpoint(
        "Watched",
        endpoint_name="other",
        variant_name="A",
        maximum_latency=cdk.Duration.millis(150),
        idle=cdk.Duration.hours(6),
        hourly_cost=0.46,
    )
    for monitor in (full, batch):
        dashboard.add_monitor(monitor)
    dashboard.add_pipeline("Training", pipeline_name="Churn-Training")
    dashboard.add_jobs("Jobs", roles=[base.role])
    dashboard.add_idle_machines("Machines", metrics=idle_metrics("Notebooks", "Apps"))


@pytest.fixture(scope="session")
def monitoring(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_build)["monitoring"]
