"""What a step that trains leaves for the registry."""

from __future__ import annotations

from typing import Protocol

from mlgov_constructs.steps.pipeline_parameter import PipelineParameter
from mlgov_constructs.steps.pipeline_value import PipelineValue


class TrainedModel(Protocol):
    """A step whose model can be registered: a training, or the best of a tuning.

    Example:
        ``docs/examples/mlops.py`` registers the model of a ``TrainingStep``.
    """

    @property
    def model(self) -> PipelineValue:
        """The address of the artifact."""
        ...

    @property
    def image_parameter(self) -> PipelineParameter:
        """The parameter with the image that trained it."""
        ...
