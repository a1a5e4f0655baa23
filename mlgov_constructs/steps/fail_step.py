"""A step that ends a run as failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.pipeline_step import PipelineStep
from mlgov_constructs.steps.pipeline_value import PipelineValue


@checked_step
@dataclass(frozen=True, kw_only=True)
class FailStep(PipelineStep):
    """End the run as failed, with a message.

    Attributes:
        message: What is said, a text or values joined.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-fail

    Cost: none.

    Example:
        ``FailStep("TooWeak", message="The model is no better than the last one")``
    """

    TYPE: ClassVar[str] = "Fail"

    message: str | PipelineValue

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the message.

        Args:
            settings: Where and as whom jobs run.
        """
        return {"ErrorMessage": self.message}
