"""Monitors, their schedules and a dashboard, as the APIs describe them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

ROLE = "arn:aws:iam::123456789012:role/monitoring"
TAGS = [{"Key": "mlgov:project", "Value": "churn"}]
NETWORK = {
    "EnableInterContainerTrafficEncryption": True,
    "EnableNetworkIsolation": True,
    "VpcConfig": {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]},
}
CLUSTER = {"InstanceCount": 2, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20, "VolumeKmsKeyId": "key-1"}
REPORTS = {"S3Uri": "s3://data/churn/monitoring", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
TRAFFIC = {"EndpointInput": {"EndpointName": "monitored", "LocalPath": "/opt/ml/processing/input/endpoint"}}
BATCH = {
    "BatchTransformInput": {
        "DataCapturedDestinationS3Uri": "s3://data/churn/captured",
        "DatasetFormat": {"Csv": {"Header": True}},
        "LocalPath": "/opt/ml/processing/input/transform",
    }
}
TRUTH = {"GroundTruthS3Input": {"S3Uri": "s3://data/churn/ground-truth"}}
IMAGE = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "DataQuality": ({"Environment": {"publish_cloudwatch_metrics": "Enabled"}}, TRAFFIC),
    "ModelQuality": ({"ProblemType": "Regression"}, TRAFFIC | TRUTH),
    "ModelBias": ({"ConfigUri": "s3://data/churn/bias.json"}, BATCH | TRUTH),
    "ModelExplainability": ({"ConfigUri": "s3://data/churn/shap.json"}, TRAFFIC),
}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def definition(kind: str, *, max_runtime: int = 1800, **changes: Any) -> dict[str, Any]:
    application, job_input = KINDS[kind]
    properties = {
        f"{kind}AppSpecification": {"ImageUri": IMAGE, **application},
        f"{kind}BaselineConfig": {"ConstraintsResource": {"S3Uri": "s3://data/churn/constraints.json"}},
        f"{kind}JobInput": job_input,
        f"{kind}JobOutputConfig": {"KmsKeyId": "key-2", "MonitoringOutputs": [{"S3Output": REPORTS}]},
        "JobResources": {"ClusterConfig": CLUSTER},
        "NetworkConfig": NETWORK,
        "RoleArn": ROLE,
        "StoppingCondition": {"MaxRuntimeInSeconds": max_runtime},
        "Tags": TAGS,
    }
    return resource(f"SageMaker::{kind}JobDefinition", **{**properties, **changes})


def schedule(kind: str, name: str, *, definition_id: str = "", **when: Any) -> dict[str, Any]:
    job = {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": definition_id or f"{kind}Definition"}]}]}
    config = {
        "MonitoringJobDefinitionName": job,
        "MonitoringType": kind,
        "ScheduleConfig": when or {"ScheduleExpression": "cron(0 * ? * * *)"},
    }
    return resource(
        "SageMaker::MonitoringSchedule", MonitoringScheduleName=name, MonitoringScheduleConfig=config, Tags=TAGS
    )


@pytest.fixture(scope="module", autouse=True)
def endpoint(cloud: Cloud) -> Iterator[None]:
    """Endpoints, of which one captures data."""
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_model(ModelName="monitored", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    variant = {"VariantName": "A", "ModelName": "monitored", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://data/churn/data-capture",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    for name, options in (("monitored", {"DataCaptureConfig": capture}), ("silent", {})):
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **options)
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName="monitored", WaiterConfig={"Delay": 1, "MaxAttempts": 10}
    )
    yield
    for name in ("monitored", "silent"):
        sagemaker.delete_endpoint(EndpointName=name)
        sagemaker.delete_endpoint_config(EndpointConfigName=name)
    sagemaker.delete_model(ModelName="monitored")


@pytest.fixture(scope="module")
def monitors(cloud: Cloud) -> Stack:
    definitions = {f"{kind}Definition": definition(kind) for kind in KINDS}
    schedules = {f"{kind}Schedule": schedule(kind, f"churn-{kind.lower()}") for kind in KINDS}
    body = json.dumps({"widgets": []})
    dashboard = resource("CloudWatch::Dashboard", DashboardName="churn", DashboardBody=body)
    return cloud.stack(**definitions, **schedules, Dashboard=dashboard)


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_of_a_job_definition_is_described(cloud: Cloud, monitors: Stack, kind: str) -> None:
    assert monitors.describe()["StackStatus"] == "CREATE_COMPLETE", monitors.failures()
    arn = monitors.id(f"{kind}Definition")
    noun = {"DataQuality": "data-quality", "ModelQuality": "model-quality", "ModelBias": "model-bias"}.get(
        kind, "model-explainability"
    )
    assert f":{noun}-job-definition/" in arn
    sagemaker = cloud.client("sagemaker")
    describe = getattr(sagemaker, f"describe_{noun.replace('-', '_')}_job_definition")
    found = describe(JobDefinitionName=arn.rsplit("/", 1)[-1])
    expected = {name: value for name, value in definition(kind)["Properties"].items() if name != "Tags"}
    assert {name: found[name] for name in expected} == expected
    assert found["JobDefinitionArn"] == arn
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == TAGS
    listed = getattr(sagemaker, f"list_{noun.replace('-', '_')}_job_definitions")()["JobDefinitionSummaries"]
    assert [item["MonitoringJobDefinitionArn"] for item in listed] == [arn]


@pytest.mark.parametrize("kind", KINDS)
def test_a_schedule_is_described(cloud: Cloud, monitors: Stack, kind: str) -> None:
    sagemaker = cloud.client("sagemaker")
    found = sagemaker.describe_monitoring_schedule(MonitoringScheduleName=f"churn-{kind.lower()}")
    assert found["MonitoringScheduleStatus"] == "Scheduled"
    assert found["MonitoringType"] == kind
    assert found.get("EndpointName") == (None if kind == "ModelBias" else "monitored")
    assert found["MonitoringScheduleConfig"]["ScheduleConfig"] == {"ScheduleExpression": "cron(0 * ? * * *)"}
    assert sagemaker.list_tags(ResourceArn=monitors.id(f"{kind}Schedule"))["Tags"] == TAGS
    listed = sagemaker.list_monitoring_schedules(MonitoringTypeEquals=kind)["MonitoringScheduleSummaries"]
    assert [item["MonitoringScheduleName"] for item in listed] == [f"churn-{kind.lower()}"]


def test_nothing_has_run(cloud: Cloud, monitors: Stack) -> None:
    assert cloud.client("sagemaker").list_monitoring_executions()["MonitoringExecutionSummaries"] == []


def test_a_schedule_stops_and_starts(cloud: Cloud, monitors: Stack) -> None:
    sagemaker = cloud.client("sagemaker")
    key = {"MonitoringScheduleName": "churn-dataquality"}
    sagemaker.stop_monitoring_schedule(**key)
    assert sagemaker.describe_monitoring_schedule(**key)["MonitoringScheduleStatus"] == "Stopped"
    sagemaker.start_monitoring_schedule(**key)
    assert sagemaker.describe_monitoring_schedule(**key)["MonitoringScheduleStatus"] == "Scheduled"


def test_a_changed_definition_is_made_anew_and_the_schedule_follows(cloud: Cloud, monitors: Stack) -> None:
    before, schedule_before = monitors.id("DataQualityDefinition"), monitors.id("DataQualitySchedule")
    changed = {
        "DataQualityDefinition": definition(
            "DataQuality", JobResources={"ClusterConfig": CLUSTER | {"InstanceCount": 1}}
        ),
        "DataQualitySchedule": schedule("DataQuality", "churn-dataquality", ScheduleExpression="cron(0 3 ? * * *)"),
    }
    assert monitors.update(**changed) == "UPDATE_COMPLETE", monitors.failures()
    assert monitors.id("DataQualityDefinition") != before
    assert monitors.id("DataQualitySchedule") == schedule_before
    sagemaker = cloud.client("sagemaker")
    found = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="churn-dataquality")
    config = found["MonitoringScheduleConfig"]
    assert config["ScheduleConfig"] == {"ScheduleExpression": "cron(0 3 ? * * *)"}
    assert config["MonitoringJobDefinitionName"] == monitors.id("DataQualityDefinition").rsplit("/", 1)[-1]


def test_the_dashboard_is_put_and_changed(cloud: Cloud, monitors: Stack) -> None:
    cloudwatch = cloud.client("cloudwatch")
    assert json.loads(cloudwatch.get_dashboard(DashboardName="churn")["DashboardBody"]) == {"widgets": []}
    text = {"type": "text", "properties": {"markdown": "hello"}}
    body = json.dumps({"widgets": [text]})
    dashboard = resource("CloudWatch::Dashboard", DashboardName="churn", DashboardBody=body)
    assert monitors.update(Dashboard=dashboard) == "UPDATE_COMPLETE", monitors.failures()
    assert json.loads(cloudwatch.get_dashboard(DashboardName="churn")["DashboardBody"]) == {"widgets": [text]}


def test_parquet_is_an_empty_structure(cloud: Cloud) -> None:
    batch = {**BATCH["BatchTransformInput"], "DatasetFormat": {"Parquet": True}}
    stack = cloud.stack(
        DataQualityDefinition=definition("DataQuality", DataQualityJobInput={"BatchTransformInput": batch})
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    name = stack.id("DataQualityDefinition").rsplit("/", 1)[-1]
    found = cloud.client("sagemaker").describe_data_quality_job_definition(JobDefinitionName=name)
    assert found["DataQualityJobInput"]["BatchTransformInput"]["DatasetFormat"] == {"Parquet": {}}
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()


@pytest.mark.parametrize(
    ("changes", "when", "message"),
    [
        ({"DataQualityJobInput": {**TRAFFIC, **BATCH}}, {}, "Exactly one of EndpointInput and BatchTransformInput"),
        (
            {"DataQualityJobInput": {"EndpointInput": {"EndpointName": "gone", "LocalPath": "/opt/ml"}}},
            {},
            "Could not find endpoint",
        ),
        (
            {"DataQualityJobInput": {"EndpointInput": {"EndpointName": "silent", "LocalPath": "/opt/ml"}}},
            {},
            "Data capture is not enabled",
        ),
        ({}, {"ScheduleExpression": "cron(30 3 ? * * *)"}, "is not supported"),
        ({}, {"ScheduleExpression": "rate(1 hour)"}, "is not supported"),
        ({}, {"ScheduleExpression": "NOW"}, "DataAnalysisStartTime"),
        ({"max_runtime": 3601}, {}, "exceeds 3600"),
    ],
)
def test_what_sagemaker_refuses_fails(
    cloud: Cloud, changes: dict[str, Any], when: dict[str, Any], message: str
) -> None:
    stack = cloud.stack(
        DataQualityDefinition=definition("DataQuality", **changes),
        Schedule=schedule("DataQuality", "refused", **when),
    )
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert message in stack.failures()


def test_they_are_destroyed(cloud: Cloud, monitors: Stack) -> None:
    assert monitors.delete() == "DELETE_COMPLETE", monitors.failures()
    sagemaker = cloud.client("sagemaker")
    assert sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"] == []
    assert sagemaker.list_model_bias_job_definitions()["JobDefinitionSummaries"] == []
    assert cloud.client("cloudwatch").list_dashboards()["DashboardEntries"] == []
