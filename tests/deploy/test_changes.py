"""Changes that go wrong, and changes that cannot be made in place, with a small app."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.local_cloud import LocalCloudError
from tests.deploy.apps.budget_app import STACK, synthesize
from tests.deploy.target import Target


@pytest.fixture(scope="module")
def target_with_app(target: Target, deployment: Future[Path], tmp_path_factory: pytest.TempPathFactory) -> Target:
    del deployment  # it goes on meanwhile
    target.deploy(synthesize(tmp_path_factory.mktemp("app"), limit=100))
    return target


def budgets(target: Target) -> dict[str, Any]:
    found = target.client("budgets").describe_budgets(AccountId=target.cloud.account).get("Budgets", [])
    return {item["BudgetName"]: item["BudgetLimit"]["Amount"] for item in found if "churn" in item["BudgetName"]}


def test_a_failing_resource_rolls_the_update_back(target_with_app: Target, tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="cdk deploy failed"):
        target_with_app.deploy(synthesize(tmp_path, limit=200, broken=True))
    assert target_with_app.stack(STACK)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert budgets(target_with_app) == {"churn-budget": "100"}
    events = target_with_app.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    assert [event["LogicalResourceId"] for event in failed] == ["Broken"]
    assert "nobody" in failed[0]["ResourceStatusReason"]


def test_a_type_that_is_not_modelled_fails_before_anything_changes(target_with_app: Target, tmp_path: Path) -> None:
    before = target_with_app.stack(STACK)["StackStatus"]
    with pytest.raises(LocalCloudError, match="AWS::DynamoDB::Table"):
        target_with_app.deploy(synthesize(tmp_path, limit=200, unknown=True))
    assert target_with_app.stack(STACK)["StackStatus"] == before
    assert budgets(target_with_app) == {"churn-budget": "100"}


def test_what_cannot_change_is_replaced(target_with_app: Target, tmp_path: Path) -> None:
    target_with_app.deploy(synthesize(tmp_path, limit=100, name="churn-in-2027"))
    assert target_with_app.stack(STACK)["StackStatus"] == "UPDATE_COMPLETE"
    assert budgets(target_with_app) == {"churn-in-2027": "100"}
