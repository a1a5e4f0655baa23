"""How far a version of a model has come in its stage."""

from __future__ import annotations

from enum import StrEnum


class StageStatus(StrEnum):
    """The status of a version in its stage, by the names that SageMaker proposes.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-set-up.html

    Example:
        >>> StageStatus.PENDING_APPROVAL.value
        'PendingApproval'
    """

    PENDING_APPROVAL = "PendingApproval"
    IN_PROGRESS = "InProgress"
    ON_HOLD = "OnHold"
    APPROVED = "Approved"
    REJECTED = "Rejected"
    RETIRED = "Retired"
