"""What else must be known of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.card_part import CardPart, items, text


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class AdditionalInformation(CardPart):
    """What else must be known of a model.

    Attributes:
        ethical_considerations: Whom it could treat unfairly; up to 2,048 characters.
        caveats_and_recommendations: What its users must heed; up to 2,048 characters.
        custom_details: More, name to value of up to 1,024 characters.

    Example:
        >>> AdditionalInformation(custom_details={"ticket": "RISK-12"}).document()
        {'custom_details': {'ticket': 'RISK-12'}}
    """

    ethical_considerations: str | None = text(2048)
    caveats_and_recommendations: str | None = text(2048)
    custom_details: Mapping[str, str] = items(0, longest=1024)
