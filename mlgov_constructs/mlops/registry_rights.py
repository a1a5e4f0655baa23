"""The rights in a registry of models, as policy statements."""

from __future__ import annotations

from collections.abc import Sequence

from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.identity.activities.lifecycle import (
    LATE_STAGES,
    OPEN_STAGES,
    OWN_STAGES,
    decided,
    early,
    promoted,
)
from mlgov_constructs.identity.grants import statement
from mlgov_constructs.mlops.model_stage import ModelStage
from mlgov_constructs.mlops.stage_status import StageStatus

SEE = ("sagemaker:BatchDescribeModelPackage", "sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages")


def read_statements(group_arn: str, versions_arn: str) -> list[Statement]:
    """Return what lets a principal see a group and its versions.

    Args:
        group_arn: The group.
        versions_arn: Its versions.
    """
    return [statement(["sagemaker:DescribeModelPackageGroup"], group_arn), statement(SEE, versions_arn)]


def register_statement(versions_arn: str) -> Statement:
    """Return what lets a principal register versions that are pending, and no further than development.

    Args:
        versions_arn: The versions of the group.
    """
    return statement(["sagemaker:CreateModelPackage"], versions_arn, early())


def approve_statement(versions_arn: str) -> Statement:
    """Return what lets a principal decide on versions, and change nothing else of them.

    Args:
        versions_arn: The versions of the group.
    """
    return statement(["sagemaker:UpdateModelPackage"], versions_arn, decided())


def promote_statement(
    versions_arn: str, stage: ModelStage, statuses: Sequence[StageStatus], from_stages: Sequence[ModelStage]
) -> Statement:
    """Return what lets a principal set the stage of versions, and change nothing else of them.

    Args:
        versions_arn: The versions of the group.
        stage: The stage.
        statuses: The statuses in that stage.
        from_stages: The stages in which a version may be before. When empty, who decides takes it
            from anywhere, and who does not takes nothing out of production.
    """
    named = [each.value for each in from_stages]
    usual: tuple[str, ...] = ()
    if not named and not is_decision(stage, statuses):
        usual = OWN_STAGES if stage.value in OWN_STAGES else OPEN_STAGES
    values = [status.value for status in statuses]
    condition = promoted([stage.value], values, named or usual, or_new=bool(usual))
    return statement(["sagemaker:UpdateModelPackage"], versions_arn, condition)


def is_decision(stage: ModelStage, statuses: Sequence[StageStatus]) -> bool:
    """Tell whether bringing a version to a stage is for who decides: it is late, and not only proposed.

    Args:
        stage: The stage.
        statuses: The statuses in that stage.

    Example:
        >>> is_decision(ModelStage.PRODUCTION, [StageStatus.PENDING_APPROVAL])
        False
    """
    return stage.value in LATE_STAGES and set(statuses) != {StageStatus.PENDING_APPROVAL}
