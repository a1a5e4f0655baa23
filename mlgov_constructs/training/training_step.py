"""A step that trains a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from aws_cdk import Duration, Token

from mlgov_constructs.identity import JobType
from mlgov_constructs.steps.condition import Metric
from mlgov_constructs.steps.job_image import JobImage
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.job_step import JobStep, whole_seconds
from mlgov_constructs.steps.pipeline_parameter import PipelineParameter
from mlgov_constructs.steps.pipeline_step import Problem
from mlgov_constructs.steps.pipeline_value import EXECUTION_ID, Joined, PipelineValue
from mlgov_constructs.steps.step_output import StepOutput

CHECKPOINTS = "/opt/ml/checkpoints"
MODEL = "model"
LONGEST_RUN = 28 * 24 * 3600


class InputMode(StrEnum):
    """How a training job gets its data.

    Example:
        >>> InputMode.FAST_FILE.value
        'FastFile'
    """

    FILE = "File"
    FAST_FILE = "FastFile"
    PIPE = "Pipe"


@dataclass(frozen=True, kw_only=True)
class TrainingStep(JobStep):
    """A training job: in the isolated subnets, without network, encrypted, and with an end.

    Attributes:
        image: What trains.
        inputs: Channel to ``s3://...``, to an output of another step, or to a parameter.
        hyperparameters: Name to value; numbers become text, as the API demands.
        content_type: Of the channels.
        input_mode: ``File`` copies the data before training; ``FastFile`` streams it.
        spot: Use machines that EC2 has to spare, and may take back, for up to 90 % less. On
            where the image goes on from a checkpoint.
        max_wait: With ``spot``, for waiting and training together; twice ``max_runtime`` by default.
        environment: Environment variables.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html

    Cost:
        The machines, while the job runs: an ``ml.m5.xlarge`` costs about 0.23 USD an hour.

    Example:
        ``docs/examples/mlops.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "Training"
    JOB: ClassVar[JobType | None] = JobType.TRAINING

    image: JobImage
    inputs: Mapping[str, str | PipelineValue]
    hyperparameters: Mapping[str, str | float | PipelineValue] = field(default_factory=dict)
    content_type: str = "text/csv"
    input_mode: InputMode = InputMode.FILE
    spot: bool | None = None
    max_wait: Duration | None = None
    environment: Mapping[str, str | PipelineValue] = field(default_factory=dict)

    @property
    def model(self) -> StepOutput:
        """The trained model, for another step to read."""
        return StepOutput(self.name, "ModelArtifacts.S3ModelArtifacts", MODEL)

    @property
    def image_parameter(self) -> PipelineParameter:
        """The parameter with the image, so that each run records which one it took."""
        return PipelineParameter(f"{self.name}Image", self.image.uri, "The image that trains")

    def metric(self, name: str) -> Metric:
        """Return the last value of a metric, for a condition to read.

        Args:
            name: One of the metrics of the image.
        """
        return Metric(self.name, name)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What other steps may read of it."""
        return (MODEL,)

    @property
    def images(self) -> tuple[JobImage, ...]:
        """The image that its job pulls."""
        return (self.image,)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that conditions may read of it."""
        return tuple(self.image.metrics)

    @property
    def uses_spot(self) -> bool:
        """Whether it uses Spot machines."""
        return self.image.resumes if self.spot is None else self.spot

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        if not self.image.is_fixed:
            yield Problem(f"step {self.name!r} runs the image {self.image.uri!r} by its tag", "Name it by its digest.")
        if not self.inputs:
            yield Problem(f"step {self.name!r} has no input", "Give it a channel, for example inputs={'train': ...}.")
        for name, value in self.hyperparameters.items():
            if isinstance(value, PipelineParameter) and not isinstance(value.default, str | None):
                yield Problem(
                    f"hyperparameter {name!r} of step {self.name!r} has the number {value.default!r} as a default",
                    "Write its default as text: the API takes hyperparameters as text only.",
                )
        if self.spot and not self.image.resumes:
            yield Problem(
                f"step {self.name!r} uses Spot machines with an image that begins anew when one is taken back",
                f"Let the training go on from {CHECKPOINTS} and say resumes=True, or leave Spot off.",
            )
        yield from self._time_problems()

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        optional: dict[str, Any] = {
            "Environment": dict(self.environment),
            "HyperParameters": {name: _text(value) for name, value in self.hyperparameters.items()},
        }
        return {
            "AlgorithmSpecification": self._algorithm(),
            "EnableInterContainerTrafficEncryption": True,
            "EnableManagedSpotTraining": self.uses_spot,
            "EnableNetworkIsolation": True,
            "InputDataConfig": [self._channel(name, uri) for name, uri in self.inputs.items()],
            "OutputDataConfig": {"KmsKeyId": settings.key_arn, "S3OutputPath": f"{settings.output_uri}/models"},
            "ResourceConfig": self.machines(settings),
            "RoleArn": settings.training_role_arn,
            "Tags": settings.job_tags(),
            "VpcConfig": settings.vpc_config(),
            **{name: value for name, value in optional.items() if value},
            **self._end(settings.output_uri),
        }

    def _time_problems(self) -> Iterator[Problem]:
        if self.max_wait is not None and not self.uses_spot:
            yield Problem(f"step {self.name!r} waits without Spot machines", "Leave max_wait out.")
        if Token.is_unresolved(self.runtime_seconds):
            if self.uses_spot and self.max_wait is None:
                yield Problem(f"step {self.name!r} has a max_runtime that is a token", "Give max_wait as well.")
            return
        if not 1 <= self.runtime_seconds <= LONGEST_RUN:
            yield Problem(f"step {self.name!r} may run {self.runtime_seconds} seconds", "Use one second to 28 days.")
        if self.max_wait is not None and self.max_wait.to_seconds() < self.runtime_seconds:
            yield Problem(f"step {self.name!r} waits less than it may run", "Make max_wait at least max_runtime.")

    def _algorithm(self) -> dict[str, Any]:
        found = [{"Name": name, "Regex": regex} for name, regex in self.image.metrics.items() if regex]
        return {
            "TrainingImage": self.image_parameter,
            "TrainingInputMode": self.input_mode.value,
            **({"MetricDefinitions": found} if found else {}),
        }

    def _channel(self, name: str, uri: str | PipelineValue) -> dict[str, Any]:
        source = {"S3DataDistributionType": "FullyReplicated", "S3DataType": "S3Prefix", "S3Uri": uri}
        return {"ChannelName": name, "ContentType": self.content_type, "DataSource": {"S3DataSource": source}}

    def _end(self, output_uri: str) -> dict[str, Any]:
        limit = {"MaxRuntimeInSeconds": self.runtime_seconds}
        if not self.uses_spot:
            return {"StoppingCondition": limit}
        wait = whole_seconds(self.max_wait, default=2 * self.runtime_seconds)
        # A run has a folder of its own, so that none goes on from the checkpoints of another.
        checkpoints = Joined((output_uri, "checkpoints", EXECUTION_ID, self.name), on="/")
        return {
            "CheckpointConfig": {"LocalPath": CHECKPOINTS, "S3Uri": checkpoints},
            "StoppingCondition": {**limit, "MaxWaitTimeInSeconds": wait},
        }


def _text(value: Any) -> Any:
    return value if isinstance(value, PipelineValue) else str(value)
