"""A step that asks a model about many files at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.identity import JobEnvironment
from mlgov_constructs.serving.transform_options import TransformOptions
from mlgov_constructs.serving.transform_request import transform_request
from mlgov_constructs.serving.transform_rights import follow_statements, transform_statements
from mlgov_constructs.steps import (
    EXECUTION_ID,
    JobSettings,
    JobStep,
    Joined,
    PipelineValue,
    Problem,
    StepNeeds,
    StepOutput,
)

PREDICTIONS = "predictions"


@checked_step
@dataclass(frozen=True, kw_only=True)
class BatchTransformStep(JobStep):
    """A batch transform: answers with the environment's key, on volumes with the same key.

    SageMaker takes neither network nor isolation for it: both are those of the model, which a
    :class:`CreateModelStep` of the same pipeline, or a ``Model`` of a stack, brings. It runs under the
    role of the model, which must read the files, write under the output of the pipeline
    (``role.grant_project_data(bucket)``), and write logs (:func:`grant_transform_output`).

    Attributes:
        model_name: The model: ``step.model`` of a :class:`CreateModelStep`, or the name of one.
        source: The prefix of the files, ``s3://...``, an output of another step, or a parameter.
        options: How it cuts, asks and joins.
        capture: Whether the records that it asked with are kept, for a monitor of batches.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html

    Cost:
        The machines, while the job runs: an ``ml.m5.xlarge`` costs about 0.23 USD an hour.

    Example:
        ``docs/examples/batch.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "Transform"

    model_name: str | PipelineValue
    source: str | PipelineValue
    options: TransformOptions = field(default_factory=TransformOptions)
    capture: bool = False

    @property
    def predictions(self) -> StepOutput:
        """Where the answers lie, for another step to read."""
        return StepOutput(self.name, "TransformOutput.S3OutputPath", PREDICTIONS)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What other steps may read of it."""
        return (PREDICTIONS,)

    def needs(self, project: str, environment: JobEnvironment) -> StepNeeds:
        """Return what the step needs beside what every step of its kind has.

        Args:
            project: The project of the pipeline.
            environment: The network and the key of the jobs.
        """
        start = transform_statements(
            project=project, jobs="*", output_key_arn=environment.key_arn, environment=environment
        )
        return StepNeeds(pipeline=[*start, *follow_statements(project)])

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        if self.max_runtime is not None:
            yield Problem(
                f"step {self.name!r} has a max_runtime, and SageMaker takes none for a batch transform",
                "Leave it out; options=TransformOptions(timeout=...) limits each answer.",
            )

    def machines(self, settings: JobSettings) -> dict[str, Any]:
        """Return the machines, with the key of their volumes where the type takes one; their size is SageMaker's."""
        return {name: value for name, value in super().machines(settings).items() if name != "VolumeSizeInGB"}

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        # A run has a folder of its own; a result that is to be found again has the same one in every run.
        run = [] if self.cache is not None else [EXECUTION_ID]
        place = (settings.output_uri, *run, self.name)
        return transform_request(
            model_name=self.model_name,
            source_uri=self.source,
            output_uri=Joined((*place, PREDICTIONS), on="/"),
            key_arn=settings.key_arn,
            machines=self.machines(settings),
            options=self.options,
            tags=settings.job_tags(),
            capture_uri=Joined((*place, "captured"), on="/") if self.capture else None,
        )
