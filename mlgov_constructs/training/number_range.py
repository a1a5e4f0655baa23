"""What a tuning tries of a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.steps.pipeline_step import Problem
from mlgov_constructs.training.parameter_range import ParameterRange
from mlgov_constructs.training.range_scaling import RangeScaling


@dataclass(frozen=True)
class NumberRange(ParameterRange):
    """What a tuning tries of a number; use ``ContinuousRange`` or ``IntegerRange``.

    Attributes:
        minimum: The smallest.
        maximum: The greatest.
        scaling: The scale; SageMaker chooses one by default.
    """

    minimum: float
    maximum: float
    scaling: RangeScaling = RangeScaling.AUTO

    def render(self, name: str) -> dict[str, Any]:
        """Return the range as a request has it.

        Args:
            name: The hyperparameter.
        """
        return {
            "MaxValue": str(self.maximum),
            "MinValue": str(self.minimum),
            "Name": name,
            "ScalingType": self.scaling.value,
        }

    def problems(self, where: str) -> Iterator[Problem]:
        """Yield what is wrong with the range.

        Args:
            where: The hyperparameter and its step, for messages.
        """
        yield from self.scaling.problems(where, self.minimum, self.maximum)
