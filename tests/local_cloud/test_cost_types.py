"""Budget actions and Cost Explorer, as the APIs describe them, and a stop that stops."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.conftest import Cloud, Stack

ACCOUNT = "123456789012"


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def role(service: str, *policies: Any) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return resource(
        "IAM::Role",
        AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]},
        ManagedPolicyArns=list(policies),
    )


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return resource("IAM::ManagedPolicy", PolicyDocument={"Version": "2012-10-17", "Statement": list(statements)})


DENY = {"Effect": "Deny", "Action": "sagemaker:CreateApp", "Resource": "*"}
ATTACH = {
    "Effect": "Allow",
    "Action": ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
    "Resource": {"Fn::GetAtt": ["People", "Arn"]},
    "Condition": {"ArnEquals": {"iam:PolicyARN": {"Ref": "Stop"}}},
}
EXPRESSION = {
    "Dimensions": {
        "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
        "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
        "Values": ["50"],
    }
}
TAGS = {"Tags": {"Key": "mlgov:project", "Values": ["churn"], "MatchOptions": ["EQUALS"]}}
RULES = [{"Type": "INHERITED_VALUE", "InheritedValue": {"DimensionName": "TAG", "DimensionKey": "mlgov:project"}}]


def action(**changes: Any) -> dict[str, Any]:
    properties = {
        "ActionThreshold": {"Type": "PERCENTAGE", "Value": 100},
        "ActionType": "APPLY_IAM_POLICY",
        "ApprovalModel": "AUTOMATIC",
        "BudgetName": {"Ref": "Budget"},
        "Definition": {"IamActionDefinition": {"PolicyArn": {"Ref": "Stop"}, "Roles": [{"Ref": "People"}]}},
        "ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        "NotificationType": "ACTUAL",
        "Subscribers": [{"Type": "EMAIL", "Address": "owner@example.org"}],
    }
    return resource("Budgets::BudgetsAction", **{**properties, **changes})


STOP = {
    "Budget": resource(
        "Budgets::Budget",
        Budget={"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": 500, "Unit": "USD"}},
    ),
    "People": role("sagemaker"),
    "Stop": policy(DENY),
    "Rights": policy(ATTACH),
    "Role": role("budgets", {"Ref": "Rights"}),
    "Action": {**action(), "DependsOn": ["Rights"]},
}
EXPLORER = {
    "Monitor": resource(
        "CE::AnomalyMonitor", MonitorName="churn", MonitorType="CUSTOM", MonitorSpecification=json.dumps(TAGS)
    ),
    "Topic": resource("SNS::Topic"),
    "AtOnce": resource(
        "CE::AnomalySubscription",
        SubscriptionName="churn-immediate",
        Frequency="IMMEDIATE",
        MonitorArnList=[{"Fn::GetAtt": ["Monitor", "MonitorArn"]}],
        Subscribers=[{"Type": "SNS", "Address": {"Ref": "Topic"}}],
        ThresholdExpression=json.dumps(EXPRESSION),
    ),
    "Category": resource(
        "CE::CostCategory",
        Name="ML project",
        RuleVersion="CostCategoryExpression.v1",
        Rules=json.dumps(RULES),
        DefaultValue="unassigned",
        Tags=[{"Key": "owner", "Value": "ana"}],
    ),
}


def described(cloud: Cloud, stack: Stack) -> dict[str, Any]:
    action_id, budget = stack.id("Action").split("|")
    found: dict[str, Any] = cloud.client("budgets").describe_budget_action(
        AccountId=ACCOUNT, BudgetName=budget, ActionId=action_id
    )["Action"]
    return found


def execute(cloud: Cloud, stack: Stack, kind: str) -> None:
    action_id, budget = stack.id("Action").split("|")
    cloud.client("budgets").execute_budget_action(
        AccountId=ACCOUNT, BudgetName=budget, ActionId=action_id, ExecutionType=kind
    )


def attached(cloud: Cloud, stack: Stack) -> list[str]:
    found = cloud.client("iam").list_attached_role_policies(RoleName=stack.id("People"))["AttachedPolicies"]
    return [each["PolicyArn"] for each in found]


def test_a_budget_action_is_as_it_was_declared(cloud: Cloud) -> None:
    stack = cloud.stack(**STOP)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    found = described(cloud, stack)
    assert found["ActionThreshold"] == {"ActionThresholdType": "PERCENTAGE", "ActionThresholdValue": 100.0}
    assert (found["ActionType"], found["ApprovalModel"]) == ("APPLY_IAM_POLICY", "AUTOMATIC")
    assert (found["NotificationType"], found["Status"]) == ("ACTUAL", "STANDBY")
    assert found["Definition"]["IamActionDefinition"] == {
        "PolicyArn": stack.id("Stop"),
        "Roles": [stack.id("People")],
    }
    assert found["ExecutionRoleArn"].endswith(f":role/{stack.id('Role')}")
    assert found["Subscribers"] == [{"SubscriptionType": "EMAIL", "Address": "owner@example.org"}]
    changed = action(ActionThreshold={"Type": "PERCENTAGE", "Value": 120}, ApprovalModel="MANUAL")
    assert stack.update(Action=changed) == "UPDATE_COMPLETE", stack.failures()
    assert described(cloud, stack)["ActionThreshold"]["ActionThresholdValue"] == 120.0
    assert described(cloud, stack)["ApprovalModel"] == "MANUAL"
    assert stack.delete() == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"BudgetName": "none"}, "doesn't exist"),
        ({"ExecutionRoleArn": {"Fn::GetAtt": ["People", "Arn"]}}, "cannot be assumed"),
        ({"Definition": {"IamActionDefinition": {"PolicyArn": {"Ref": "Stop"}}}}, "names no role"),
        ({"ActionType": "RUN_SSM_DOCUMENTS"}, "does not model"),
    ],
)
def test_an_action_that_could_not_act_is_refused(cloud: Cloud, changes: dict[str, Any], why: str) -> None:
    stack = cloud.stack(**{**STOP, "Action": action(**changes)})
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert why in stack.failures()


def test_the_stop_is_attached_and_detached_by_a_role_that_may_nothing_else(enforced_cloud: Cloud) -> None:
    stack = enforced_cloud.stack(**STOP)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    execute(enforced_cloud, stack, "APPROVE_BUDGET_ACTION")
    assert attached(enforced_cloud, stack) == [stack.id("Stop")]
    assert described(enforced_cloud, stack)["Status"] == "EXECUTION_SUCCESS"
    execute(enforced_cloud, stack, "REVERSE_BUDGET_ACTION")
    assert attached(enforced_cloud, stack) == []
    assert described(enforced_cloud, stack)["Status"] == "REVERSE_SUCCESS"
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_role_without_the_right_cannot_stop(enforced_cloud: Cloud) -> None:
    other = {**ATTACH, "Condition": {"ArnEquals": {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/other"}}}
    stack = enforced_cloud.stack(**{**STOP, "Rights": policy(other)})
    with pytest.raises(ClientError, match="AccessDenied"):
        execute(enforced_cloud, stack, "APPROVE_BUDGET_ACTION")
    assert attached(enforced_cloud, stack) == []
    assert stack.delete() == "DELETE_COMPLETE"


def test_an_applied_stop_is_reversed_before_it_is_deleted(cloud: Cloud) -> None:
    stack = cloud.stack(**STOP)
    execute(cloud, stack, "APPROVE_BUDGET_ACTION")
    action_id, budget = stack.id("Action").split("|")
    with pytest.raises(ClientError, match="ResourceLocked"):
        cloud.client("budgets").delete_budget_action(AccountId=ACCOUNT, BudgetName=budget, ActionId=action_id)
    execute(cloud, stack, "RESET_BUDGET_ACTION")
    execute(cloud, stack, "REVERSE_BUDGET_ACTION")
    assert stack.delete() == "DELETE_COMPLETE"


def test_monitor_subscription_and_category_are_as_they_were_declared(cloud: Cloud) -> None:
    stack = cloud.stack(**EXPLORER)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    ce = cloud.client("ce")
    (monitor,) = ce.get_anomaly_monitors(MonitorArnList=[stack.id("Monitor")])["AnomalyMonitors"]
    assert (monitor["MonitorName"], monitor["MonitorType"]) == ("churn", "CUSTOM")
    assert monitor["MonitorSpecification"] == TAGS
    (told,) = ce.get_anomaly_subscriptions(MonitorArn=stack.id("Monitor"))["AnomalySubscriptions"]
    assert (told["Frequency"], told["SubscriptionArn"]) == ("IMMEDIATE", stack.id("AtOnce"))
    assert told["Subscribers"] == [{"Type": "SNS", "Address": stack.id("Topic")}]
    assert told["ThresholdExpression"] == EXPRESSION
    listed = ce.list_cost_category_definitions()["CostCategoryReferences"]
    assert [(each["CostCategoryArn"], each["Name"]) for each in listed] == [(stack.id("Category"), "ML project")]
    category = ce.describe_cost_category_definition(CostCategoryArn=stack.id("Category"))["CostCategory"]
    assert (category["Name"], category["DefaultValue"]) == ("ML project", "unassigned")
    assert category["Rules"] == RULES
    tags = ce.list_tags_for_resource(ResourceArn=stack.id("Category"))["ResourceTags"]
    assert {"Key": "owner", "Value": "ana"} in tags


def test_what_changes_in_place_changes(cloud: Cloud) -> None:
    stack = cloud.stack(**EXPLORER)
    before = {name: stack.id(name) for name in ("Monitor", "AtOnce", "Category")}
    changes = json.loads(json.dumps(EXPLORER))
    changes["Monitor"]["Properties"]["MonitorName"] = "renamed"
    changes["AtOnce"]["Properties"].update(
        Frequency="DAILY", Subscribers=[{"Type": "EMAIL", "Address": "owner@example.org"}]
    )
    changes["Category"]["Properties"]["DefaultValue"] = "nobody"
    assert stack.update(**changes) == "UPDATE_COMPLETE", stack.failures()
    assert {name: stack.id(name) for name in before} == before
    ce = cloud.client("ce")
    (monitor,) = ce.get_anomaly_monitors(MonitorArnList=[before["Monitor"]])["AnomalyMonitors"]
    assert monitor["MonitorName"] == "renamed"
    (told,) = ce.get_anomaly_subscriptions(SubscriptionArnList=[before["AtOnce"]])["AnomalySubscriptions"]
    assert (told["Frequency"], told["Subscribers"][0]["Type"]) == ("DAILY", "EMAIL")
    category = ce.describe_cost_category_definition(CostCategoryArn=before["Category"])["CostCategory"]
    assert category["DefaultValue"] == "nobody"
    assert stack.delete() == "DELETE_COMPLETE"
    assert before["Monitor"] not in [each["MonitorArn"] for each in ce.get_anomaly_monitors()["AnomalyMonitors"]]


@pytest.mark.parametrize(
    ("name", "changes", "why"),
    [
        ("AtOnce", {"Subscribers": [{"Type": "EMAIL", "Address": "owner@example.org"}]}, "go to SNS alone"),
        ("AtOnce", {"Threshold": 50}, "a Threshold or a ThresholdExpression"),
        ("AtOnce", {"MonitorArnList": [f"arn:aws:ce::{ACCOUNT}:anomalymonitor/none"]}, "does not exist"),
        ("Monitor", {"MonitorDimension": "SERVICE"}, "a custom one a specification"),
        ("Monitor", {"MonitorType": "DIMENSIONAL"}, "A managed monitor has a dimension"),
    ],
)
def test_what_cost_explorer_refuses_is_refused(cloud: Cloud, name: str, changes: dict[str, Any], why: str) -> None:
    changed = json.loads(json.dumps(EXPLORER))
    changed[name]["Properties"].update(changes)
    stack = cloud.stack(**changed)
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert why in stack.failures()


def test_an_account_has_one_monitor_of_its_services(cloud: Cloud) -> None:
    services = resource(
        "CE::AnomalyMonitor", MonitorName="services", MonitorType="DIMENSIONAL", MonitorDimension="SERVICE"
    )
    first = cloud.stack(Monitor=services)
    assert first.describe()["StackStatus"] == "CREATE_COMPLETE", first.failures()
    second = cloud.stack(Monitor=services)
    assert "Limit exceeded" in second.failures()
    assert first.delete() == "DELETE_COMPLETE"
