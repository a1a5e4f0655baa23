"""A step that makes a model of what another step has trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.identity import JobEnvironment
from mlgov_constructs.serving.transform_rights import model_statements
from mlgov_constructs.steps import (
    JobImage,
    JobSettings,
    PipelineStep,
    PipelineValue,
    Problem,
    StepNeeds,
    StepOutput,
    TrainedModel,
)

MODEL = "model"


@checked_step
@dataclass(frozen=True, kw_only=True)
class CreateModelStep(PipelineStep):
    """A model in the isolated subnets and without network, for a batch transform of the same pipeline.

    Nobody has approved it, so it answers within the pipeline only: who serves takes a version of
    the registry. Each run leaves a model behind, which costs nothing.

    Attributes:
        training: The step that trains the model; its image serves it too.
        role_arn: The role of the container, a ``JobRole`` of type ``HOSTING``.
        serving_image: The image that serves by its digest, where another one trains.
        environment: Environment variables of the container; no secrets.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html

    Cost: none.

    Example:
        ``docs/examples/batch.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "Model"

    training: TrainedModel
    role_arn: str
    serving_image: str | PipelineValue | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> StepOutput:
        """The name of the model, for another step to read."""
        return StepOutput(self.name, "ModelName", MODEL)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What other steps may read of it."""
        return (MODEL,)

    def needs(self, project: str, environment: JobEnvironment) -> StepNeeds:
        """Return what the step needs beside what every step of its kind has.

        Args:
            project: The project of the pipeline.
            environment: The network and the key of the jobs.
        """
        return StepNeeds(pipeline=model_statements(project=project, environment=environment, role_arn=self.role_arn))

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        image = self.serving_image
        if isinstance(image, str) and not JobImage(image).is_fixed:
            yield Problem(f"step {self.name!r} serves with the image {image!r} by its tag", "Name it by its digest.")

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        image = self.serving_image or self.training.image_parameter
        environment = {"Environment": dict(self.environment)} if self.environment else {}
        return {
            "EnableNetworkIsolation": True,
            "ExecutionRoleArn": self.role_arn,
            "PrimaryContainer": {"Image": image, "ModelDataUrl": self.training.model, **environment},
            "Tags": settings.job_tags(),
            "VpcConfig": settings.vpc_config(),
        }
