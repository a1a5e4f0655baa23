"""What a model was trained of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.card_part import CardPart, items, text
from mlgov_constructs.mlops.model_card.training_metric import TrainingMetric

HYPERPARAMETERS = "user_provided_hyper_parameters"


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class TrainingJobDetails(CardPart):
    """What a model was trained of, and with which result.

    Attributes:
        training_arn: The training job, up to 1,024 characters.
        training_datasets: Where its data lies, up to 15.
        user_provided_hyper_parameters: Name to value, up to 100 of 255 characters.
        user_provided_training_metrics: What it ended with, up to 50.

    Example:
        >>> TrainingJobDetails(user_provided_hyper_parameters={"eta": "0.1"}).document()
        {'user_provided_hyper_parameters': [{'name': 'eta', 'value': '0.1'}]}
    """

    training_arn: str | None = text(1024)
    training_datasets: Sequence[str] = items(15, longest=1024)
    user_provided_hyper_parameters: Mapping[str, str] = items(100, longest=255)
    user_provided_training_metrics: Sequence[TrainingMetric] = items(50)

    def document(self) -> dict[str, Any]:
        """Return the part as the schema has it."""
        found = super().document()
        if HYPERPARAMETERS in found:
            pairs = found[HYPERPARAMETERS].items()
            found[HYPERPARAMETERS] = [{"name": name, "value": value} for name, value in pairs]
        return found
