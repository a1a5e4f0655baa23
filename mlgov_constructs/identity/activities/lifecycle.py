"""Conditions on the life of a registered model: who may register, decide and promote.

IAM sees the stage in which a version is, and neither whether it was approved nor what else a request changes: whoever
may set a stage may put another image or other artifacts into the version. So the stages part them. In the early ones
who registers changes a version and nobody approves it; from the proposal on, only who decides changes it.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-set-up.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Statement, allow

APPROVAL = "sagemaker:ModelApprovalStatus"
STAGE, STAGE_STATUS = "sagemaker:ModelLifeCycle:Stage", "sagemaker:ModelLifeCycle:StageStatus"
CURRENT_STAGE = "sagemaker:CurrentModelLifeCycleStage"
# Where a version may begin without anybody's decision.
EARLY_STAGES = ("Proposal", "Development")
# Where who registers may bring it, and from where it may be proposed for production.
OWN_STAGES = (*EARLY_STAGES, "QA")
# Where it comes only by who decides.
LATE_STAGES = ("PreProduction", "Production", "Archived")
# What tells where a version comes from, written when it is registered.
RUN = "mlgov:pipeline-execution"
ORIGIN = ("mlgov:code-commit", "mlgov:data-version", "mlgov:image", RUN, "mlgov:project")
SEE_CARD = ("sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions")


def early() -> dict[str, Any]:
    """Return the condition that a new version is pending, and no further than development.

    Example:
        >>> early()["StringEquals"]
        {'sagemaker:ModelApprovalStatus': ['PendingManualApproval']}
    """
    return {
        "StringEquals": {APPROVAL: ["PendingManualApproval"]},
        "StringEqualsIfExists": {STAGE: list(EARLY_STAGES)},
    }


def decided() -> dict[str, Any]:
    """Return the condition that a request approves or rejects, and touches neither stage nor origin.

    A version without a stage, or one that was proposed, nobody else changes any more.

    Example:
        >>> decided()["StringEquals"]
        {'sagemaker:ModelApprovalStatus': ['Approved', 'Rejected']}
    """
    return {
        "StringEquals": {APPROVAL: ["Approved", "Rejected"]},
        "StringNotEquals": {CURRENT_STAGE: list(OWN_STAGES)},
        "Null": {STAGE: "true", **_origin_untouched()},
    }


def promoted(stages: Sequence[str], statuses: Sequence[str], from_stages: Sequence[str] = ()) -> dict[str, Any]:
    """Return the condition that a request sets a stage, and touches neither approval nor origin.

    Args:
        stages: The stages.
        statuses: The statuses in them; any when empty.
        from_stages: The stages in which the version may be; any, or none, when empty.

    Example:
        >>> promoted(["Production"], ["Approved"])["Null"]["sagemaker:ModelApprovalStatus"]
        'true'
    """
    wanted = {STAGE: list(stages), **({STAGE_STATUS: list(statuses)} if statuses else {})}
    origin = {CURRENT_STAGE: list(from_stages)} if from_stages else {}
    return {"StringEquals": {**wanted, **origin}, "Null": {APPROVAL: "true", **_origin_untouched()}}


def both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the condition that two conditions hold.

    Example:
        >>> both({"StringEquals": {"a": "1"}}, {"StringEquals": {"b": "2"}})
        {'StringEquals': {'a': '1', 'b': '2'}}
    """
    operators = {**one, **other}
    return {operator: {**one.get(operator, {}), **other.get(operator, {})} for operator in operators}


def use_key_of_cards(key_arn: str, *actions: str) -> list[Statement]:
    """Return what reading or changing encrypted cards takes of their key; nothing without a key.

    Args:
        key_arn: The key.
        actions: The actions of KMS.
    """
    if not key_arn:
        return []
    tokens = aws_tokens()
    via = {"StringEquals": {"kms:ViaService": f"sagemaker.{tokens.region}.{tokens.url_suffix}"}}
    return [allow("UseKeyOfCards", actions, key_arn, via)]


def _origin_untouched() -> dict[str, str]:
    untouched = {f"sagemaker:CustomerMetadataProperties/{key}": "true" for key in ORIGIN}
    return {"sagemaker:CustomerMetadataPropertiesToRemove": "true", **untouched}
