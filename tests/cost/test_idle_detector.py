from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.cost import IdleDetector
from mlgov_constructs.cost.idle import handler
from mlgov_constructs.cost.idle_detector import METRICS
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.protection import DataKey
from tests.environments import REGIONS
from tests.templates import Template, of_type


def detector(scope: cdk.Stack, **arguments: Any) -> IdleDetector:
    key, boundary = DataKey(scope, "Key"), PermissionsBoundary(scope, "Boundary")
    return IdleDetector(scope, "Idle", encryption_key=key, permissions_boundary=boundary, **arguments)


def _build(app: cdk.App) -> None:
    for partition, region in REGIONS.items():
        detector(cdk.Stack(app, partition, env=cdk.Environment(region=region)))
    detector(
        cdk.Stack(app, "stops"),
        projects=["churn"],
        domain_ids=["d-1"],
        stop=True,
        idle=cdk.Duration.hours(6),
        longest_run=cdk.Duration.hours(8),
        interval=cdk.Duration.hours(1),
        emails=["owner@example.org"],
    )
    detector(cdk.Stack(app, "all"), stop=True)


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build)


def properties(template: Template, resource_type: str) -> dict[str, Any]:
    (found,) = of_type(template, resource_type).values()
    result: dict[str, Any] = found["Properties"]
    return result


def statements(template: Template) -> dict[str, dict[str, Any]]:
    (rights,) = [
        resource["Properties"]
        for name, resource in of_type(template, "AWS::IAM::ManagedPolicy").items()
        if name.startswith("IdleRoleRights")
    ]
    return {statement["Sid"]: statement for statement in rights["PolicyDocument"]["Statement"]}


def settings(template: Template) -> dict[str, Any]:
    text = properties(template, "AWS::Lambda::Function")["Environment"]["Variables"]["SETTINGS"]
    joined = "".join(part if isinstance(part, str) else "TOPIC" for part in text["Fn::Join"][1])
    result: dict[str, Any] = json.loads(joined)
    return result


def test_it_looks_once_a_day_and_stops_nothing(templates: dict[str, Template]) -> None:
    assert properties(templates["aws"], "AWS::Events::Rule")["ScheduleExpression"] == "rate(24 hours)"
    assert settings(templates["aws"]) == {
        "idleHours": 24,
        "longestHours": 12,
        "projects": [],
        "projectTag": "mlgov:project",
        "domains": [],
        "stop": False,
        "topic": "TOPIC",
    }


def test_settings_reach_the_function(templates: dict[str, Template]) -> None:
    assert properties(templates["stops"], "AWS::Events::Rule")["ScheduleExpression"] == "rate(1 hour)"
    found = settings(templates["stops"])
    assert (found["idleHours"], found["longestHours"], found["stop"]) == (6, 8, True)
    assert (found["projects"], found["domains"]) == (["churn"], ["d-1"])


@pytest.mark.parametrize("partition", REGIONS)
def test_without_stop_the_role_can_stop_nothing(templates: dict[str, Template], partition: str) -> None:
    found = statements(templates[partition])
    assert set(found) == {"WriteOwnLog", "SeeMachines", "SeeWhoseTheyAre", "TellTopic", "EncryptNotices"}
    assert "arn:aws" not in json.dumps(templates[partition]["Resources"])


def test_it_sees_machines_and_tells_its_own_topic_alone(templates: dict[str, Template]) -> None:
    found = statements(templates["aws"])
    assert {sid for sid, each in found.items() if each["Resource"] == "*"} == {"SeeMachines"}
    kinds = [resource["Fn::Join"][1][-1] for resource in found["SeeWhoseTheyAre"]["Resource"]]
    assert [kind.rsplit(":", 1)[1] for kind in kinds] == ["endpoint/*", "notebook-instance/*"]
    (topic,), (key,) = of_type(templates["aws"], "AWS::SNS::Topic"), of_type(templates["aws"], "AWS::KMS::Key")
    assert found["TellTopic"]["Resource"] == {"Ref": topic}
    assert found["EncryptNotices"]["Resource"] == {"Fn::GetAtt": [key, "Arn"]}
    assert "sns." in json.dumps(found["EncryptNotices"]["Condition"]["StringEquals"]["kms:ViaService"])


def test_it_stops_what_belongs_to_the_projects_and_domains(templates: dict[str, Template]) -> None:
    found = statements(templates["stops"])
    assert found["StopNotebooks"]["Action"] == "sagemaker:StopNotebookInstance"
    assert found["StopNotebooks"]["Condition"] == {"StringEquals": {"aws:ResourceTag/mlgov:project": ["churn"]}}
    assert found["EndApps"]["Action"] == "sagemaker:DeleteApp"
    assert ":app/d-1/*" in json.dumps(found["EndApps"]["Resource"])
    assert found["StopNotebooks"]["Resource"]["Fn::Join"][1][-1].endswith(":notebook-instance/*")


