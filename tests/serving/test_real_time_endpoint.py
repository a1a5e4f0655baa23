from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.instance_types import has_local_storage
from mlgov_constructs.serving import (
    AsyncResults,
    ContainerImage,
    DataCapture,
    DeploymentStrategy,
    EndpointScaling,
    ModelData,
    ScheduledCapacity,
    ShadowVariant,
)
from tests.serving.conftest import DIGEST, REASON, Ground, ground, named
from tests.templates import Template

CONFIG, ENDPOINT = "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"
TARGET, POLICY = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"
ALARM = "AWS::CloudWatch::Alarm"


def properties(serving: Template, resource_type: str, name: str) -> dict[str, Any]:
    values: dict[str, Any] = named(serving, resource_type, name)["Properties"]
    return values


def test_two_instances_answer_without_an_argument(serving: Template) -> None:
    (variant,) = properties(serving, CONFIG, "PlainConfig")["ProductionVariants"]
    assert (variant["InitialInstanceCount"], variant["InstanceType"]) == (2, "ml.m5.large")
    assert variant["ModelName"]["Fn::GetAtt"][0].startswith("Package")
    assert (variant["VariantName"], variant["InitialVariantWeight"]) == ("AllTraffic", 1)


def test_volumes_have_the_key(serving: Template) -> None:
    assert properties(serving, CONFIG, "PlainConfig")["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")


