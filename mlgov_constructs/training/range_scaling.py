"""On which scale a tuning looks for numbers."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from mlgov_constructs.steps.pipeline_step import Problem


class RangeScaling(StrEnum):
    """On which scale a tuning looks for numbers.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-ranges.html#scaling-type

    Example:
        >>> RangeScaling.REVERSE_LOGARITHMIC.value
        'ReverseLogarithmic'
    """

    AUTO = "Auto"
    LINEAR = "Linear"
    LOGARITHMIC = "Logarithmic"
    REVERSE_LOGARITHMIC = "ReverseLogarithmic"

    def problems(self, where: str, minimum: float, maximum: float) -> Iterator[Problem]:
        """Yield what is wrong with a range on this scale.

        Args:
            where: The hyperparameter and its step, for messages.
            minimum: The smallest number.
            maximum: The greatest number.
        """
        if minimum >= maximum:
            yield Problem(f"{where} goes from {minimum} to {maximum}", "Make the minimum smaller than the maximum.")
        if self is RangeScaling.LOGARITHMIC and minimum <= 0:
            yield Problem(f"{where} is logarithmic from {minimum}", "Begin above 0, or use another scale.")
        if self is RangeScaling.REVERSE_LOGARITHMIC and not 0 <= minimum <= maximum < 1:
            yield Problem(
                f"{where} is reverse logarithmic from {minimum} to {maximum}",
                "Stay from 0 to below 1, or use another scale.",
            )
