"""How far a model card has come."""

from __future__ import annotations

from enum import StrEnum


class ModelCardStatus(StrEnum):
    """The status of a model card, as the API spells it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelCard.html

    Example:
        >>> ModelCardStatus.PENDING_REVIEW.value
        'PendingReview'
    """

    DRAFT = "Draft"
    PENDING_REVIEW = "PendingReview"
    APPROVED = "Approved"
    ARCHIVED = "Archived"
