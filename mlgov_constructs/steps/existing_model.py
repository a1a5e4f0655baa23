"""A trained model that a run of a pipeline is given."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.steps.job_image import JobImage
from mlgov_constructs.steps.pipeline_parameter import PipelineParameter
from mlgov_constructs.steps.pipeline_value import PipelineValue

MODEL_DATA, MODEL_IMAGE = "ModelData", "ModelImage"


@checked_arguments
@dataclass(frozen=True)
class ExistingModel:
    """A model that was trained elsewhere, for ``RegisterModelStep``: bring your own.

    Each run is given its artifact by the parameter ``ModelData``, so that steps may evaluate it
    before it is registered. The pipeline reads it, so it lies under the project's prefix of
    ``output_bucket`` or ``data_buckets``.

    Attributes:
        image: What serves it.
        default: The artifact of a run that names none, ``s3://...``; every run must name one when
            omitted.

    Example:
        >>> image = JobImage("111122223333.dkr.ecr.eu-west-1.example/serve@sha256:" + "0" * 64)
        >>> ExistingModel(image).model.render()
        {'Get': 'Parameters.ModelData'}
    """

    image: JobImage
    default: str | None = None

    @property
    def model(self) -> PipelineValue:
        """The address of the artifact."""
        return PipelineParameter(MODEL_DATA, self.default, "The artifact of the model")

    @property
    def image_parameter(self) -> PipelineParameter:
        """The parameter with the image."""
        return PipelineParameter(MODEL_IMAGE, self.image.uri, "The image of the model")
