from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

SUBSCRIBERS = [{"SubscriptionType": "SNS", "Address": {"Ref": "Topic"}}]


def notification(kind: str, subscribers: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    told = SUBSCRIBERS if subscribers is None else subscribers
    return {"Notification": {"NotificationType": kind, "Threshold": 80}, "Subscribers": told}


def budget(*notifications: dict[str, Any], **changes: Any) -> dict[str, Any]:
    data = {"BudgetType": "COST", "CostFilters": {"TagKeyValue": ["user:mlgov:project$churn"]}, **changes}
    properties = {
        "Budget": {name: value for name, value in data.items() if value is not None},
        "NotificationsWithSubscribers": list(notifications),
    }
    return {"Type": "AWS::Budgets::Budget", "Properties": properties}


BOTH = (notification("ACTUAL"), notification("FORECASTED"))
PASSING = [
    ("MLG-CST-01", budget(*BOTH)),
    ("MLG-CST-02", budget(*BOTH)),
    ("MLG-CST-02", budget(CostFilters=None, FilterExpression={"Tags": {"Key": "mlgov:project"}})),
    ("MLG-CST-02", budget(CostFilters=None, BudgetType="USAGE")),
]
FAILING = [
    ("MLG-CST-01", budget()),
    ("MLG-CST-01", budget(BOTH[0])),
    ("MLG-CST-01", budget(BOTH[1])),
    ("MLG-CST-01", budget(BOTH[0], notification("FORECASTED", []))),
    ("MLG-CST-02", budget(CostFilters=None)),
    ("MLG-CST-02", budget(CostFilters={"Service": ["Amazon SageMaker"]})),
]


def check(control: str, resource: dict[str, Any]) -> list[tuple[str, str]]:
    findings = engine(control).check_text(json.dumps({"Resources": {"Budget": resource}}))
    return [(finding.control.id, finding.logical_id) for finding in findings]


@pytest.mark.parametrize(("control", "resource"), PASSING)
def test_passes(control: str, resource: dict[str, Any]) -> None:
    assert check(control, resource) == []


@pytest.mark.parametrize(("control", "resource"), FAILING)
def test_fails_and_names_the_resource(control: str, resource: dict[str, Any]) -> None:
    assert check(control, resource) == [(control, "Budget")]


def test_every_control_of_the_area_is_tried_both_ways() -> None:
    area = {name for name in CATALOGUE if name.startswith("MLG-CST-")}
    assert area == {control for control, _ in PASSING} == {control for control, _ in FAILING}
