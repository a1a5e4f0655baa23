"""What has been decided about a version of a model."""

from __future__ import annotations

from enum import StrEnum


class ApprovalStatus(StrEnum):
    """The approval status of a model package, as the API spells it.

    Example:
        >>> ApprovalStatus.PENDING.value
        'PendingManualApproval'
    """

    PENDING = "PendingManualApproval"
    APPROVED = "Approved"
    REJECTED = "Rejected"