def test_of_all_projects_it_stops_what_has_one(templates: dict[str, Template]) -> None:
    found = statements(templates["all"])
    assert found["StopNotebooks"]["Condition"] == {"Null": {"aws:ResourceTag/mlgov:project": "false"}}
    assert "EndApps" not in found


def test_it_never_touches_endpoints_or_data(templates: dict[str, Template]) -> None:
    for template in templates.values():
        text = json.dumps(list(statements(template).values()))
        assert not any(word in text for word in ("DeleteEndpoint", "UpdateEndpoint", "s3:", "DeleteNotebook"))


def test_the_role_has_the_boundary(templates: dict[str, Template]) -> None:
    assert "PermissionsBoundary" in properties(templates["aws"], "AWS::IAM::Role")


def test_only_the_rule_starts_the_function(templates: dict[str, Template]) -> None:
    (rule,) = of_type(templates["aws"], "AWS::Events::Rule")
    permission = properties(templates["aws"], "AWS::Lambda::Permission")
    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::GetAtt": [rule, "Arn"]}


def test_its_failure_raises_an_alarm(templates: dict[str, Template]) -> None:
    alarm = properties(templates["stops"], "AWS::CloudWatch::Alarm")
    (function,) = of_type(templates["stops"], "AWS::Lambda::Function")
    (topic,) = of_type(templates["stops"], "AWS::SNS::Topic")
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Period"]) == ("AWS/Lambda", "Errors", 3600)
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]
    assert alarm["AlarmActions"] == [{"Ref": topic}]


def test_topic_and_log_are_encrypted(templates: dict[str, Template]) -> None:
    assert "Fn::GetAtt" in properties(templates["aws"], "AWS::SNS::Topic")["KmsMasterKeyId"]
    log = properties(templates["aws"], "AWS::Logs::LogGroup")
    assert "Fn::GetAtt" in log["KmsKeyId"]
    assert log["RetentionInDays"] == 365
    key = properties(templates["aws"], "AWS::KMS::Key")["KeyPolicy"]["Statement"]
    assert "CloudWatchLogs" in {statement["Sid"] for statement in key}


def test_the_key_is_used_through_sns(templates: dict[str, Template]) -> None:
    through = statements(templates["aws"])["EncryptNotices"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert "sns." in json.dumps(through)
    key = properties(templates["aws"], "AWS::KMS::Key")
    assert "UseThroughServicesSns" in [statement.get("Sid") for statement in key["KeyPolicy"]["Statement"]]


def test_controls_hold(templates: dict[str, Template]) -> None:
    areas = ("MLG-PRT-", "MLG-CST-", "MLG-IDN-", "MLG-GOV-06")
    engine = RuleEngine(control for name, control in CATALOGUE.items() if name.startswith(areas))
    for name in ("aws", "stops"):
        assert engine.check_text(json.dumps(templates[name])) == []
    for kind, claimed in (
        ("AWS::Logs::LogGroup", IdleDetector.LOG_GROUP_CONTROLS),
        ("AWS::CloudWatch::Alarm", IdleDetector.ALARM_CONTROLS),
    ):
        (resource,) = of_type(templates["aws"], kind).values()
        assert resource["Metadata"]["mlgov"] == {"controls": list(claimed)}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"idle": cdk.Duration.minutes(30)}, "idle of 0.5 hours is out of range"),
        ({"longest_run": cdk.Duration.days(15)}, "longest_run of 360 hours is out of range"),
        ({"interval": cdk.Duration.days(8)}, "interval of 192 hours is out of range"),
        ({"emails": ["owner"]}, "'owner' is no e-mail address"),
        ({"domain_ids": ["churn"]}, "'churn' is no id of a Studio domain"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=found):
        detector(stack, **arguments)
    assert stack.node.try_find_child("Idle") is None


def test_its_metrics_are_those_that_the_function_counts() -> None:
    metrics = detector(cdk.Stack(cdk.App(), "Stack"), interval=cdk.Duration.hours(6)).metrics()
    assert {metric.namespace for metric in metrics} == {"MlGovernance/Idle"}
    assert tuple(metric.metric_name for metric in metrics) == METRICS == tuple(handler.METRICS.values())
    assert {metric.period.to_hours() for metric in metrics} == {6}
