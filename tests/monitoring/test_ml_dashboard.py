from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.monitoring import MlDashboard
from tests.monitoring.conftest import ground, idle_metrics
from tests.monitoring.test_monitors import alarm, rule, text
from tests.templates import Template, of_type


@pytest.fixture(scope="session")
def widgets(monitoring: Template) -> list[dict[str, Any]]:
    (dashboard,) = of_type(monitoring, "AWS::CloudWatch::Dashboard").values()
    assert dashboard["Properties"]["DashboardName"] == "churn"
    found: list[dict[str, Any]] = json.loads(text(dashboard["Properties"]["DashboardBody"]))["widgets"]
    return found


def titled(widgets: list[dict[str, Any]], title: str) -> list[dict[str, Any]]:
    return [widget["properties"] for widget in widgets if widget["properties"].get("title") == title]


def test_each_thing_has_a_row_with_its_name(widgets: list[dict[str, Any]]) -> None:
    headings = [widget["properties"]["markdown"] for widget in widgets if widget["type"] == "text"]
    assert headings[:3] == ["## Endpoint churn", "## Endpoint other", "## Monitor churn-data"]
    assert headings[-3:] == ["## Pipeline Churn-Training", "## Jobs", "## Idle machines"]


def test_an_endpoint_shows_requests_errors_and_latency(widgets: list[dict[str, Any]]) -> None:
    requests = titled(widgets, "Requests")[0]["metrics"]
    assert [metric[:2] for metric in requests] == [
        ["AWS/SageMaker", "Invocations"],
        ["AWS/SageMaker", "Invocation4XXErrors"],
        ["AWS/SageMaker", "Invocation5XXErrors"],
    ]
    assert requests[0][2:6] == ["EndpointName", "churn", "VariantName", "AllTraffic"]
    latency = titled(widgets, "Latency, µs")[0]["metrics"]
    assert [metric[1] for metric in latency] == ["ModelLatency", "OverheadLatency"]


def test_the_cost_of_idle_is_drawn_when_the_price_is_known(widgets: list[dict[str, Any]]) -> None:
    ((first, *_),) = (widget["metrics"] for widget in titled(widgets, "Cost of idle"))
    assert first[0]["expression"] == "IF(FILL(requests, 0) < 1, 0.46, 0)"
    assert len(titled(widgets, "Requests an hour")) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "DashboardPlainErrors",
            {
                "Namespace": "AWS/SageMaker",
                "MetricName": "Invocation5XXErrors",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            },
        ),
        (
            "DashboardPlainIdle",
            {
                "Namespace": "AWS/SageMaker",
                "MetricName": "Invocations",
                "Statistic": "Sum",
                "EvaluationPeriods": 24,
                "Period": 3600,
                "Threshold": 1,
                "ComparisonOperator": "LessThanThreshold",
            },
        ),
        ("DashboardWatchedIdle", {"EvaluationPeriods": 6, "TreatMissingData": "breaching"}),
        (
            "DashboardWatchedLatency",
            {
                "Namespace": "AWS/SageMaker",
                "MetricName": "ModelLatency",
                "ExtendedStatistic": "p99",
                "Threshold": 150_000,
                "EvaluationPeriods": 3,
                "Period": 300,
            },
        ),
        (
            "DashboardTrainingFailed",
            {
                "Namespace": "AWS/Sagemaker/ModelBuildingPipeline",
                "MetricName": "ExecutionFailed",
                "Threshold": 1,
                "EvaluationPeriods": 1,
                "Period": 3600,
            },
        ),
        (
            "DashboardJobsFailed",
            {"Namespace": "AWS/Events", "MetricName": "TriggeredRules", "Threshold": 1, "EvaluationPeriods": 1},
        ),
    ],
)
def test_alarms_tell_the_topic(monitoring: Template, name: str, expected: dict[str, Any]) -> None:
    found = alarm(monitoring, name)
    assert {key: found[key] for key in expected} == expected
    assert [text(arn) for arn in found["AlarmActions"]] == [text(arn) for arn in found["OKActions"]] == ["Topic"]


@pytest.mark.parametrize(
    ("name", "dimensions"),
    [
        ("DashboardPlainErrors", {"EndpointName": "churn", "VariantName": "AllTraffic"}),
        ("DashboardPlainIdle", {"EndpointName": "churn", "VariantName": "AllTraffic"}),
        ("DashboardWatchedLatency", {"EndpointName": "other", "VariantName": "A"}),
        ("DashboardTrainingFailed", {"PipelineName": "Churn-Training"}),
        ("DashboardJobsFailed", {"RuleName": "DashboardJobsRule"}),
    ],
)
def test_alarms_look_at_their_own_thing(monitoring: Template, name: str, dimensions: dict[str, str]) -> None:
    found = alarm(monitoring, name)
    assert {each["Name"]: text(each["Value"]) for each in found["Dimensions"]} == dimensions


