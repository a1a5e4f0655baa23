"""How a tuning looks for the best hyperparameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.steps.pipeline_step import Problem


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class TuningStrategy:
    """How a tuning looks for the best hyperparameters.

    Made by :meth:`bayesian`, :meth:`random`, :meth:`grid` and :meth:`hyperband`.

    Attributes:
        name: The name of the strategy.
        min_resource: With Hyperband, the fewest epochs of a job.
        max_resource: With Hyperband, the most epochs of a job.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html

    Example:
        >>> TuningStrategy.bayesian().render()
        {'Strategy': 'Bayesian'}
    """

    name: str
    min_resource: int | None = None
    max_resource: int | None = None

    @classmethod
    def bayesian(cls) -> TuningStrategy:
        """What was found decides what is tried next; the fewer jobs at a time, the better it learns."""
        return cls(name="Bayesian")

    @classmethod
    def random(cls) -> TuningStrategy:
        """Values at random, so that many jobs may run at a time."""
        return cls(name="Random")

    @classmethod
    def grid(cls) -> TuningStrategy:
        """Every combination of values, once."""
        return cls(name="Grid")

    @classmethod
    def hyperband(cls, *, min_resource: int, max_resource: int) -> TuningStrategy:
        """Many jobs begin, and the weak end early; for training in epochs that reports each.

        Args:
            min_resource: The fewest epochs of a job.
            max_resource: The most epochs of a job.
        """
        return cls(name="Hyperband", min_resource=min_resource, max_resource=max_resource)

    @property
    def stops_by_itself(self) -> bool:
        """Whether it ends weak jobs by itself, so that SageMaker refuses early stopping beside it."""
        return self.name == "Hyperband"

    def render(self) -> dict[str, Any]:
        """Return the strategy as a request has it."""
        if self.min_resource is None:
            return {"Strategy": self.name}
        resources = {"MaxResource": self.max_resource, "MinResource": self.min_resource}
        return {"Strategy": self.name, "StrategyConfig": {"HyperbandStrategyConfig": resources}}

    def problems(self, where: str) -> Iterator[Problem]:
        """Yield what is wrong with the strategy.

        Args:
            where: The step, for messages.
        """
        if self.stops_by_itself and not 1 <= (self.min_resource or 0) < (self.max_resource or 0):
            yield Problem(
                f"{where} gives its jobs {self.min_resource} to {self.max_resource} epochs",
                "Give at least one, and more at most than at least.",
            )
