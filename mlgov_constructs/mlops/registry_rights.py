"""The rights in a registry of models, as policy statements."""

from __future__ import annotations

from collections.abc import Sequence

from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.identity.activities.lifecycle import (
    LATE_STAGES,
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
            from anywhere, and who does not only from a stage of development.
    """
    usual = () if is_decision(stage, statuses, from_stages) else OWN_STAGES
    named = [each.value for each in from_stages]
    condition = promoted([stage.value], [status.value for status in statuses], named or usual)
    return statement(["sagemaker:UpdateModelPackage"], versions_arn, condition)


def is_decision(stage: ModelStage, statuses: Sequence[StageStatus], from_stages: Sequence[ModelStage] = ()) -> bool:
    """Tell whether bringing a version to a stage is for who decides.

    It is when the stage is late and the version not only proposed, and when the version was proposed before: it may
    be approved already, and the request could change what it is made of.

    Args:
        stage: The stage.
        statuses: The statuses in that stage.
        from_stages: The stages in which the version may be before.

    Example:
        >>> is_decision(ModelStage.PRODUCTION, [StageStatus.PENDING_APPROVAL])
        False
        >>> is_decision(ModelStage.PRODUCTION, [StageStatus.PENDING_APPROVAL], [ModelStage.PRE_PRODUCTION])
        True
    """
    proposed_before = any(each.value in LATE_STAGES for each in from_stages)
    return proposed_before or (stage.value in LATE_STAGES and set(statuses) != {StageStatus.PENDING_APPROVAL})
