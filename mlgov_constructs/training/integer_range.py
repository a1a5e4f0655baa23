"""A range of integers that a tuning tries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.training.number_range import NumberRange
from mlgov_constructs.training.range_scaling import RangeScaling


@checked_arguments
@dataclass(frozen=True)
class IntegerRange(NumberRange):
    """A range of integers that a tuning tries.

    Attributes:
        minimum: The smallest.
        maximum: The greatest.
        scaling: The scale; SageMaker chooses one by default.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_IntegerParameterRange.html

    Example:
        >>> IntegerRange(5, 50).render("x")["MaxValue"]
        '50'
    """

    KIND: ClassVar[str] = "IntegerParameterRanges"

    minimum: int
    maximum: int
    scaling: RangeScaling = RangeScaling.AUTO
