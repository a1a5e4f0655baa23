"""Some values that a tuning tries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.steps.pipeline_step import Problem
from mlgov_constructs.training.parameter_range import ParameterRange

MOST_VALUES = 30


@checked_arguments
@dataclass(frozen=True)
class CategoricalRange(ParameterRange):
    """Some values that a tuning tries.

    Attributes:
        values: The values; numbers become text, as the API demands.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CategoricalParameterRange.html

    Example:
        >>> CategoricalRange(["adam", "sgd"]).render("optimizer")["Values"]
        ['adam', 'sgd']
    """

    KIND: ClassVar[str] = "CategoricalParameterRanges"

    values: Sequence[str | float]

    def render(self, name: str) -> dict[str, Any]:
        """Return the range as a request has it.

        Args:
            name: The hyperparameter.
        """
        return {"Name": name, "Values": [str(value) for value in self.values]}

    def problems(self, where: str) -> Iterator[Problem]:
        """Yield what is wrong with the range.

        Args:
            where: The hyperparameter and its step, for messages.
        """
        if not 1 <= len(self.values) <= MOST_VALUES or len(set(self.values)) < len(self.values):
            yield Problem(f"{where} has the values {list(self.values)}", f"Give 1 to {MOST_VALUES}, none twice.")

    @property
    def count(self) -> int | None:
        """How many values there are to try."""
        return len(self.values)
