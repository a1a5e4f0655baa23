"""A range of numbers that a tuning tries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.training.number_range import NumberRange
from mlgov_constructs.training.range_scaling import RangeScaling


@checked_arguments
@dataclass(frozen=True)
class ContinuousRange(NumberRange):
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
