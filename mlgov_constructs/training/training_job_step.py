"""What the jobs of a training and of a tuning have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from aws_cdk import Duration, Token, Tokenization

from mlgov_constructs.argument_types import checked_step, is_number_token
from mlgov_constructs.identity import JobType
from mlgov_constructs.instance_types import instance_kind
from mlgov_constructs.steps.job_image import JobImage
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.job_step import JobStep, known_type, whole_seconds
from mlgov_constructs.steps.pipeline_parameter import PipelineParameter
from mlgov_constructs.steps.pipeline_step import Problem
from mlgov_constructs.steps.pipeline_value import PipelineValue
from mlgov_constructs.training.channel import NAME, Channel
from mlgov_constructs.training.distribution import Distribution
from mlgov_constructs.training.input_mode import InputMode
from mlgov_constructs.training.training_script import CHANNEL, TrainingScript

CHECKPOINTS = "/opt/ml/checkpoints"
LONGEST_RUN = 28 * 24 * 3600
MOST_CHANNELS, MOST_HYPERPARAMETERS = 20, 100
ACCELERATORS = {"gpu": "GPUs of NVIDIA", "neuron": "AWS Trainium"}
EXAMPLES = {"gpu": "ml.g5.xlarge", "neuron": "ml.trn1.2xlarge"}


@checked_step
@dataclass(frozen=True, kw_only=True)
class TrainingJobStep(JobStep):
    """A step whose jobs train: in the isolated subnets, without network, encrypted, and with an end.

    Attributes:
        image: What trains.
        inputs: Channel to ``s3://...``, to an output of another step, to a parameter, or to a
            :class:`Channel` where the address alone does not say enough.
        hyperparameters: Name to value; numbers become text, as the API demands.
        script: The script that the image runs; its own algorithm when omitted.
        distribution: How several processes share the work.
        content_type: Of the channels.
        input_mode: ``File`` copies the data before training; ``FastFile`` streams it.
        spot: Use machines that EC2 has to spare, and may take back, for up to 90 % less.
        max_wait: With ``spot``, for waiting and training together; twice ``max_runtime`` by default.
        environment: Environment variables.
    """

    JOB: ClassVar[JobType | None] = JobType.TRAINING

    image: JobImage
    inputs: Mapping[str, str | PipelineValue | Channel]
    hyperparameters: Mapping[str, str | float | PipelineValue] = field(default_factory=dict)
    script: TrainingScript | None = None
    distribution: Distribution | None = None
    content_type: str = "text/csv"
    input_mode: InputMode = InputMode.FILE
    spot: bool | None = None
    max_wait: Duration | None = None
    environment: Mapping[str, str | PipelineValue] = field(default_factory=dict)

    @property
    def image_parameter(self) -> PipelineParameter:
        """The parameter with the image, so that each run records which one it took."""
        return PipelineParameter(f"{self.name}Image", self.image.uri, "The image that trains")

    @property
    def images(self) -> tuple[JobImage, ...]:
        """The image that its job pulls."""
        return (self.image,)

    @property
    def emitted_metrics(self) -> dict[str, str | None]:
        """The metrics of its jobs, each with the regular expression that finds it, if one is needed."""
        if self.script is None:
            return dict(self.image.metrics)
        # A script does not print what the algorithm of an image of AWS does.
        own = {} if self.image.is_built_in else self.image.metrics
        return {**own, **self.script.metrics}

    @property
    def resumes(self) -> bool:
        """Whether a job goes on from a checkpoint."""
        return self.image.resumes if self.script is None else self.script.resumes

    @property
    def uses_spot(self) -> bool:
        """Whether it uses Spot machines."""
        return bool(self.spot)

    @property
    def machine_count(self) -> int:
        """How many machines a job has."""
        return self.instance_count

    @property
    def distributed_type(self) -> Any:
        """The type of the machines that the distribution applies to."""
        return self.instance_type

    @property
    def channels(self) -> dict[str, Channel]:
        """Every channel, that of the script included."""
        given = {
            name: each if isinstance(each, Channel) else Channel(source=each) for name, each in self.inputs.items()
        }
        return given if self.script is None else {**given, CHANNEL: self.script.channel()}

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        where = f"step {self.name!r}"
        if not self.image.is_fixed:
            yield Problem(f"{where} runs the image {self.image.uri!r} by its tag", "Name it by its digest.")
        if not self.inputs:
            yield Problem(f"{where} has no input", "Give it a channel, for example inputs={'train': ...}.")
        for name, value in self.hyperparameters.items():
            if isinstance(value, PipelineParameter) and not isinstance(value.default, str | None):
                yield Problem(
                    f"hyperparameter {name!r} of {where} has the number {value.default!r} as a default",
                    "Write its default as text: the API takes hyperparameters as text only.",
                )
        yield from self._channel_problems(where)
        if self.script is not None:
            yield from self.script.problems(where)
        yield from self._machine_problems(where)
        yield from self._time_problems(where)

    def setting_problems(self, settings: JobSettings) -> Iterator[Problem]:
        """Yield what the step cannot do where it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        yield from super().setting_problems(settings)
        if self.machine_count > 1 and settings.cluster_security_group_id is None:
            yield Problem(
                f"step {self.name!r} has {self.machine_count} machines, which do not reach each other",
                "Use one, or give the JobEnvironment a ClusterSecurityGroup.",
            )

    def training_job(self, settings: JobSettings) -> dict[str, Any]:
        """Return a job as a request for a training has it.

        Args:
            settings: Where and as whom jobs run.
        """
        optional: dict[str, Any] = {"Environment": self._environment(), "HyperParameters": self._hyperparameters()}
        return {
            "AlgorithmSpecification": self._algorithm(),
            "EnableInterContainerTrafficEncryption": True,
            "EnableManagedSpotTraining": self.uses_spot,
            "EnableNetworkIsolation": True,
            "InputDataConfig": [channel.render(name, self.content_type) for name, channel in self.channels.items()],
            "OutputDataConfig": {"KmsKeyId": settings.key_arn, "S3OutputPath": f"{settings.output_uri}/models"},
            "ResourceConfig": self.machines(settings),
            "RoleArn": settings.training_role_arn,
            "Tags": settings.job_tags(),
            "VpcConfig": settings.vpc_config(machines=self.machine_count),
            **{name: value for name, value in optional.items() if value},
            **self.checkpoints(settings),
            "StoppingCondition": self._end(),
        }

    def checkpoints(self, settings: JobSettings) -> dict[str, Any]:
        """Return where a job keeps checkpoints, if it does.

        Args:
            settings: Where and as whom jobs run.
        """
        return {}

    def _channel_problems(self, where: str) -> Iterator[Problem]:
        if self.script is not None and CHANNEL in self.inputs:
            yield Problem(f"{where} has a script and a channel named {CHANNEL!r}", "Name the channel otherwise.")
        if len(self.channels) > MOST_CHANNELS:
            yield Problem(f"{where} has {len(self.channels)} channels", f"SageMaker allows {MOST_CHANNELS}.")
        if len(self._hyperparameters()) > MOST_HYPERPARAMETERS:
            count = len(self._hyperparameters())
            yield Problem(f"{where} has {count} hyperparameters", f"SageMaker allows {MOST_HYPERPARAMETERS}.")
        for name, channel in self.channels.items():
            if not NAME.fullmatch(name):
                yield Problem(
                    f"channel {name!r} of {where} has no name of a channel",
                    "Use up to 64 letters, digits, points, hyphens and underscores.",
                )
            yield from channel.problems(f"channel {name!r} of {where}", self.input_mode, self.machine_count)

    def _machine_problems(self, where: str) -> Iterator[Problem]:
        types = [kind for kind in map(known_type, self.machine_types()) if kind is not None]
        needed = self.image.accelerator
        if needed is not None and needed not in ACCELERATORS:
            yield Problem(
                f"{where} runs an image for machines with {needed!r}",
                f"Use one of {', '.join(ACCELERATORS)}, or leave accelerator out.",
            )
            return
        if needed is not None and types and not any(instance_kind(kind).accelerator == needed for kind in types):
            yield Problem(
                f"{where} runs an image for machines with {ACCELERATORS[needed]} on {', '.join(types)}",
                f"Use a type that has them, for example {EXAMPLES[needed]}.",
            )
        for kind in types:
            if self.uses_spot and not instance_kind(kind).spot:
                yield Problem(f"{where} uses Spot machines of type {kind}, which are reserved only", "Say spot=False.")
        shared = known_type(self.distributed_type)
        if self.distribution is not None and shared is not None:
            yield from self.distribution.problems(where, shared)

    def _time_problems(self, where: str) -> Iterator[Problem]:
        if self.max_wait is not None and not self.uses_spot:
            yield Problem(f"{where} waits without Spot machines", "Leave max_wait out.")
        if Token.is_unresolved(self.runtime_seconds):
            if self.uses_spot and self.max_wait is None:
                yield Problem(f"{where} has a max_runtime that is a token", "Give max_wait as well.")
            return
        if not 1 <= self.runtime_seconds <= LONGEST_RUN:
            yield Problem(f"{where} may run {self.runtime_seconds} seconds", "Use one second to 28 days.")
        if self.max_wait is not None and self.max_wait.to_seconds() < self.runtime_seconds:
            yield Problem(f"{where} waits less than it may run", "Make max_wait at least max_runtime.")

    def _algorithm(self) -> dict[str, Any]:
        found = [{"Name": name, "Regex": regex} for name, regex in self.emitted_metrics.items() if regex]
        return {
            "TrainingImage": self.image_parameter,
            "TrainingInputMode": self.input_mode.value,
            **({"MetricDefinitions": found} if found else {}),
        }

    def _hyperparameters(self) -> dict[str, Any]:
        script = {} if self.script is None else self.script.hyperparameters()
        shared = {} if self.distribution is None else self.distribution.hyperparameters(self.distributed_type)
        return {**{name: _text(value) for name, value in self.hyperparameters.items()}, **script, **shared}

    def _environment(self) -> dict[str, Any]:
        shared = {} if self.distribution is None else self.distribution.environment()
        return {**shared, **self.environment}

    def _end(self) -> dict[str, Any]:
        limit = {"MaxRuntimeInSeconds": self.runtime_seconds}
        if not self.uses_spot:
            return limit
        return {**limit, "MaxWaitTimeInSeconds": whole_seconds(self.max_wait, default=2 * self.runtime_seconds)}


def _text(value: Any) -> Any:
    if is_number_token(value):
        return Tokenization.stringify_number(value)
    return value if isinstance(value, PipelineValue) else str(value)
