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
ATTACH = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
NAMED = {"ArnEquals": {"iam:PolicyARN": {"Ref": "Policy"}}}
ACCOUNT = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def action(**changes: Any) -> dict[str, Any]:
    properties = {
        "ActionType": "APPLY_IAM_POLICY",
        "NotificationType": "ACTUAL",
        "Definition": {"IamActionDefinition": {"PolicyArn": {"Ref": "Policy"}, "Roles": [{"Ref": "Role"}]}},
        "Subscribers": [{"Type": "SNS", "Address": {"Ref": "Topic"}}],
        **changes,
    }
    kept = {name: value for name, value in properties.items() if value is not None}
    return {"Type": "AWS::Budgets::BudgetsAction", "Properties": kept}


def allow(condition: dict[str, Any] | None, actions: Any = None) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": ATTACH if actions is None else actions, "Resource": "*"}
    return statement | ({"Condition": condition} if condition else {})


def policy(statements: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": statements}}}


def inline(statements: Any) -> dict[str, Any]:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "x"}, "Action": "sts:AssumeRole"}]}
    policies = [{"PolicyName": "a", "PolicyDocument": {"Statement": statements}}]
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "Policies": policies}}


def trusting(service: Any, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust = {"Statement": [statement | ({"Condition": condition} if condition else {})]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}


def subscription(**changes: Any) -> dict[str, Any]:
    properties = {
        "MonitorArnList": [{"Fn::GetAtt": ["Monitor", "MonitorArn"]}],
        "Subscribers": SUBSCRIBERS,
        "ThresholdExpression": "{}",
        **changes,
    }
    kept = {name: value for name, value in properties.items() if value is not None}
    return {"Type": "AWS::CE::AnomalySubscription", "Properties": kept}


def tagged(kind: str, tags: Any = None) -> dict[str, Any]:
    properties = {} if tags is None else {"Tags": tags}
    return {"Type": f"AWS::SageMaker::{kind}", "Properties": properties}


PROJECT = [{"Key": "owner", "Value": "ana"}, {"Key": "mlgov:project", "Value": {"Ref": "Project"}}]
PASSING = [
    ("MLG-CST-01", budget(*BOTH)),
    ("MLG-CST-02", budget(*BOTH)),
    ("MLG-CST-02", budget(CostFilters=None, FilterExpression={"Tags": {"Key": "mlgov:project"}})),
    ("MLG-CST-02", budget(CostFilters=None, BudgetType="USAGE")),
    ("MLG-CST-03", action()),
    ("MLG-CST-03", action(Definition={"IamActionDefinition": {"PolicyArn": "p", "Groups": ["g"]}})),
    ("MLG-CST-03", action(ActionType="APPLY_SCP_POLICY", Definition={"ScpActionDefinition": {"PolicyId": "p"}})),
    ("MLG-CST-04", policy([allow(NAMED), allow(None, "s3:GetObject")])),
    ("MLG-CST-04", policy(allow({"StringEquals": {"iam:PermissionsBoundary": {"Fn::GetAtt": ["B", "Arn"]}}}))),
    ("MLG-CST-04", policy([{**allow(None), "Effect": "Deny"}])),
    ("MLG-CST-04", policy([{"Fn::If": ["Chosen", allow(NAMED), {"Ref": "AWS::NoValue"}]}])),
    ("MLG-CST-04", inline([allow({"ArnLike": {"iam:PolicyARN": "arn:x"}})])),
    ("MLG-CST-04", trusting("budgets.amazonaws.com", ACCOUNT)),
    ("MLG-CST-04", trusting(["lambda.amazonaws.com", "budgets.amazonaws.com"], {"ArnLike": {"aws:SourceArn": "x"}})),
    ("MLG-CST-04", trusting("lambda.amazonaws.com")),
    ("MLG-CST-05", subscription()),
    ("MLG-CST-05", subscription(ThresholdExpression=None, Threshold=50)),
    ("MLG-CST-06", tagged("NotebookInstance", PROJECT)),
    ("MLG-CST-06", tagged("Space", PROJECT[1:])),
    ("MLG-CST-06", tagged("Pipeline")),
]
FAILING = [
    ("MLG-CST-01", budget()),
    ("MLG-CST-01", budget(BOTH[0])),
    ("MLG-CST-01", budget(BOTH[1])),
    ("MLG-CST-01", budget(BOTH[0], notification("FORECASTED", []))),
    ("MLG-CST-02", budget(CostFilters=None)),
    ("MLG-CST-02", budget(CostFilters={"Service": ["Amazon SageMaker"]})),
    ("MLG-CST-03", action(NotificationType="FORECASTED")),
    ("MLG-CST-03", action(Subscribers=None)),
    ("MLG-CST-03", action(Subscribers=[])),
    ("MLG-CST-03", action(Definition={"IamActionDefinition": {"PolicyArn": "p", "Users": ["u"]}})),
    ("MLG-CST-04", policy([allow(None)])),
    ("MLG-CST-04", policy(allow(None, "iam:Attach*"))),
    ("MLG-CST-04", policy([allow({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, "iam:AttachRolePolicy")])),
    ("MLG-CST-04", policy([{"Fn::If": ["Chosen", allow(None), {"Ref": "AWS::NoValue"}]}])),
    ("MLG-CST-04", inline([allow(None)])),
    ("MLG-CST-04", trusting("budgets.amazonaws.com")),
    ("MLG-CST-04", trusting(["lambda.amazonaws.com", "budgets.amazonaws.com"])),
    ("MLG-CST-05", subscription(MonitorArnList=[])),
    ("MLG-CST-05", subscription(Subscribers=[])),
    ("MLG-CST-05", subscription(ThresholdExpression=None)),
    *(
        ("MLG-CST-06", tagged(kind, tags))
        for kind in ("Endpoint", "MlflowTrackingServer", "NotebookInstance", "Space", "UserProfile")
        for tags in (None, [], PROJECT[:1])
    ),
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