def test_requests_and_answers_are_kept_with_the_key_of_the_bucket(serving: Template) -> None:
    capture = properties(serving, CONFIG, "PlainConfig")["DataCaptureConfig"]
    assert capture["EnableCapture"] is True
    assert capture["InitialSamplingPercentage"] == 100
    assert [option["CaptureMode"] for option in capture["CaptureOptions"]] == ["Input", "Output"]
    assert capture["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    assert capture["DestinationS3Uri"]["Fn::Join"][1][-1] == "/churn/data-capture"
    assert capture["CaptureContentTypeHeader"] == {
        "CsvContentTypes": ["text/csv"],
        "JsonContentTypes": ["application/json"],
    }


def test_the_role_may_write_what_is_kept_and_nothing_else(serving: Template) -> None:
    statements = named(serving, "AWS::IAM::ManagedPolicy", "RoleRights")["Properties"]["PolicyDocument"]["Statement"]
    writes = [s for s in statements if "s3:PutObject" in s["Action"]]
    assert {json.dumps(s["Resource"]).rsplit('"', 2)[-2] for s in writes} == {
        "/churn/data-capture/*",
        "/captured/*",
    }


def test_the_configuration_has_no_name_so_that_it_can_be_replaced(serving: Template) -> None:
    assert "EndpointConfigName" not in properties(serving, CONFIG, "PlainConfig")
    name = properties(serving, ENDPOINT, "Plain")["EndpointConfigName"]["Fn::GetAtt"]
    assert (name[0][:11], name[1]) == ("PlainConfig", "EndpointConfigName")


def test_an_update_tries_one_instance_and_goes_back_by_an_alarm(serving: Template) -> None:
    found = properties(serving, ENDPOINT, "Plain")
    routing = found["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing == {
        "Type": "CANARY",
        "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 600,
    }
    (alarm,) = found["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    watched = serving["Resources"][alarm["AlarmName"]["Ref"]]["Properties"]
    assert watched["MetricName"] == "Invocation5XXErrors"
    assert {d["Name"]: d["Value"] for d in watched["Dimensions"]} == {
        "EndpointName": found["EndpointName"],
        "VariantName": "AllTraffic",
    }


def test_an_alarm_tells_somebody(serving: Template) -> None:
    alarm = named(serving, ALARM, "PlainErrorAlarm")
    assert alarm["Properties"]["AlarmActions"][0]["Ref"].startswith("Alarms")
    assert alarm["Metadata"]["mlgov"]["controls"] == ["MLG-GOV-06"]


def test_an_update_keeps_the_instances_that_scaling_has_reached(serving: Template) -> None:
    found = properties(serving, ENDPOINT, "Plain")
    assert found["RetainAllVariantProperties"] is True
    assert {"VariantPropertyType": "DataCaptureConfig"} in found["ExcludeRetainedVariantProperties"]


def test_instances_follow_the_load_without_an_argument(serving: Template) -> None:
    target = properties(serving, TARGET, "Plain")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 4)
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredInstanceCount"
    assert target["ResourceId"]["Fn::Join"][1][0::2] == ["endpoint/", "/variant/AllTraffic"]
    policy = properties(serving, POLICY, "Plain")
    assert policy["ScalingTargetId"]["Ref"].startswith("PlainScalableTarget")
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 600
    assert tracking["PredefinedMetricSpecification"] == {
        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
    }


@pytest.mark.parametrize(("key", "value"), [("mlgov:project", "churn"), ("mlgov:deployed-by", "stack")])
def test_everything_carries_the_project_and_that_a_stack_keeps_it(serving: Template, key: str, value: str) -> None:
    for resource_type, name in ((CONFIG, "PlainConfig"), (ENDPOINT, "Plain")):
        assert {"Key": key, "Value": value} in properties(serving, resource_type, name)["Tags"]


def test_every_option_is_honoured(serving: Template) -> None:
    config = properties(serving, CONFIG, "FullConfig")
    (variant,), (shadow,) = config["ProductionVariants"], config["ShadowProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.c6i.xlarge", 4)
    assert (shadow["InstanceType"], shadow["InitialInstanceCount"]) == ("ml.c5.large", 2)
    assert (shadow["VariantName"], shadow["InitialVariantWeight"]) == ("Shadow", 0.1)
    assert shadow["ModelName"]["Fn::GetAtt"][0].startswith("Private")
    capture = config["DataCaptureConfig"]
    assert capture["InitialSamplingPercentage"] == 25
    assert capture["CaptureOptions"] == [{"CaptureMode": "Input"}]
    assert capture["DestinationS3Uri"]["Fn::Join"][1][-1] == "/captured"
    endpoint = properties(serving, ENDPOINT, "Full")
    assert endpoint["EndpointName"] == "churn-live"
    assert endpoint["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"] == {
        "Type": "LINEAR",
        "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 120,
    }
    assert len(endpoint["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]) == 2
    latency = properties(serving, ALARM, "FullLatencyAlarm")
    assert (latency["Threshold"], latency["ExtendedStatistic"]) == (250_000, "p99")
    assert latency["AlarmActions"][0]["Ref"].startswith("Alarms")
    target = properties(serving, TARGET, "Full")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (4, 12)
    assert target["ScheduledActions"] == [
        {
            "ScheduledActionName": "schedule-1",
            "Schedule": "cron(0 7 ? * MON-FRI *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 6},
        }
    ]
    tracking = properties(serving, POLICY, "Full")["TargetTrackingScalingPolicyConfiguration"]
    assert (tracking["TargetValue"], tracking["ScaleInCooldown"], tracking["ScaleOutCooldown"]) == (90, 900, 30)


def test_alarms_of_a_team_take_the_place_of_its_own(serving: Template) -> None:
    deployment = properties(serving, ENDPOINT, "Watched")["DeploymentConfig"]
    (alarm,) = deployment["AutoRollbackConfiguration"]["Alarms"]
    assert alarm["AlarmName"]["Ref"].startswith("Business")
    assert deployment["RollingUpdatePolicy"]["MaximumBatchSize"] == {"Type": "CAPACITY_PERCENT", "Value": 50}
    statements = json.dumps(named(serving, "AWS::IAM::ManagedPolicy", "RoleRights"))
    assert '"cloudwatch:DescribeAlarms"' in statements


def test_disks_of_the_host_take_no_key_and_the_reason_is_recorded(serving: Template) -> None:
    config = named(serving, CONFIG, "WatchedConfig")
    assert "KmsKeyId" not in config["Properties"]
    assert config["Metadata"]["mlgov"]["deviations"] == [{"control": "MLG-SRV-05", "reason": REASON.reason}]


def test_a_relaxation_is_recorded_with_its_reason(serving: Template) -> None:
    config, endpoint = named(serving, CONFIG, "RelaxedConfig"), named(serving, ENDPOINT, "Relaxed")
    assert config["Properties"]["ProductionVariants"][0]["InitialInstanceCount"] == 1
    assert "DataCaptureConfig" not in config["Properties"]
    assert "AutoRollbackConfiguration" not in endpoint["Properties"]["DeploymentConfig"]
    assert "RetainAllVariantProperties" not in endpoint["Properties"]
    deviating = [
        deviation["control"]
        for resource in (config, endpoint, named(serving, "AWS::SageMaker::Model", "Open"))
        for deviation in resource["Metadata"]["mlgov"]["deviations"]
    ]
    assert deviating == ["MLG-SRV-06", "MLG-SRV-07", "MLG-SRV-08", "MLG-SRV-09", "MLG-SRV-01", "MLG-SRV-04"]


def test_it_grants_its_use_and_is_a_grantee(serving: Template) -> None:
    policy = named(serving, "AWS::IAM::Policy", "UserDefaultPolicy")
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream"]
    name = properties(serving, ENDPOINT, "Plain")["EndpointName"]
    assert statement["Resource"]["Fn::Join"][1][-1] == f":endpoint/{name.lower()}"
    assert "/churn/lookups/*" in json.dumps(named(serving, "AWS::IAM::ManagedPolicy", "RoleRights"))


def test_its_metrics_are_those_of_its_variant() -> None:
    endpoint = ground(cdk.App(), "Stack").endpoint("Endpoint", endpoint_name="churn")
    for metric, name, statistic in (
        (endpoint.metric_invocations(), "Invocations", "Sum"),
        (endpoint.metric_invocation_4xx_errors(), "Invocation4XXErrors", "Sum"),
        (endpoint.metric_invocation_5xx_errors(), "Invocation5XXErrors", "Sum"),
        (endpoint.metric_model_latency(), "ModelLatency", "p99"),
    ):
        assert (metric.namespace, metric.metric_name, metric.statistic) == ("AWS/SageMaker", name, statistic)
        assert metric.dimensions == {"EndpointName": "churn", "VariantName": "AllTraffic"}
    assert endpoint.metric_cpu_utilization().namespace == "/aws/sagemaker/Endpoints"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"instance_count": 1}, "one instance alone fails with its zone and with every restart (SageMaker.4)"),
        ({"instance_count": 0}, "0 instances serve nobody"),
        (
            {"scaling": EndpointScaling(schedule=(ScheduledCapacity("rate(1 day)", min_capacity=1),))},
            "one instance alone fails",
        ),
        (
            {"scaling": EndpointScaling(schedule=(ScheduledCapacity("rate(1 day)", max_capacity=1),))},
            "one instance alone fails",
        ),
        (
            {"scaling": EndpointScaling(schedule=(ScheduledCapacity("rate(1 day)", min_capacity=9),))},
            "a schedule demands 9 instances, more than max_capacity 4 allows",
        ),
        (
            {"scaling": EndpointScaling(max_capacity=2), "instance_count": 3},
            "max_capacity 2 of the scaling is below instance_count 3",
        ),
        ({"instance_type": "ml.p4d.24xlarge"}, "instance_type 'ml.p4d.24xlarge' is not allowed"),
        ({"instance_type": "ml.g5.xlarge"}, "instance_type 'ml.g5.xlarge' has disks of its host"),
        ({"instance_type": "ml.t2.medium"}, "instance_type 'ml.t2.medium' is burstable and cannot be scaled"),
        ({"endpoint_name": "a_b"}, "endpoint_name 'a_b' is no name of an endpoint"),
        ({"maximum_latency": cdk.Duration.millis(0)}, "no answer takes maximum_latency of 0"),
        ({"data_capture": None}, "nothing says where requests and answers are captured"),
        ({"alarm_topic": None}, "nobody is told when requests fail. Give alarm_topic=..."),
        ({"rollback_alarms": []}, "a canary deployment with 0 rollback_alarms is not possible"),
        (
            {"no_rollback": REASON, "deployment": DeploymentStrategy.canary()},
            "a canary deployment without an alarm would go on whatever happens",
        ),
        ({"deployment": DeploymentStrategy.canary(instances=2)}, "a canary of 2 is more than half of 2 instances"),
        (
            {"deployment": DeploymentStrategy.linear(), "instance_count": 1, "single_instance": REASON},
            "one instance cannot be replaced step by step, as a linear deployment would",
        ),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Endpoint] {message}")):
        base.endpoint("Endpoint", **arguments)
    assert base.stack.node.try_find_child("Endpoint") is None


