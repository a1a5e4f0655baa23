"""What a model is for."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.card_part import CardPart, required_text, text
from mlgov_constructs.mlops.model_card.risk_rating import RiskRating


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class IntendedUses(CardPart):
    """What a model is for, and what can go wrong. A card without it cannot be reviewed, so it must be there.

    Attributes:
        purpose_of_model: Why it was made; up to 2,048 characters, like each of the others.
        intended_uses: What it may be used for, and what not.
        risk_rating: The risk of its use.
        explanations_for_risk_rating: Why it has that rating.
        factors_affecting_model_efficiency: What makes it better or worse.

    Example:
        >>> uses = IntendedUses(purpose_of_model="Keep customers", intended_uses="Offers", risk_rating=RiskRating.LOW)
        >>> uses.document()["risk_rating"]
        'Low'
    """

    purpose_of_model: str = required_text(2048)
    intended_uses: str = required_text(2048)
    risk_rating: RiskRating
    explanations_for_risk_rating: str | None = text(2048)
    factors_affecting_model_efficiency: str | None = text(2048)
