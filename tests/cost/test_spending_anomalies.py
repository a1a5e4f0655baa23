from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ce as ce

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.cost import SpendingAnomalies
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import DataKey
from tests.templates import Template, of_type

REGIONS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1"}


def _build(app: cdk.App) -> None:
    for partition, region in REGIONS.items():
        stack = cdk.Stack(app, partition, env=cdk.Environment(region=region))
        SpendingAnomalies(
            stack,
            "Anomalies",
            projects=["churn", "uplift"],
            minimum_impact=1_500_000,
            minimum_percentage=12.5,
            encryption_key=DataKey(stack, "Key"),
            emails=["owner@example.org"],
        )
    account = cdk.Stack(app, "account")
    SpendingAnomalies(account, "Anomalies", encryption_key=DataKey(account, "Key"))


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build)


def monitor(template: Template) -> dict[str, Any]:
    (found,) = of_type(template, "AWS::CE::AnomalyMonitor").values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def subscriptions(template: Template) -> dict[str, dict[str, Any]]:
    found = of_type(template, "AWS::CE::AnomalySubscription").values()
    return {each["Properties"]["Frequency"]: each for each in found}


def test_the_tag_of_the_projects_is_watched(templates: dict[str, Template]) -> None:
    properties = monitor(templates["aws"])
    assert properties["MonitorType"] == "CUSTOM"
    assert "MonitorDimension" not in properties
    assert json.loads(properties["MonitorSpecification"]) == {
        "Tags": {"Key": "mlgov:project", "Values": ["churn", "uplift"], "MatchOptions": ["EQUALS"]}
    }


def test_without_projects_every_service_is_watched(templates: dict[str, Template]) -> None:
    properties = monitor(templates["account"])
    assert (properties["MonitorType"], properties["MonitorDimension"]) == ("DIMENSIONAL", "SERVICE")
    assert "MonitorSpecification" not in properties


def test_the_topic_is_told_at_once_and_people_daily(templates: dict[str, Template]) -> None:
    (topic,) = of_type(templates["aws"], "AWS::SNS::Topic")
    (monitor_id,) = of_type(templates["aws"], "AWS::CE::AnomalyMonitor")
    found = subscriptions(templates["aws"])
    assert found["IMMEDIATE"]["Properties"]["Subscribers"] == [{"Type": "SNS", "Address": {"Ref": topic}}]
    assert found["DAILY"]["Properties"]["Subscribers"] == [{"Type": "EMAIL", "Address": "owner@example.org"}]
    for each in found.values():
        assert each["Properties"]["MonitorArnList"] == [{"Fn::GetAtt": [monitor_id, "MonitorArn"]}]
    assert set(subscriptions(templates["account"])) == {"IMMEDIATE"}


def test_both_minimums_must_be_passed(templates: dict[str, Template]) -> None:
    for each in subscriptions(templates["aws"]).values():
        (absolute, relative) = json.loads(each["Properties"]["ThresholdExpression"])["And"]
        assert absolute["Dimensions"] == {
            "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
            "Values": ["1500000"],
        }
        assert relative["Dimensions"]["Values"] == ["12.5"]


@pytest.mark.parametrize("partition", REGIONS)
def test_topic_and_key_admit_the_service_for_this_account_alone(templates: dict[str, Template], partition: str) -> None:
    template = templates[partition]
    (topic_policy,) = of_type(template, "AWS::SNS::TopicPolicy").values()
    (key,) = of_type(template, "AWS::KMS::Key").values()
    for document in (topic_policy["Properties"]["PolicyDocument"], key["Properties"]["KeyPolicy"]):
        (allow,) = [s for s in document["Statement"] if s["Principal"] == {"Service": "costalerts.amazonaws.com"}]
        assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        # A key policy speaks of its own key.
        (topic,) = of_type(template, "AWS::SNS::Topic")
        assert allow["Resource"] == ("*" if "kms:Decrypt" in allow["Action"] else {"Ref": topic})
    assert "arn:aws" not in json.dumps(template)


def test_the_topic_is_encrypted_and_admits_before_it_is_subscribed(templates: dict[str, Template]) -> None:
    (topic,) = of_type(templates["aws"], "AWS::SNS::Topic").values()
    assert "Fn::GetAtt" in topic["Properties"]["KmsMasterKeyId"]
    (topic_policy,) = of_type(templates["aws"], "AWS::SNS::TopicPolicy")
    assert topic_policy in subscriptions(templates["aws"])["IMMEDIATE"]["DependsOn"]


def test_controls_are_claimed_and_hold(templates: dict[str, Template]) -> None:
    for each in subscriptions(templates["aws"]).values():
        assert each["Metadata"]["mlgov"] == {"controls": ["MLG-CST-05"]}
    engine = RuleEngine(c for name, c in CATALOGUE.items() if name.startswith(("MLG-PRT-", "MLG-CST-")))
    assert engine.check_text(json.dumps(templates["aws"])) == []


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"minimum_impact": 0}, "minimum_impact 0 tells of every change"),
        ({"minimum_percentage": float("nan")}, "minimum_percentage nan tells of every change"),
        ({"projects": ["churn", "churn"]}, "project 'churn' is empty or named twice"),
        ({"projects": [""]}, "project '' is empty or named twice"),
        ({"emails": ["owner"]}, "'owner' is no e-mail address"),
        ({"emails": [f"p{n}@example.org" for n in range(11)]}, "11 e-mail addresses are too many"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    key = DataKey(stack, "Key")
    with pytest.raises(ConstructError, match=r"^\[Stack/Anomalies\] ") as error:
        SpendingAnomalies(stack, "Anomalies", encryption_key=key, **arguments)
    assert found in str(error.value)
    assert stack.node.try_find_child("Anomalies") is None


def test_a_long_path_makes_a_name_that_cost_explorer_takes() -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region="us-east-1"))
    made = SpendingAnomalies(stack, "Anomalies" * 20, encryption_key=DataKey(stack, "Key"))
    (name,) = [each.monitor_name for each in made.node.children if isinstance(each, ce.CfnAnomalyMonitor)]
    assert len(name) <= 100


@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1", "cn-north-1"])
def test_a_region_without_cost_explorer_is_refused(region: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region=region))
    with pytest.raises(ConstructError, match=f"region '{region}' has no Cost Explorer"):
        SpendingAnomalies(stack, "Anomalies", encryption_key=DataKey(stack, "Key"))