def test_the_endpoint_knows_what_it_captures() -> None:
    base = ground(cdk.App(), "Stack")
    capture = DataCapture(base.bucket)
    assert base.endpoint("Kept", data_capture=capture).data_capture == capture
    assert base.endpoint("Open", no_data_capture=REASON).data_capture is None


def test_capture_and_its_absence_contradict_each_other() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="no_data_capture says that nothing is captured"):
        base.endpoint("Endpoint", data_capture=DataCapture(base.bucket), no_data_capture=REASON)


def test_one_subnet_is_one_zone() -> None:
    base = ground(cdk.App(), "Stack")

    class OneSubnet:
        vpc_id = base.vpc.vpc_id
        isolated_subnets = base.vpc.isolated_subnets[:1]
        workload_security_group = base.vpc.workload_security_group

        def require(self, *_: Any, **__: Any) -> None:
            """Has every endpoint."""

    with pytest.raises(ConstructError, match="the VPC of the model has 1 isolated subnet"):
        base.endpoint("Endpoint", model=base.model("Model", vpc=OneSubnet()))


def test_a_shadow_is_of_the_same_project_and_has_one_artifact() -> None:
    base = ground(cdk.App(), "Stack")
    other = base.model("Other", role=base.job_role("Fraud", project="fraud"))
    with pytest.raises(ConstructError, match="the shadow is of project 'fraud', the model of 'churn'"):
        base.endpoint("Endpoint", shadow=ShadowVariant(other))
    image = ContainerImage.from_uri(f"a@{DIGEST}")
    many = base.model("Many", image=image, model_data=ModelData(base.bucket, "churn/many/"))
    with pytest.raises(ConstructError, match="SageMaker gives no shadow to an endpoint of many models"):
        base.endpoint("Third", shadow=ShadowVariant(many))


