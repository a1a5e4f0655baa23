"""The function that looks for idle machines, on a SageMaker that says what the test wants."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest

from mlgov_constructs.cost.idle import handler as function

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
OURS = [{"Key": "mlgov:project", "Value": "churn"}]
SETTINGS = {
    "idleHours": 24,
    "longestHours": 12,
    "projects": ["churn"],
    "projectTag": "mlgov:project",
    "domains": ["d-1"],
    "stop": False,
    "topic": "topic",
}


class Pages:
    """A paginator over one page for each item, so that every page is read."""

    def __init__(self, member: str, items: list[Any]) -> None:
        self.member, self.items = member, items

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        yield {self.member: []}
        for item in self.items:
            yield {self.member: [item]}


class SageMaker:
    def __init__(self, **found: Any) -> None:
        self.found = found
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refuses = False

    def get_paginator(self, operation: str) -> Any:
        if operation == "list_tags":
            return Tags(self.found.get("tags", {}))
        member = {"list_endpoints": "Endpoints", "list_apps": "Apps"}.get(operation, "NotebookInstances")
        return Pages(member, self.found.get(operation.removeprefix("list_"), []))

    def describe_endpoint(self, **_: Any) -> dict[str, Any]:
        variants: list[dict[str, Any]] = self.found["variants"]
        return {"ProductionVariants": variants}

    def stop_notebook_instance(self, **arguments: Any) -> None:
        self._call("stop_notebook_instance", arguments)

    def delete_app(self, **arguments: Any) -> None:
        self._call("delete_app", arguments)

    def _call(self, name: str, arguments: dict[str, Any]) -> None:
        if self.refuses:
            raise RuntimeError("not now")
        self.calls.append((name, arguments))


class Tags:
    def __init__(self, tags: dict[str, Any]) -> None:
        self.tags = tags

    def paginate(self, **parameters: Any) -> Iterator[dict[str, Any]]:
        yield {"Tags": self.tags.get(parameters["ResourceArn"], OURS)}


class CloudWatch:
    def __init__(self, *values: float) -> None:
        self.values = values
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, _: str) -> CloudWatch:
        return self

    def paginate(self, **parameters: Any) -> list[dict[str, Any]]:
        self.asked.append(parameters)
        return [{"MetricDataResults": [{"Values": [value]} for value in self.values]}, {"MetricDataResults": []}]


def ago(hours: float) -> datetime.datetime:
    return NOW - datetime.timedelta(hours=hours)


def look(sagemaker: SageMaker, cloudwatch: CloudWatch | None = None, **settings: Any) -> list[dict[str, Any]]:
    search = function.Search({**SETTINGS, **settings}, sagemaker, cloudwatch or CloudWatch(), NOW)
    return function.look(search)


def endpoint(hours: float = 48, instances: int = 2, **more: Any) -> SageMaker:
    listed = [{"EndpointName": "scores", "EndpointArn": "arn:scores", "LastModifiedTime": ago(hours)}]
    return SageMaker(
        endpoints=listed, variants=[{"VariantName": "AllTraffic", "CurrentInstanceCount": instances}], **more
    )


def notebook(hours: float = 13, **more: Any) -> SageMaker:
    listed = {
        "NotebookInstanceName": "ana",
        "NotebookInstanceArn": "arn:ana",
        "InstanceType": "ml.t3.medium",
        "LastModifiedTime": ago(hours),
    }
    return SageMaker(notebook_instances=[listed], **more)


def app(hours: float = 13, **changes: Any) -> SageMaker:
    listed = {
        "DomainId": "d-1",
        "SpaceName": "ana",
        "AppType": "JupyterLab",
        "AppName": "default",
        "Status": "InService",
        "CreationTime": ago(hours),
        "ResourceSpec": {"InstanceType": "ml.m5.xlarge"},
    }
    return SageMaker(apps=[{**listed, **changes}])


def test_an_endpoint_that_nobody_asks_is_told_and_left() -> None:
    (found,) = look(endpoint(), stop=True)
    assert (found["kind"], found["name"]) == ("endpoint", "scores")
    assert found["detail"] == "2 instances, no request for 24 hours"
    assert found["outcome"] == "left running: an endpoint is stopped by a person"


@pytest.mark.parametrize("values", [(1.0,), (0.0, 3.0)])
def test_an_endpoint_that_is_asked_is_not_idle(values: tuple[float, ...]) -> None:
    assert look(endpoint(), CloudWatch(*values)) == []


@pytest.mark.parametrize("sagemaker", [endpoint(23), endpoint(instances=0), endpoint(tags={"arn:scores": []})])
def test_new_empty_and_foreign_endpoints_are_passed_over(sagemaker: SageMaker) -> None:
    assert look(sagemaker) == []


def test_requests_are_counted_for_each_variant_and_the_queue() -> None:
    cloudwatch = CloudWatch()
    look(endpoint(), cloudwatch)
    (asked,) = cloudwatch.asked
    metrics = [query["MetricStat"]["Metric"] for query in asked["MetricDataQueries"]]
    assert [metric["MetricName"] for metric in metrics] == ["Invocations", "InvocationsProcessed"]
    assert metrics[0]["Dimensions"] == [
        {"Name": "EndpointName", "Value": "scores"},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ]
    assert (asked["StartTime"], asked["EndTime"]) == (ago(24), NOW)


def test_a_notebook_that_runs_too_long_is_told_and_left() -> None:
    sagemaker = notebook()
    (found,) = look(sagemaker)
    assert (found["name"], found["hours"], found["outcome"]) == ("ana", 13, "left running")
    assert sagemaker.calls == []


def test_a_notebook_is_stopped_when_asked() -> None:
    sagemaker = notebook()
    (found,) = look(sagemaker, stop=True)
    assert found["outcome"] == "stopped"
    assert sagemaker.calls == [("stop_notebook_instance", {"NotebookInstanceName": "ana"})]


@pytest.mark.parametrize("tags", [[], [{"Key": "mlgov:project", "Value": "other"}]])
def test_notebooks_of_others_are_passed_over(tags: list[dict[str, str]]) -> None:
    sagemaker = notebook(tags={"arn:ana": tags})
    assert look(sagemaker, stop=True) == []
    assert sagemaker.calls == []


def test_of_all_projects_each_with_the_tag_counts() -> None:
    other = [{"Key": "mlgov:project", "Value": "other"}]
    assert len(look(notebook(tags={"arn:ana": other}), projects=[])) == 1
    assert look(notebook(tags={"arn:ana": []}), projects=[]) == []


def test_a_notebook_that_just_started_is_left() -> None:
    assert look(notebook(11.9), stop=True) == []


def test_an_app_is_ended_when_asked() -> None:
    sagemaker = app()
    (found,) = look(sagemaker, stop=True)
    assert found["name"] == "JupyterLab/default of ana"
    (call,) = sagemaker.calls
    assert call == (
        "delete_app",
        {"DomainId": "d-1", "SpaceName": "ana", "AppType": "JupyterLab", "AppName": "default"},
    )


@pytest.mark.parametrize(
    "changes",
    [{"hours": 2}, {"Status": "Deleted"}, {"ResourceSpec": {"InstanceType": "system"}}, {"ResourceSpec": {}}],
)
def test_apps_that_cost_nothing_are_left(changes: dict[str, Any]) -> None:
    sagemaker = app(**changes)
    assert look(sagemaker, stop=True) == []
    assert sagemaker.calls == []


def test_what_cannot_be_stopped_is_said() -> None:
    sagemaker = notebook()
    sagemaker.refuses = True
    (found,) = look(sagemaker, stop=True)
    assert found["outcome"] == "could not be stopped: not now"


class Topic:
    def __init__(self) -> None:
        self.notices: list[dict[str, str]] = []

    def publish(self, **notice: str) -> None:
        self.notices.append(notice)


@pytest.mark.parametrize(("hours", "notices"), [(13, 1), (1, 0)])
def test_the_topic_is_told_when_something_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], hours: float, notices: int
) -> None:
    topic = Topic()
    age = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=hours)
    sagemaker = notebook()
    sagemaker.found["notebook_instances"][0]["LastModifiedTime"] = age
    clients = {"sagemaker": sagemaker, "cloudwatch": CloudWatch(), "sns": topic}
    monkeypatch.setattr("boto3.client", lambda name, **_: clients[name])
    monkeypatch.setenv("SETTINGS", json.dumps(SETTINGS))
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "idle")
    answer = function.handler({}, None)
    assert len(answer["found"]) == len(topic.notices) == notices
    json.dumps(answer)
    line = json.loads(capsys.readouterr().out)
    assert (line["Detector"], line["LongRunningNotebooks"]) == ("idle", notices)
    if notices:
        assert topic.notices == [
            {
                "TopicArn": "topic",
                "Subject": "1 idle machine in SageMaker",
                "Message": "notebook ana: ml.t3.medium, running for 13 hours; left running",
            }
        ]


def test_what_was_found_is_counted_as_metrics() -> None:
    found = [{"kind": "endpoint"}, {"kind": "app"}, {"kind": "app"}]
    line = function.counted(found, "idle", NOW)
    (metrics,) = line["_aws"]["CloudWatchMetrics"]
    assert (metrics["Namespace"], metrics["Dimensions"]) == ("MlGovernance/Idle", [["Detector"]])
    assert line["_aws"]["Timestamp"] == NOW.timestamp() * 1000
    assert {each["Name"]: line[each["Name"]] for each in metrics["Metrics"]} == {
        "IdleEndpoints": 1,
        "LongRunningNotebooks": 0,
        "LongRunningApps": 2,
    }
