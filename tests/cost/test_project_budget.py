from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.cost import ProjectBudget
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import DataKey
from tests.templates import Template, of_type


def _build(app: cdk.App) -> None:
    stack = cdk.Stack(app, "cost")
    ProjectBudget(
        stack,
        "Budget",
        project="churn",
        monthly_limit=500,
        encryption_key=DataKey(stack, "Key"),
        emails=["owner@example.org", "finance@example.org"],
    )
    other = cdk.Stack(app, "other")
    ProjectBudget(
        other,
        "Budget",
        project="churn",
        monthly_limit=0.5,
        encryption_key=DataKey(other, "Key"),
        actual_thresholds=[90],
        forecast_thresholds=[100, 120],
        project_tag_key="team",
        budget_name="churn-monthly",
    )


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build)


def budget(template: Template) -> dict[str, Any]:
    (found,) = of_type(template, "AWS::Budgets::Budget").values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def test_budget_is_monthly_in_dollars(templates: dict[str, Template]) -> None:
    data = budget(templates["cost"])["Budget"]
    assert (data["BudgetType"], data["TimeUnit"]) == ("COST", "MONTHLY")
    assert data["BudgetLimit"] == {"Amount": 500, "Unit": "USD"}
    assert "BudgetName" not in data
    assert budget(templates["other"])["Budget"]["BudgetName"] == "churn-monthly"


def test_budget_counts_the_project_alone(templates: dict[str, Template]) -> None:
    assert budget(templates["cost"])["Budget"]["CostFilters"] == {"TagKeyValue": ["user:mlgov:project$churn"]}
    assert budget(templates["other"])["Budget"]["CostFilters"] == {"TagKeyValue": ["user:team$churn"]}


def test_what_was_spent_and_what_is_forecast_are_reported(templates: dict[str, Template]) -> None:
    def thresholds(stack: str) -> list[tuple[str, float]]:
        notifications = [n["Notification"] for n in budget(templates[stack])["NotificationsWithSubscribers"]]
        assert {(n["ThresholdType"], n["ComparisonOperator"]) for n in notifications} == {
            ("PERCENTAGE", "GREATER_THAN")
        }
        return [(n["NotificationType"], n["Threshold"]) for n in notifications]

    assert thresholds("cost") == [("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]
    assert thresholds("other") == [("ACTUAL", 90), ("FORECASTED", 100), ("FORECASTED", 120)]


def test_every_notification_tells_the_topic_and_the_people(templates: dict[str, Template]) -> None:
    (topic,) = of_type(templates["cost"], "AWS::SNS::Topic")
    for notification in budget(templates["cost"])["NotificationsWithSubscribers"]:
        assert notification["Subscribers"] == [
            {"SubscriptionType": "SNS", "Address": {"Ref": topic}},
            {"SubscriptionType": "EMAIL", "Address": "owner@example.org"},
            {"SubscriptionType": "EMAIL", "Address": "finance@example.org"},
        ]


def test_topic_is_encrypted_and_admits_budgets_before_the_budget_exists(templates: dict[str, Template]) -> None:
    template = templates["cost"]
    (topic,) = of_type(template, "AWS::SNS::Topic").values()
    (key_id, key), *_ = of_type(template, "AWS::KMS::Key").items()
    assert topic["Properties"]["KmsMasterKeyId"] == {"Fn::GetAtt": [key_id, "Arn"]}
    (policy_id,) = of_type(template, "AWS::SNS::TopicPolicy")
    assert policy_id in of_type(template, "AWS::Budgets::Budget").popitem()[1]["DependsOn"]
    for document in (key["Properties"]["KeyPolicy"], template["Resources"][policy_id]["Properties"]["PolicyDocument"]):
        (allow,) = [s for s in document["Statement"] if s["Principal"] == {"Service": "budgets.amazonaws.com"}]
        assert allow["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_controls_are_claimed_and_hold(templates: dict[str, Template]) -> None:
    (resource,) = of_type(templates["cost"], "AWS::Budgets::Budget").values()
    assert resource["Metadata"]["mlgov"] == {"controls": list(ProjectBudget.CONTROLS)}
    areas = ("MLG-PRT-", "MLG-CST-")
    engine = RuleEngine(control for name, control in CATALOGUE.items() if name.startswith(areas))
    assert engine.check_text(json.dumps(templates["cost"])) == []


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"monthly_limit": 0}, "monthly_limit 0 is no budget"),
        ({"monthly_limit": -5}, "monthly_limit -5 is no budget"),
        ({"monthly_limit": float("nan")}, "monthly_limit nan is no budget"),
        ({"project": ""}, "project '' is no tag value"),
        ({"project": "a$b"}, "project 'a$b' is no tag value"),
        ({"project_tag_key": ""}, "project_tag_key '' is no key of a tag"),
        ({"budget_name": "a:b"}, "budget_name 'a:b' is no name of a budget"),
        ({"emails": ["owner"]}, "'owner' is no e-mail address"),
        ({"emails": [f"p{n}@example.org" for n in range(11)]}, "11 e-mail addresses are too many"),
        ({"actual_thresholds": []}, "actual_thresholds [] never warn"),
        ({"forecast_thresholds": []}, "forecast_thresholds [] never warn"),
        ({"actual_thresholds": [0]}, "actual_thresholds [0] never warn"),
        ({"actual_thresholds": [80, 80]}, "actual_thresholds [80, 80] repeat one"),
        ({"actual_thresholds": range(10, 110, 10)}, "11 thresholds are too many"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    key = DataKey(stack, "Key")
    given = {"project": "churn", "monthly_limit": 500, **arguments}
    with pytest.raises(ConstructError, match=r"^\[Stack/Budget\] ") as error:
        ProjectBudget(stack, "Budget", encryption_key=key, **given)
    assert found in str(error.value)
    assert stack.node.try_find_child("Budget") is None
