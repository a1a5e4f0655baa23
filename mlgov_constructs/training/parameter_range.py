"""What a tuning tries of a hyperparameter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from mlgov_constructs.steps.pipeline_step import Problem


class ParameterRange(ABC):
    """What a tuning tries of a hyperparameter.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-ranges.html
    """

    KIND: ClassVar[str]

    @abstractmethod
    def render(self, name: str) -> dict[str, Any]:
        """Return the range as a request has it.

        Args:
            name: The hyperparameter.
        """

    @abstractmethod
    def problems(self, where: str) -> Iterator[Problem]:
        """Yield what is wrong with the range.

        Args:
            where: The hyperparameter and its step, for messages.
        """

    @property
    def count(self) -> int | None:
        """How many values there are to try, if that is known."""
        return None
