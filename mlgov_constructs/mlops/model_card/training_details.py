"""How a model was trained."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.card_part import CardPart, text
from mlgov_constructs.mlops.model_card.training_job_details import TrainingJobDetails


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class TrainingDetails(CardPart):
    """How a model was trained.

    Attributes:
        training_observations: What was seen, up to 1,024 characters.
        training_job_details: Data, hyperparameters and metrics.

    Example:
        >>> TrainingDetails(training_observations="Converged after 80 rounds").document()
        {'training_observations': 'Converged after 80 rounds'}
    """

    training_observations: str | None = text(1024)
    training_job_details: TrainingJobDetails | None = None
