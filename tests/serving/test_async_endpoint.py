from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.serving import AsyncEndpoint, AsyncResults
from tests.serving.conftest import REASON, Ground, ground, named
from tests.templates import Template, of_type

CONFIG, ENDPOINT, ALARM = "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint", "AWS::CloudWatch::Alarm"
TARGET, POLICY = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"


def scoring(base: Ground, construct_id: str = "Scoring", **arguments: Any) -> AsyncEndpoint:
    if "model" not in arguments:
        arguments["model"] = base.model(f"{construct_id}Model")
    arguments.setdefault("results", AsyncResults(base.bucket))
    arguments.setdefault("alarm_topic", base.topic)
    return AsyncEndpoint(base.stack, construct_id, encryption_key=base.key, **arguments)


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "queue")
        plain = scoring(base)
        scoring(
            base,
            "Full",
            endpoint_name="churn-nightly",
            results=AsyncResults(base.bucket, "nightly/", success_topic=base.topic, error_topic=base.topic),
            max_capacity=6,
            backlog_per_instance=20,
            concurrency=4,
            instance_type="ml.g5.xlarge",
            local_storage=REASON,
        )
        plain.grant_invoke(iam.Role(base.stack, "User", assumed_by=iam.AccountRootPrincipal()))

    return synthesize(build)["queue"]


def properties(template: Template, resource_type: str, name: str) -> dict[str, Any]:
    values: dict[str, Any] = named(template, resource_type, name)["Properties"]
    return values


def test_results_and_failures_have_the_key_of_the_bucket(template: Template) -> None:
    output = properties(template, CONFIG, "ScoringConfig")["AsyncInferenceConfig"]["OutputConfig"]
    assert output["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    assert output["S3OutputPath"]["Fn::Join"][1][-1] == "/churn/async/output"
    assert output["S3FailurePath"]["Fn::Join"][1][-1] == "/churn/async/failures"


def test_volumes_have_the_key(template: Template) -> None:
    assert properties(template, CONFIG, "ScoringConfig")["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")


def test_it_goes_down_to_zero_and_follows_its_queue(template: Template) -> None:
    target = properties(template, TARGET, "ScoringScalableTarget")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 2)
    tracking = properties(template, POLICY, "ScoringScalingPolicy")["TargetTrackingScalingPolicyConfiguration"]
    metric = tracking["CustomizedMetricSpecification"]
    assert (metric["Namespace"], metric["Statistic"]) == ("AWS/SageMaker", "Average")
    assert [each["Name"] for each in metric["Dimensions"]] == ["EndpointName"]
    assert metric["Dimensions"][0]["Value"]["Fn::GetAtt"][1] == "EndpointName"
    assert (tracking["ScaleInCooldown"], tracking["ScaleOutCooldown"]) == (600, 300)
    assert (metric["MetricName"], tracking["TargetValue"]) == ("ApproximateBacklogSizePerInstance", 5)


def test_a_request_that_waits_starts_the_first_instance(template: Template) -> None:
    alarm = properties(template, ALARM, "ScoringWaitingAlarm")
    assert alarm["MetricName"] == "HasBacklogWithoutCapacity"
    assert alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][1] == "EndpointName"
    (action,) = alarm["AlarmActions"]
    policy = template["Resources"][action["Ref"]]["Properties"]
    assert policy["PolicyType"] == "StepScaling"
    assert policy["ScalingTargetId"]["Ref"].startswith("ScoringScalableTarget")
    assert policy["StepScalingPolicyConfiguration"] == {
        "AdjustmentType": "ChangeInCapacity",
        "Cooldown": 300,
        "MetricAggregationType": "Average",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    }


def test_an_update_goes_back_when_requests_fail(template: Template) -> None:
    deployment = properties(template, ENDPOINT, "Scoring")["DeploymentConfig"]
    (alarm,) = deployment["AutoRollbackConfiguration"]["Alarms"]
    watched = template["Resources"][alarm["AlarmName"]["Ref"]]["Properties"]
    assert watched["MetricName"] == "InvocationFailures"
    name = properties(template, ENDPOINT, "Scoring")["EndpointName"]
    assert watched["Dimensions"] == [{"Name": "EndpointName", "Value": name}]
    assert watched["AlarmActions"][0]["Ref"].startswith("Alarms")


def test_one_instance_is_enough_and_the_reason_is_recorded(template: Template) -> None:
    config = named(template, CONFIG, "ScoringConfig")
    assert config["Properties"]["ProductionVariants"][0]["InitialInstanceCount"] == 1
    ((deviation),) = config["Metadata"]["mlgov"]["deviations"]
    assert deviation["control"] == "MLG-SRV-06"
    assert "wait in a queue" in deviation["reason"]


