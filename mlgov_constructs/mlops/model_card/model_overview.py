"""What a model is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.card_part import CardPart, items, text


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ModelOverview(CardPart):
    """What a model is, who made it and who answers for it.

    Attributes:
        model_description: What it does; up to 1,024 characters, like each of the others.
        model_owner: Who answers for it.
        model_creator: Who made it.
        problem_type: For example ``Binary classification``.
        algorithm_type: For example ``Gradient boosting``.
        model_artifact: Where its artifacts lie, up to 15.

    Example:
        >>> ModelOverview(model_owner="Growth").document()
        {'model_owner': 'Growth'}
    """

    model_description: str | None = text(1024)
    model_owner: str | None = text(1024)
    model_creator: str | None = text(1024)
    problem_type: str | None = text(1024)
    algorithm_type: str | None = text(1024)
    model_artifact: Sequence[str] = items(15, longest=1024)
