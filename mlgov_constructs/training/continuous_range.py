"""A range of numbers that a tuning tries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from mlgov_constructs.steps.pipeline_step import Problem
from mlgov_constructs.training.parameter_range import ParameterRange
from mlgov_constructs.training.range_scaling import RangeScaling


@dataclass(frozen=True)
class ContinuousRange(ParameterRange):
    """A range of numbers that a tuning tries.

    Attributes:
        minimum: The smallest.
        maximum: The greatest.
        scaling: The scale; SageMaker chooses one by default.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContinuousParameterRange.html

    Example:
        >>> ContinuousRange(0.01, 0.3).render("x")["MaxValue"]
        '0.3'
    """

    KIND: ClassVar[str] = "ContinuousParameterRanges"

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
