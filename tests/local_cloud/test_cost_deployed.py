"""Cost control as the constructs make it, deployed where IAM is evaluated: a stop that stops, a search that finds."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from botocore.exceptions import ClientError

from mlgov_constructs.cost import CostCategories, IdleDetector, ProjectBudget, SpendingAnomalies, SpendingStop
from mlgov_constructs.governance import RequiredTags
from mlgov_constructs.identity import GovernedRole, PermissionsBoundary
from mlgov_constructs.protection import DataKey
from tests.local_cloud.conftest import Cloud, Stack

ACCOUNT = "123456789012"
OURS = [{"Key": "mlgov:project", "Value": "churn"}]
SEEN = {
    "Effect": "Allow",
    "Action": ["sagemaker:ListNotebookInstances", "sagemaker:StartNotebookInstance", "sagemaker:StopNotebookInstance"],
    "Resource": "*",
}


@pytest.fixture(scope="module")
def control(enforced_cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    folder: Path = tmp_path_factory.mktemp("cost")
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    stack = cdk.Stack(app, "cost")
    key = DataKey(stack, "Key")
    boundary = PermissionsBoundary(stack, "Boundary", additional_actions=SpendingStop.BOUNDARY_ACTIONS)
    owner = GovernedRole(
        stack,
        "Owner",
        assumed_by=iam.AccountRootPrincipal(),
        description="Owns the budget",
        permissions_boundary=boundary,
        statements=[],
        role_name="churn-owner",
    )
    people = GovernedRole(
        stack,
        "People",
        assumed_by=iam.AccountRootPrincipal(),
        description="Works on notebooks",
        permissions_boundary=boundary,
        statements=[SEEN],
        role_name="churn-people",
    )
    budget = ProjectBudget(stack, "Budget", project="churn", monthly_limit=500, encryption_key=key)
    SpendingStop(stack, "Stop", budget=budget, roles=[people]).grant_decide(owner)
    IdleDetector(stack, "Idle", projects=["churn"], stop=True, encryption_key=key, permissions_boundary=boundary)
    SpendingAnomalies(stack, "Anomalies", projects=["churn"], encryption_key=key, emails=["owner@example.org"])
    CostCategories(stack, "Categories", name="ML project")
    RequiredTags({"owner": []}).apply(stack, {"owner": "ana"})
    app.synth()
    document = json.loads((folder / "cost.template.json").read_text(encoding="utf-8"))
    deployed = enforced_cloud.stack(**document["Resources"])
    assert deployed.describe()["StackStatus"] == "CREATE_COMPLETE", deployed.failures()
    return deployed


def named(stack: Stack, prefix: str, kind: str) -> str:
    """The id of the one resource of a type whose logical id begins so."""
    (logical_id,) = [name for name, each in stack.resources.items() if name.startswith(prefix) and each["Type"] == kind]
    return stack.id(logical_id)


def notebook(cloud: Cloud, name: str, tags: list[dict[str, str]]) -> None:
    sagemaker = cloud.client("sagemaker")
    role = f"arn:aws:iam::{ACCOUNT}:role/churn-people"
    sagemaker.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=role, Tags=tags)
    wait(cloud, name, "InService")


def wait(cloud: Cloud, name: str, status: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = cloud.client("sagemaker").describe_notebook_instance(NotebookInstanceName=name)
        if found["NotebookInstanceStatus"] == status:
            return
        time.sleep(0.05)
    raise AssertionError(f"{name} did not become {status}")


def look(cloud: Cloud, function: str, **settings: Any) -> list[dict[str, Any]]:
    """Starts the search with other settings, as its schedule would."""
    client = cloud.client("lambda")
    variables = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    changed = {**json.loads(variables["SETTINGS"]), **settings}
    client.update_function_configuration(
        FunctionName=function, Environment={"Variables": {"SETTINGS": json.dumps(changed)}}
    )
    answer = client.invoke(FunctionName=function)
    result = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, result
    found: list[dict[str, Any]] = result["found"]
    return found


def test_the_stop_holds_people_until_it_is_reversed(enforced_cloud: Cloud, control: Stack) -> None:
    action_id, budget = named(control, "Stop", "AWS::Budgets::BudgetsAction").split("|")
    identity = {"AccountId": ACCOUNT, "BudgetName": budget, "ActionId": action_id}
    budgets = enforced_cloud.client("budgets", enforced_cloud.as_role("churn-owner"))
    notebook(enforced_cloud, "held", OURS)
    person = enforced_cloud.client("sagemaker", enforced_cloud.as_role("churn-people"))
    with pytest.raises(ClientError, match="AccessDenied"):
        enforced_cloud.client("budgets", enforced_cloud.as_role("churn-people")).execute_budget_action(
            **identity, ExecutionType="APPROVE_BUDGET_ACTION"
        )
    budgets.execute_budget_action(**identity, ExecutionType="APPROVE_BUDGET_ACTION")
    person.stop_notebook_instance(NotebookInstanceName="held")
    wait(enforced_cloud, "held", "Stopped")
    with pytest.raises(ClientError, match="AccessDenied"):
        person.start_notebook_instance(NotebookInstanceName="held")
    budgets.execute_budget_action(**identity, ExecutionType="REVERSE_BUDGET_ACTION")
    person.start_notebook_instance(NotebookInstanceName="held")
    wait(enforced_cloud, "held", "InService")


def test_the_search_stops_what_is_ours_and_runs_too_long(enforced_cloud: Cloud, control: Stack) -> None:
    notebook(enforced_cloud, "ours", OURS)
    notebook(enforced_cloud, "other", [{"Key": "mlgov:project", "Value": "other"}])
    function = named(control, "Idle", "AWS::Lambda::Function")
    assert look(enforced_cloud, function) == []
    found = look(enforced_cloud, function, longestHours=0)
    assert {each["name"]: each["outcome"] for each in found}["ours"] == "stopped"
    assert "other" not in [each["name"] for each in found]
    wait(enforced_cloud, "ours", "Stopped")


def test_the_role_of_the_search_stops_nothing_of_others(enforced_cloud: Cloud, control: Stack) -> None:
    notebook(enforced_cloud, "theirs", [{"Key": "mlgov:project", "Value": "theirs"}])
    function = named(control, "Idle", "AWS::Lambda::Function")
    (found,) = look(enforced_cloud, function, longestHours=0, projects=["theirs"])
    assert found["outcome"].startswith("could not be stopped")
    assert "AccessDenied" in found["outcome"]


def test_monitor_and_category_are_there(enforced_cloud: Cloud, control: Stack) -> None:
    ce = enforced_cloud.client("ce")
    (monitor,) = ce.get_anomaly_monitors(MonitorArnList=[named(control, "Anomalies", "AWS::CE::AnomalyMonitor")])[
        "AnomalyMonitors"
    ]
    assert monitor["MonitorSpecification"]["Tags"]["Values"] == ["churn"]
    told = ce.get_anomaly_subscriptions(MonitorArn=monitor["MonitorArn"])["AnomalySubscriptions"]
    assert {each["Frequency"] for each in told} == {"IMMEDIATE", "DAILY"}
    arn = named(control, "Categories", "AWS::CE::CostCategory")
    assert {"Key": "owner", "Value": "ana"} in ce.list_tags_for_resource(ResourceArn=arn)["ResourceTags"]


def test_it_goes_without_a_trace(enforced_cloud: Cloud, control: Stack) -> None:
    sagemaker = enforced_cloud.client("sagemaker")
    for name in ("held", "ours", "other", "theirs"):
        if sagemaker.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceStatus"] == "InService":
            sagemaker.stop_notebook_instance(NotebookInstanceName=name)
        wait(enforced_cloud, name, "Stopped")
        sagemaker.delete_notebook_instance(NotebookInstanceName=name)
    assert control.delete() == "DELETE_COMPLETE", control.failures()
    assert "churn-people" not in [role["RoleName"] for role in enforced_cloud.client("iam").list_roles()["Roles"]]
