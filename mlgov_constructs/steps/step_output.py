"""What one step has written, for another to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.steps.pipeline_value import PipelineValue, Read


@dataclass(frozen=True)
class StepOutput(PipelineValue):
    """An output of a step; reading it orders the steps.

    Attributes:
        step: The name of the step.
        path: The property that holds the address.
        output: The name of the output.

    Example:
        >>> StepOutput("Train", "ModelArtifacts.S3ModelArtifacts", "model").render()
        {'Get': 'Steps.Train.ModelArtifacts.S3ModelArtifacts'}
    """

    step: str
    path: str
    output: str

    def render(self) -> Any:
        """Return the value as a pipeline definition has it."""
        return {"Get": f"Steps.{self.step}.{self.path}"}

    @property
    def reads(self) -> tuple[Read, ...]:
        """What the value reads of steps."""
        return (Read(self.step, output=self.output),)
