"""A step that decides which steps run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.steps.condition import Condition, Metric
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.pipeline_step import PipelineStep, Problem
from mlgov_constructs.steps.pipeline_value import rendered


@checked_step
@dataclass(frozen=True, kw_only=True)
class ConditionStep(PipelineStep):
    """Run some steps when all conditions hold, and others when one does not.

    Attributes:
        conditions: What must hold, made by ``metric(...).at_least(...)`` for example.
        if_steps: What runs when all hold.
        else_steps: What runs otherwise.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition

    Cost: none.

    Example:
        ``docs/examples/mlops.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "Condition"

    conditions: Sequence[Condition]
    if_steps: Sequence[PipelineStep] = ()
    else_steps: Sequence[PipelineStep] = ()

    @property
    def named_branches(self) -> Mapping[str, Sequence[PipelineStep]]:
        """The steps that run or do not, as this step decides, by the name of the branch."""
        return {"IfSteps": self.if_steps, "ElseSteps": self.else_steps}

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        if not self.conditions:
            yield Problem(f"step {self.name!r} has no condition", "Give it one, or leave the step out.")
        for value in (side for condition in self.conditions for side in (condition.left, condition.right)):
            if isinstance(value, Metric) and not value.name:
                yield Problem(
                    f"step {self.name!r} reads no number of {value.property_file or value.step!r}",
                    "Say where it is, for example metric('checks', 'rows').",
                )
        if not self.branches:
            yield Problem(f"step {self.name!r} decides between nothing", "Give it if_steps or else_steps.")

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the conditions; the branches are rendered as steps.

        Args:
            settings: Where and as whom jobs run.
        """
        return {"Conditions": [[condition.left, condition.right] for condition in self.conditions]}

    def render(self, settings: JobSettings) -> dict[str, Any]:
        """Return the step as a pipeline definition has it.

        Args:
            settings: Where and as whom jobs run.
        """
        return {
            **super().render(settings),
            "Arguments": {
                "Conditions": [rendered(condition.render()) for condition in self.conditions],
                **{name: [step.render(settings) for step in steps] for name, steps in self.named_branches.items()},
            },
        }
