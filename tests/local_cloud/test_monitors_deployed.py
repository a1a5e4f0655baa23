"""Monitors and their dashboard as the constructs make them, deployed, and read back from the APIs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.monitoring import EndpointInput, MlDashboard
from tests.local_cloud.conftest import Cloud, Stack
from tests.monitoring.conftest import Captured, ground

KINDS = ("data_quality", "model_quality", "model_bias", "model_explainability")
ROLE = "arn:aws:iam::123456789012:role/hosting"


@pytest.fixture(scope="module")
def endpoint(cloud: Cloud) -> Iterator[str]:
    """An endpoint that captures its traffic."""
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_model(ModelName="watched", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "registry/churn"})
    variant = {"VariantName": "A", "ModelName": "watched", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://data/churn/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    sagemaker.create_endpoint_config(
        EndpointConfigName="watched", ProductionVariants=[variant], DataCaptureConfig=capture
    )
    sagemaker.create_endpoint(EndpointName="watched", EndpointConfigName="watched")
    waiter = sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName="watched", WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    yield "watched"
    sagemaker.delete_endpoint(EndpointName="watched")
    sagemaker.delete_endpoint_config(EndpointConfigName="watched")
    sagemaker.delete_model(ModelName="watched")


@pytest.fixture(scope="module")
def template(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("monitors")
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    base = ground(app)
    monitors = base.every_kind(monitored=EndpointInput(endpoint, Captured(base.bucket)))
    monitors[0].start_pipeline_on_violation("Retrain", pipeline_name="churn", permissions_boundary=base.boundary)
    dashboard = MlDashboard(base.stack, "Dashboard", alarm_topic=base.topic, dashboard_name="watched")
    dashboard.add_endpoint("Watched", endpoint_name=endpoint)
    for monitor in monitors:
        dashboard.add_monitor(monitor)
    app.synth()
    document = json.loads((folder / "monitoring.template.json").read_text(encoding="utf-8"))
    # The bootstrap stack, which the rule of the CDK looks for, is not part of this test.
    return json.dumps({"Resources": document["Resources"]})


@pytest.fixture(scope="module")
def monitors(cloud: Cloud, template: str) -> Stack:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="monitor-templates")
    s3.put_object(Bucket="monitor-templates", Key="monitors.json", Body=template)
    cloud.client("cloudformation").create_stack(
        StackName="monitors",
        TemplateURL=f"{cloud.local.endpoint}/monitor-templates/monitors.json",
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = Stack(cloud, "monitors", {})
    assert stack.wait() == "CREATE_COMPLETE", stack.failures()
    return stack


def described(cloud: Cloud, kind: str) -> dict[str, Any]:
    """The one job definition of a kind."""
    sagemaker = cloud.client("sagemaker")
    (listed,) = getattr(sagemaker, f"list_{kind}_job_definitions")()["JobDefinitionSummaries"]
    name = listed["MonitoringJobDefinitionName"]
    found: dict[str, Any] = getattr(sagemaker, f"describe_{kind}_job_definition")(JobDefinitionName=name)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_jobs_are_isolated_and_encrypted(cloud: Cloud, monitors: Stack, kind: str) -> None:
    found = described(cloud, kind)
    network = found["NetworkConfig"]
    assert network["EnableNetworkIsolation"] is network["EnableInterContainerTrafficEncryption"] is True
    subnets = cloud.client("ec2").describe_subnets(SubnetIds=network["VpcConfig"]["Subnets"])["Subnets"]
    assert len(subnets) == 2
    keys = {key["KeyArn"] for key in cloud.client("kms").list_keys()["Keys"]}
    prefix = "".join(part.capitalize() for part in kind.split("_"))
    assert found["JobResources"]["ClusterConfig"]["VolumeKmsKeyId"] in keys
    assert found[f"{prefix}JobOutputConfig"]["KmsKeyId"] in keys
    assert found["StoppingCondition"]["MaxRuntimeInSeconds"] == 3600
    tags = cloud.client("sagemaker").list_tags(ResourceArn=found["JobDefinitionArn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"mlgov:project": "churn", "mlgov:deployed-by": "stack"}


def test_schedules_watch_the_endpoint(cloud: Cloud, monitors: Stack, endpoint: str) -> None:
    listed = cloud.client("sagemaker").list_monitoring_schedules(EndpointName=endpoint)["MonitoringScheduleSummaries"]
    types = ["DataQuality", "ModelBias", "ModelExplainability", "ModelQuality"]
    assert sorted(each["MonitoringType"] for each in listed) == types
    assert {each["MonitoringScheduleStatus"] for each in listed} == {"Scheduled"}


def test_rules_tell_the_topic_and_start_the_pipeline(cloud: Cloud, monitors: Stack) -> None:
    events = cloud.client("events")
    own = ("Monitor monitoring-", "Starts pipeline churn when monitor monitoring-")
    rules = [rule for rule in events.list_rules()["Rules"] if rule.get("Description", "").startswith(own)]
    targets = [events.list_targets_by_rule(Rule=rule["Name"])["Targets"][0]["Arn"] for rule in rules]
    assert sorted(arn.split(":")[2] for arn in targets) == ["sagemaker", *["sns"] * 8]
    patterns = [json.loads(rule["EventPattern"])["detail"] for rule in rules]
    places = [pattern["ProcessingOutputConfig"]["Outputs"]["S3Output"]["S3Uri"][1] for pattern in patterns]
    reports = {
        described(cloud, kind)["".join(part.capitalize() for part in kind.split("_")) + "JobOutputConfig"][
            "MonitoringOutputs"
        ][0]["S3Output"]["S3Uri"]
        for kind in KINDS
    }
    assert set(places) == reports


def test_alarms_follow_the_rules_and_stand_on_the_dashboard(cloud: Cloud, monitors: Stack) -> None:
    cloudwatch = cloud.client("cloudwatch")
    names = {rule["Name"] for rule in cloud.client("events").list_rules()["Rules"]}
    alarms = [a for a in cloudwatch.describe_alarms()["MetricAlarms"] if a["MetricName"] == "TriggeredRules"]
    assert len(alarms) == 8
    assert {alarm["Dimensions"][0]["Value"] for alarm in alarms} <= names
    widgets = json.loads(cloudwatch.get_dashboard(DashboardName="watched")["DashboardBody"])["widgets"]
    shown = {arn for widget in widgets if widget["type"] == "alarm" for arn in widget["properties"]["alarms"]}
    assert shown == {alarm["AlarmArn"] for alarm in alarms}


def test_they_go_with_their_stack(cloud: Cloud, monitors: Stack) -> None:
    assert monitors.delete() == "DELETE_COMPLETE", monitors.failures()
    assert cloud.client("sagemaker").list_monitoring_schedules()["MonitoringScheduleSummaries"] == []