def test_a_shadow_of_one_instance_takes_a_reason() -> None:
    base = ground(cdk.App(), "Stack")
    shadow = ShadowVariant(base.model("Other"), instance_count=1)
    with pytest.raises(ConstructError, match="a shadow on one instance alone misses requests"):
        base.endpoint("Endpoint", shadow=shadow)
    endpoint = base.endpoint("Relaxed", shadow=shadow, single_instance=REASON)
    metadata = endpoint.node.find_child("Config").cfn_options.metadata["mlgov"]  # type: ignore[attr-defined]
    assert [each["control"] for each in metadata["deviations"]] == ["MLG-SRV-06"]


def _no_key(base: Ground) -> object:
    return DataCapture(s3.Bucket.from_bucket_name(base.stack, "Plain", "plain"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_no_key, "The bucket Stack/Plain of the data capture has no customer managed key"),
        (lambda base: DataCapture(base.bucket, prefix="/"), "Data capture without a prefix would be the whole bucket"),
        (
            lambda base: AsyncResults(base.bucket, prefix="s3://data/churn"),
            "What an asynchronous endpoint keeps has the prefix 's3://data/churn', which is an address",
        ),
        (lambda base: DataCapture(base.bucket, percentage=0), "Data capture of 0 percent is out of range"),
        (lambda _: ScheduledCapacity("0 7 * * *", min_capacity=2), "Schedule '0 7 * * *' is none that Application"),
        (lambda _: ScheduledCapacity("rate(1 days)", min_capacity=2), "Schedule 'rate(1 days)' is none"),
        (
            lambda _: ScheduledCapacity("rate(2 days)", min_capacity=2, time_zone="Berlin"),
            "Time zone 'Berlin' does not exist",
        ),
        (
            lambda _: ScheduledCapacity("cron(0 7 ? * MOO-FRI *)", min_capacity=2),
            "is none that Application Auto Scaling",
        ),
        (lambda _: ScheduledCapacity("cron(0 7 * * * *)", min_capacity=2), "with ? for the day that is not said"),
        (
            lambda _: ScheduledCapacity("at(2030-02-30T08:00:00)", min_capacity=2),
            "is none that Application Auto Scaling",
        ),
        (
            lambda _: ScheduledCapacity("rate(1 day)", min_capacity=9, max_capacity=3),
            "Schedule 'rate(1 day)' allows 3 instances and demands 9",
        ),
        (lambda _: ScheduledCapacity("rate(1 day)"), "Schedule 'rate(1 day)' changes nothing"),
        (
            lambda base: ModelData(base.bucket, "s3://data/m.tar.gz"),
            "The key 's3://data/m.tar.gz' of a model is an address",
        ),
        (lambda _: EndpointScaling(invocations_per_instance=0), "invocations_per_instance 0 is not positive"),
        (lambda _: DeploymentStrategy.canary(instances=1, percentage=10), "A step has instances and a percentage"),
        (lambda _: DeploymentStrategy.canary(instances=0), "A step of 0 instances tries nothing"),
        (lambda _: DeploymentStrategy.canary(percentage=60), "A step of 60 percent is out of range"),
        (lambda _: DeploymentStrategy.linear(percentage=5), "A linear step of 5 percent is out of range"),
        (lambda _: DeploymentStrategy.canary(wait=cdk.Duration.hours(2)), "wait of 7200 seconds is out of range"),
        (
            lambda _: DeploymentStrategy.rolling(percentage=5, wait=cdk.Duration.hours(1)),
            "The deployment waits 72000 seconds. SageMaker takes up to 28800.",
        ),
        (lambda _: DeploymentStrategy("CANARYY"), "'CANARYY' is no kind of deployment"),
        (lambda base: ShadowVariant(base.model("Model"), percentage=0), "A shadow of 0 percent is out of range"),
        (lambda base: ShadowVariant(base.model("Model"), instance_count=0), "A shadow on 0 instances sees nothing"),
    ],
)
def test_a_bad_setting_is_refused(make: Callable[[Ground], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make(ground(cdk.App(), "Stack"))


@pytest.mark.parametrize(
    ("instance_type", "local"),
    [
        ("ml.m5.large", False),
        ("ml.m5d.large", True),
        ("ml.m6gd.large", True),
        ("ml.g4dn.xlarge", True),
        ("ml.g5.xlarge", True),
        ("ml.g6e.xlarge", True),
        ("ml.p4de.24xlarge", True),
        ("ml.p5en.48xlarge", True),
        ("ml.p6-b200.48xlarge", True),
        ("ml.trn1.2xlarge", True),
        ("ml.inf2.xlarge", False),
        ("ml.p3.2xlarge", False),
        ("ml.r8g.large", False),
    ],
)
def test_disks_of_the_host_are_known(instance_type: str, local: bool) -> None:
    assert has_local_storage(instance_type) is local


def test_a_relaxation_needs_more_than_a_word() -> None:
    with pytest.raises(ValueError, match="does not explain"):
        Relaxation("sandbox")


def test_an_alarm_is_made_for_itself_when_its_latency_is_limited() -> None:
    base = ground(cdk.App(), "Stack")
    alarm = cloudwatch.Alarm.from_alarm_arn(
        base.stack, "Alarm", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:business"
    )
    endpoint = base.endpoint("Endpoint", rollback_alarms=[alarm], maximum_latency=cdk.Duration.seconds(1))
    assert endpoint.node.try_find_child("LatencyAlarm") is not None
    assert endpoint.node.try_find_child("ErrorAlarm") is None
