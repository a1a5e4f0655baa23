"""What decides between two ways through a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.steps.pipeline_value import PipelineValue, Read, rendered


@dataclass(frozen=True)
class Condition:
    """A comparison of two values.

    Attributes:
        operator: The type of the comparison, as a pipeline definition names it.
        left: What is compared.
        right: What it is compared with.

    Example:
        >>> Metric("Train", "validation:auc").at_least(0.8).operator
        'GreaterThanOrEqualTo'
    """

    operator: str
    left: Any
    right: Any

    def render(self) -> dict[str, Any]:
        """Return the condition as a pipeline definition has it."""
        return {"Type": self.operator, "LeftValue": rendered(self.left), "RightValue": rendered(self.right)}


@dataclass(frozen=True)
class Metric(PipelineValue):
    """The last value of a metric that a training step emits, or a number in a file that a step writes.

    ``TrainingStep.metric`` and ``ProcessingStep.metric`` make it.

    Attributes:
        step: The name of the step.
        name: The metric, or the path of the number in the file, with dots.
        property_file: The name of the file that a processing step declares; ``None`` for a
            metric of a training job.

    Example:
        >>> Metric("Train", "validation:auc").render()
        {'Get': "Steps.Train.FinalMetricDataList['validation:auc'].Value"}
    """

    step: str
    name: str
    property_file: str | None = None

    def render(self) -> Any:
        """Return the value as a pipeline definition has it."""
        if self.property_file is None:
            return {"Get": f"Steps.{self.step}.FinalMetricDataList['{self.name}'].Value"}
        file = {"Get": f"Steps.{self.step}.PropertyFiles.{self.property_file}"}
        return {"Std:JsonGet": {"PropertyFile": file, "Path": self.name}}

    @property
    def reads(self) -> tuple[Read, ...]:
        """What the value reads of steps."""
        return (Read(self.step, metric=self.property_file or self.name),)

    def at_least(self, threshold: float | PipelineValue) -> Condition:
        """Return the condition that the metric reaches a threshold."""
        return Condition("GreaterThanOrEqualTo", self, threshold)

    def at_most(self, threshold: float | PipelineValue) -> Condition:
        """Return the condition that the metric stays within a threshold."""
        return Condition("LessThanOrEqualTo", self, threshold)
