"""A number that training ended with."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.card_part import CardPart, required_text, text


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class TrainingMetric(CardPart):
    """A number that training ended with.

    Attributes:
        name: The metric, up to 255 characters.
        value: The number.
        notes: Up to 1,024 characters.

    Example:
        >>> TrainingMetric(name="validation:auc", value=0.91).document()
        {'name': 'validation:auc', 'value': 0.91}
    """

    name: str = required_text(255)
    value: float
    notes: str | None = text(1024)
