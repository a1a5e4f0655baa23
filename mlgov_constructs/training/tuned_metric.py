"""The objective of a tuning, as its best job reached it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.steps.condition import Metric


@dataclass(frozen=True)
class TunedMetric(Metric):
    """The objective of a tuning, as its best job reached it; ``TuningStep.metric`` makes it.

    Example:
        >>> TunedMetric("Tune", "validation:auc").render()
        {'Get': 'Steps.Tune.BestTrainingJob.FinalHyperParameterTuningJobObjectiveMetric.Value'}
    """

    def render(self) -> Any:
        """Return the value as a pipeline definition has it."""
        return {"Get": f"Steps.{self.step}.BestTrainingJob.FinalHyperParameterTuningJobObjectiveMetric.Value"}