@pytest.mark.parametrize("name", ["PlainErrors", "TrainingFailed", "JobsFailed", "WatchedLatency"])
def test_silence_is_no_failure(monitoring: Template, name: str) -> None:
    found = alarm(monitoring, f"Dashboard{name}")
    assert found["TreatMissingData"] == "notBreaching"
    assert found["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert found.get("Statistic", "p99") == ("p99" if name == "WatchedLatency" else "Sum")


def test_idle_machines_of_all_kinds_set_off_one_alarm(monitoring: Template, widgets: list[dict[str, Any]]) -> None:
    (graph,) = titled(widgets, "Machines")
    assert [metric[:2] for metric in graph["metrics"]] == [["Idle", "Notebooks"], ["Idle", "Apps"]]
    found = alarm(monitoring, "DashboardMachinesFound")
    assert (found["Threshold"], found["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    expressions = [metric["Expression"] for metric in found["Metrics"] if "Expression" in metric]
    assert expressions == ["FILL(m0, 0) + FILL(m1, 0)"]
    read = [metric["MetricStat"]["Metric"]["MetricName"] for metric in found["Metrics"] if "MetricStat" in metric]
    assert sorted(read) == ["Apps", "Notebooks"]


@pytest.mark.parametrize("count", [0, 11])
def test_an_alarm_of_idle_machines_has_metrics(count: int) -> None:
    base = ground(cdk.App(), "Stack")
    dashboard = MlDashboard(base.stack, "Dashboard", alarm_topic=base.topic)
    with pytest.raises(ConstructError, match=f"{count} metrics of idle machines cannot be watched"):
        dashboard.add_idle_machines("Machines", metrics=idle_metrics(*(f"m{number}" for number in range(count))))


def test_a_monitor_shows_its_runs_and_the_state_of_its_alarms(widgets: list[dict[str, Any]]) -> None:
    runs = titled(widgets, "Runs with violations, failed runs")[0]["metrics"]
    assert [metric[3] for metric in runs] == ["FullViolations", "FullFailures"]
    states = titled(widgets, "Alarms")[0]["alarms"]
    assert list(states) == [
        "FullViolationAlarm",
        "FullFailureAlarm",
        "FullThreshold1",
        "FullThreshold2",
    ]


def test_the_topic_of_a_dashboard_alone_admits_who_tells_it(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app, "alone")
        MlDashboard(base.stack, "Dashboard", alarm_topic=base.topic).add_jobs("Jobs", roles=[base.role])

    (policy,) = of_type(synthesize(build)["alone"], "AWS::SNS::TopicPolicy").values()
    admitted = {each["Sid"] for each in policy["Properties"]["PolicyDocument"]["Statement"]}
    assert {"AllowCloudwatch", "AllowEvents"} < admitted


def test_failed_jobs_are_those_of_the_roles(monitoring: Template) -> None:
    found = rule(monitoring, "DashboardJobsRule")
    either = found["EventPattern"]["detail"]["$or"]
    assert [sorted(each) for each in either] == [
        ["ProcessingJobStatus", "RoleArn"],
        ["RoleArn", "TrainingJobStatus"],
        ["HyperParameterTuningJobStatus", "TrainingJobDefinition"],
    ]
    processing, training, tuning = either
    for roles in (processing["RoleArn"], training["RoleArn"], tuning["TrainingJobDefinition"]["RoleArn"]):
        assert [text(arn) for arn in roles] == ["Role"]
    assert processing["ProcessingJobStatus"] == training["TrainingJobStatus"] == ["Failed"]
    assert tuning["HyperParameterTuningJobStatus"] == ["Failed"]
    assert found["EventPattern"]["source"] == ["aws.sagemaker"]
    assert found["EventPattern"]["detail-type"] == [
        "SageMaker HyperParameter Tuning Job State Change",
        "SageMaker Processing Job State Change",
        "SageMaker Training Job State Change",
    ]
    assert text(found["Targets"][0]["Arn"]) == "Topic"
    assert set(found["Targets"][0]["InputTransformer"]["InputPathsMap"]) == {"what", "job", "why"}


@pytest.mark.parametrize("idle", [cdk.Duration.minutes(90), cdk.Duration.minutes(30), cdk.Duration.days(8)])
def test_an_idle_time_that_no_alarm_can_have_is_refused(idle: cdk.Duration) -> None:
    base = ground(cdk.App(), "Stack")
    dashboard = MlDashboard(base.stack, "Dashboard", alarm_topic=base.topic)
    with pytest.raises(ConstructError, match=r"is out of range. Use whole hours, 1 to 168."):
        dashboard.add_endpoint("Churn", endpoint_name="churn", idle=idle)


def test_jobs_need_roles_and_a_name_is_one() -> None:
    base = ground(cdk.App(), "Stack")
    dashboard = MlDashboard(base.stack, "Dashboard", alarm_topic=base.topic)
    with pytest.raises(ConstructError, match="there are no roles whose jobs could be watched"):
        dashboard.add_jobs("Jobs", roles=[])
    with pytest.raises(ConstructError, match=re.escape("[Stack/Other] dashboard_name 'a b' is no name of a dashboard")):
        MlDashboard(base.stack, "Other", alarm_topic=base.topic, dashboard_name="a b")
