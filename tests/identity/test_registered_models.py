"""Who registers, who decides: what each activity demands of a request about a registered model."""

from __future__ import annotations

from typing import Any

import pytest

from mlgov_constructs.identity.activities import ApproveModels, RegisterModels
from mlgov_constructs.identity.activities.activity import Activity

STAGE, CURRENT = "sagemaker:ModelLifeCycle:Stage", "sagemaker:CurrentModelLifeCycleStage"
TAG = "aws:ResourceTag/mlgov:project"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"


def statement(activity: Activity, sid: str) -> dict[str, Any]:
    (found,) = (each for each in activity.statements() if each["Sid"] == sid)
    return found


def test_a_new_version_is_pending_and_early() -> None:
    assert statement(RegisterModels("churn"), "RegisterModels")["Condition"] == {
        "StringEquals": {"sagemaker:ModelApprovalStatus": ["PendingManualApproval"]},
        "StringEqualsIfExists": {STAGE: ["Proposal", "Development"]},
        "Null": {"sagemaker:CustomerMetadataProperties/mlgov:pipeline-execution": "true"},
    }


def test_groups_bound_where_versions_are_registered() -> None:
    named = statement(RegisterModels("churn", ("sandbox-churn", "churn-*")), "RegisterModels")["Resource"]
    assert [resource.split(":model-package/")[1] for resource in named] == ["sandbox-churn/*", "churn-*/*"]
    assert statement(RegisterModels("churn"), "RegisterModels")["Resource"].endswith(":model-package/*")


@pytest.mark.parametrize(
    ("sid", "stages"),
    [
        ("DevelopModels", ["Proposal", "Development", "QA"]),
        ("ProposeModels", ["PreProduction", "Production", "Archived"]),
    ],
)
def test_who_registers_changes_no_version_that_may_be_approved(sid: str, stages: list[str]) -> None:
    condition = statement(RegisterModels("churn"), sid)["Condition"]
    assert condition["StringEquals"][STAGE] == stages
    assert condition["StringEquals"][TAG] == "churn"
    # A version without a stage may be approved: the key must be there.
    assert condition["StringEquals"][CURRENT] == ["Proposal", "Development", "QA"]
    assert "StringEqualsIfExists" not in condition
    assert condition["Null"]["sagemaker:ModelApprovalStatus"] == "true"


def test_who_registers_only_proposes_a_late_stage() -> None:
    condition = statement(RegisterModels("churn"), "ProposeModels")["Condition"]
    assert condition["StringEquals"]["sagemaker:ModelLifeCycle:StageStatus"] == ["PendingApproval"]


def test_who_registers_changes_no_card() -> None:
    allowed = {action for each in RegisterModels("churn").statements() for action in _actions(each)}
    assert "sagemaker:DescribeModelCard" in allowed
    assert not {"sagemaker:CreateModelCard", "sagemaker:UpdateModelCard", "sagemaker:DeleteModelCard"} & allowed


def test_who_decides_approves_and_promotes_in_two_requests() -> None:
    approve, promote = (statement(ApproveModels("churn"), sid) for sid in ("ApproveModels", "PromoteModels"))
    assert approve["Condition"]["Null"][STAGE] == "true"
    assert approve["Condition"]["StringEquals"][TAG] == "churn"
    assert promote["Condition"]["Null"]["sagemaker:ModelApprovalStatus"] == "true"
    assert promote["Condition"]["StringEquals"][STAGE] == ["PreProduction", "Production", "Archived"]
    assert promote["Condition"]["StringEquals"][TAG] == "churn"


def test_who_decides_approves_nothing_that_who_registers_may_change() -> None:
    condition = statement(ApproveModels("churn"), "ApproveModels")["Condition"]
    assert condition["StringNotEquals"] == {CURRENT: ["Proposal", "Development", "QA"]}


def test_who_decides_has_the_cards_of_the_project() -> None:
    cards = statement(ApproveModels("churn"), "ApproveCards")
    assert "sagemaker:UpdateModelCard" in cards["Action"]
    assert cards["Resource"].endswith(":model-card/*")
    assert cards["Condition"] == {"StringEquals": {TAG: "churn"}}


@pytest.mark.parametrize(
    ("activity", "actions"),
    [
        (ApproveModels("churn", KEY), ["kms:Decrypt", "kms:GenerateDataKey"]),
        (RegisterModels("churn", key_arn=KEY), ["kms:Decrypt"]),
    ],
)
def test_the_key_of_cards_is_used_through_sagemaker(activity: Activity, actions: list[str]) -> None:
    use = statement(activity, "UseKeyOfCards")
    assert use["Action"] == actions
    assert use["Resource"] == KEY
    assert use["Condition"]["StringEquals"]["kms:ViaService"].startswith("sagemaker.")


def test_without_a_key_none_is_used() -> None:
    for activity in (ApproveModels("churn"), RegisterModels("churn")):
        assert all("kms:" not in action for each in activity.statements() for action in _actions(each))


def _actions(each: dict[str, Any]) -> list[str]:
    return [each["Action"]] if isinstance(each["Action"], str) else each["Action"]