def test_every_option_is_honoured(template: Template) -> None:
    config = properties(template, CONFIG, "FullConfig")
    asynchronous = config["AsyncInferenceConfig"]
    assert asynchronous["ClientConfig"] == {"MaxConcurrentInvocationsPerInstance": 4}
    assert set(asynchronous["OutputConfig"]["NotificationConfig"]) == {"SuccessTopic", "ErrorTopic"}
    assert asynchronous["OutputConfig"]["S3OutputPath"]["Fn::Join"][1][-1] == "/nightly/output"
    assert "KmsKeyId" not in config
    assert properties(template, ENDPOINT, "Full")["EndpointName"] == "churn-nightly"
    assert properties(template, TARGET, "FullScalableTarget")["MaxCapacity"] == 6


def test_its_role_reads_requests_and_writes_results_only(template: Template) -> None:
    statements = named(template, "AWS::IAM::ManagedPolicy", "RoleRights")["Properties"]["PolicyDocument"]["Statement"]
    reads = json.dumps([s["Resource"] for s in statements if "s3:GetObject*" in s["Action"]])
    writes = json.dumps([s["Resource"] for s in statements if "s3:PutObject" in s["Action"]])
    assert "/churn/async/input/*" in reads
    assert "output" not in reads
    assert "/churn/async/output/*" in writes
    assert "/churn/async/failures/*" in writes
    assert "input" not in writes


def test_a_caller_may_ask_and_read_what_came_of_it(template: Template) -> None:
    text = json.dumps(named(template, "AWS::IAM::Policy", "UserDefaultPolicy"))
    for right in ("sagemaker:InvokeEndpointAsync", "/churn/async/input/*", "/churn/async/output/*", "kms:Decrypt"):
        assert right in text, right


def test_the_rules_agree_with_the_claims(template: Template) -> None:
    controls = [CATALOGUE[name] for name in CATALOGUE if name.startswith("MLG-SRV-")] + [CATALOGUE["MLG-GOV-06"]]
    findings = RuleEngine(controls).check_text(json.dumps(template))
    assert [(f.control.id, f.logical_id) for f in findings if f.status is Status.FAILED] == []
    assert len(of_type(template, ALARM)) == 4


def test_an_update_does_not_ask_for_the_instances_of_an_empty_queue(template: Template) -> None:
    assert "RetainAllVariantProperties" not in properties(template, ENDPOINT, "Scoring")


@pytest.mark.parametrize(
    ("name", "statistic", "without_data"),
    [("ScoringErrorAlarm", "Sum", "notBreaching"), ("ScoringWaitingAlarm", "Average", "missing")],
)
def test_one_request_raises_an_alarm(template: Template, name: str, statistic: str, without_data: str) -> None:
    alarm = properties(template, ALARM, name)
    assert (alarm["Statistic"], alarm["TreatMissingData"]) == (statistic, without_data)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (60, 1)
    assert alarm["Namespace"] == "AWS/SageMaker"
    assert [each["Name"] for each in alarm["Dimensions"]] == ["EndpointName"]


def test_its_role_may_tell_the_topics_of_the_results(template: Template) -> None:
    statements = named(template, "AWS::IAM::ManagedPolicy", "RoleRights")["Properties"]["PolicyDocument"]["Statement"]
    (tell,) = (each for each in statements if each["Action"] == "sns:Publish")
    assert tell["Resource"]["Ref"].startswith("Alarms")


def test_its_backlog_is_a_metric() -> None:
    endpoint = scoring(ground(cdk.App(), "Stack"))
    assert endpoint.metric_backlog().metric_name == "ApproximateBacklogSize"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"instance_type": "ml.g5.xlarge"}, "instance_type 'ml.g5.xlarge' has disks of its host"),
        ({"instance_type": "ml.t2.medium"}, "instance_type 'ml.t2.medium' is burstable and cannot be scaled"),
        ({"max_capacity": 0}, "max_capacity 0 serves nobody"),
        ({"backlog_per_instance": 0}, "backlog_per_instance 0 is not positive"),
        ({"concurrency": 0}, "concurrency 0 is out of range. Use 1 to 1000."),
        ({"concurrency": 1001}, "concurrency 1001 is out of range"),
        ({"endpoint_name": "a_b"}, "endpoint_name 'a_b' is no name"),
        ({"alarm_topic": None}, "alarm_topic is None. Give an ITopic."),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Scoring] {message}")):
        scoring(base, **arguments)
    assert base.stack.node.try_find_child("Scoring") is None


def test_its_instances_stand_in_two_zones() -> None:
    base = ground(cdk.App(), "Stack")
    narrow = base.model("Model", vpc=IsolatedVpc(base.stack, "Narrow", max_azs=1))
    with pytest.raises(ConstructError, match="the VPC of the model has 1 isolated subnet"):
        scoring(base, model=narrow)


def test_who_grants_to_the_endpoint_grants_to_the_role_of_its_model() -> None:
    base = ground(cdk.App(), "Stack")
    assert scoring(base).grant_principal is base.role


def test_results_need_a_bucket_with_a_key() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ValueError, match="of asynchronous results has no customer managed key"):
        AsyncResults(s3.Bucket.from_bucket_name(base.stack, "Plain", "plain"))
