"""What a model is worth to the business."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.card_part import CardPart, text


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class BusinessDetails(CardPart):
    """What a model is worth to the business.

    Attributes:
        business_problem: The problem that it solves; up to 2,048 characters, like each of the others.
        business_stakeholders: Whom it concerns.
        line_of_business: Where it is used.

    Example:
        >>> BusinessDetails(line_of_business="Retail").document()
        {'line_of_business': 'Retail'}
    """

    business_problem: str | None = text(2048)
    business_stakeholders: str | None = text(2048)
    line_of_business: str | None = text(2048)
