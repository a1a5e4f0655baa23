"""How much harm a model can do."""

from __future__ import annotations

from enum import StrEnum


class RiskRating(StrEnum):
    """The risk rating of a model; what each means is for the organisation to say.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards.html#model-cards-risk-rating

    Example:
        >>> RiskRating.HIGH.value
        'High'
    """

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"
    UNKNOWN = "Unknown"
