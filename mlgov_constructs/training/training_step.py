"""A step that trains a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from aws_cdk import Duration

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity import JobEnvironment
from mlgov_constructs.instance_types import has_local_storage
from mlgov_constructs.steps.condition import Metric
from mlgov_constructs.steps.job_image import JobImage
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.pipeline_step import Problem
from mlgov_constructs.steps.pipeline_value import EXECUTION_ID, Joined, PipelineValue
from mlgov_constructs.steps.step_needs import StepNeeds
from mlgov_constructs.steps.step_output import StepOutput
from mlgov_constructs.training.debugger_rule import MOST_RULES, DebuggerRule
from mlgov_constructs.training.instance_group import InstanceGroup
from mlgov_constructs.training.profiler_config import ProfilerConfig
from mlgov_constructs.training.training_job_step import CHECKPOINTS, TrainingJobStep

MODEL = "model"
LONGEST_KEEP_ALIVE = 3600
MOST_GROUPS = 5


@checked_step
@dataclass(frozen=True, kw_only=True)
class TrainingStep(TrainingJobStep):
    """A training job: in the isolated subnets, without network, encrypted, and with an end.

    Attributes:
        image: What trains: an algorithm of AWS, an image of yours, or one that runs a script.
        inputs: Channel to ``s3://...``, to an output of another step, to a parameter, or to a
            :class:`Channel` where the address alone does not say enough.
        hyperparameters: Name to value; numbers become text, as the API demands.
        script: The script that the image runs; its own algorithm when omitted.
        distribution: How several processes share the work.
        instance_groups: Machines of several types, in place of ``instance_type`` and
            ``instance_count``; up to five groups.
        content_type: Of the channels.
        input_mode: ``File`` copies the data before training; ``FastFile`` streams it.
        spot: Use machines that EC2 has to spare, and may take back, for up to 90 % less. On
            where training goes on from a checkpoint and no machines are kept.
        max_wait: With ``spot``, for waiting and training together; twice ``max_runtime`` by default.
        checkpoint_uri: Where checkpoints go to and come from, under the project's prefix. With Spot
            machines it is a folder of the run when omitted; without them there are none then.
        keep_alive: Keep the machines for the next job alike, up to one hour (warm pool); they are
            paid for. Needs a quota, which is zero by default.
        profiler: Record how machines are used.
        debugger_rules: Rules of SageMaker Debugger that watch, and may stop, the training.
        environment: Environment variables.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html

    Cost:
        The machines, while the job runs and while they are kept: an ``ml.m5.xlarge`` costs about
        0.23 USD an hour.

    Example:
        ``docs/examples/training.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "Training"

    instance_groups: Sequence[InstanceGroup] = ()
    checkpoint_uri: str | PipelineValue | None = None
    keep_alive: Duration | None = None
    profiler: ProfilerConfig | None = None
    debugger_rules: Sequence[DebuggerRule] = ()

    @property
    def model(self) -> StepOutput:
        """The trained model, for another step to read."""
        return StepOutput(self.name, "ModelArtifacts.S3ModelArtifacts", MODEL)

    def metric(self, name: str) -> Metric:
        """Return the last value of a metric, for a condition to read.

        Args:
            name: One of the metrics of the image or the script.
        """
        return Metric(self.name, name)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What other steps may read of it."""
        return (MODEL,)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that conditions may read of it."""
        return tuple(self.emitted_metrics)

    @property
    def images(self) -> tuple[JobImage, ...]:
        """The images that its job and its rules pull."""
        return (self.image, *(rule.image for rule in self.debugger_rules[:1]))

    @property
    def relaxations(self) -> Mapping[str, Relaxation]:
        """The controls of the pipeline that the step deviates from, each with the reason."""
        return {"MLG-MLO-05": self.debugger_rules[0].not_isolated} if self.debugger_rules else {}

    @property
    def uses_spot(self) -> bool:
        """Whether it uses Spot machines."""
        return self.resumes and self.keep_alive is None if self.spot is None else self.spot

    @property
    def machine_count(self) -> int:
        """How many machines the job has."""
        return sum(group.instance_count for group in self.instance_groups) or self.instance_count

    @property
    def distributed_type(self) -> Any:
        """The type of the machines that the distribution applies to."""
        name = None if self.distribution is None else self.distribution.instance_group
        return next((group.instance_type for group in self.instance_groups if group.name == name), self.instance_type)

    def machine_types(self) -> Sequence[str | PipelineValue]:
        """Return the types of all machines."""
        return [group.instance_type for group in self.instance_groups] or super().machine_types()

    def needs(self, project: str, environment: JobEnvironment) -> StepNeeds:
        """Return what the step needs beside what every step of its kind has.

        Args:
            project: The project of the pipeline.
            environment: The network and the key of the jobs.
        """
        return StepNeeds(job=next((rule.rights(project) for rule in self.debugger_rules if rule.stops_training), []))

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        where = f"step {self.name!r}"
        if self.spot and not self.resumes:
            yield Problem(
                f"{where} uses Spot machines with an image that begins anew when one is taken back",
                f"Let the training go on from {CHECKPOINTS} and say resumes=True, or leave Spot off.",
            )
        yield from self._keeping_problems(where)
        yield from self._group_problems(where)
        if self.profiler is not None:
            yield from self.profiler.problems(where)
        if len(self.debugger_rules) > MOST_RULES:
            yield Problem(f"{where} has {len(self.debugger_rules)} rules", f"SageMaker allows {MOST_RULES}.")

    def machines(self, settings: JobSettings) -> dict[str, Any]:
        """Return machines and volume, with the key where the types take one."""
        keep = {} if self.keep_alive is None else {"KeepAlivePeriodInSeconds": int(self.keep_alive.to_seconds())}
        if not self.instance_groups:
            return {**super().machines(settings), **keep}
        has_volume = not has_local_storage(self.instance_groups[0].instance_type)
        return {
            "InstanceGroups": [group.render() for group in self.instance_groups],
            "VolumeSizeInGB": self.volume_gib,
            **({"VolumeKmsKeyId": settings.key_arn} if has_volume else {}),
        }

    def checkpoints(self, settings: JobSettings) -> dict[str, Any]:
        """Return where the job keeps checkpoints, if it does.

        Args:
            settings: Where and as whom jobs run.
        """
        if not self.uses_spot and self.checkpoint_uri is None:
            return {}
        # A run has a folder of its own, so that none goes on from the checkpoints of another.
        own = Joined((settings.output_uri, "checkpoints", EXECUTION_ID, self.name), on="/")
        uri = own if self.checkpoint_uri is None else self.checkpoint_uri
        return {"CheckpointConfig": {"LocalPath": CHECKPOINTS, "S3Uri": uri}}

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        request = self.training_job(settings)
        if self.profiler is not None:
            request["ProfilerConfig"] = self.profiler.render(settings.output_uri)
        if self.debugger_rules:
            collections = {name for rule in self.debugger_rules for name in rule.collections}
            request["DebugHookConfig"] = {
                "CollectionConfigurations": [{"CollectionName": name} for name in sorted(collections)],
                "S3OutputPath": f"{settings.output_uri}/tensors",
            }
            request["DebugRuleConfigurations"] = [
                rule.render(self.name, settings.output_uri) for rule in self.debugger_rules
            ]
        return request

    def _keeping_problems(self, where: str) -> Iterator[Problem]:
        if self.keep_alive is None:
            return
        seconds = self.keep_alive.to_seconds()
        if not 1 <= seconds <= LONGEST_KEEP_ALIVE:
            yield Problem(f"{where} keeps its machines for {int(seconds)} seconds", "Keep them up to one hour.")
        if self.spot:
            yield Problem(f"{where} keeps Spot machines", "SageMaker keeps none: leave spot or keep_alive out.")
        if self.instance_groups:
            yield Problem(
                f"{where} keeps machines of several groups", "SageMaker keeps none: leave keep_alive or the groups out."
            )

    def _group_problems(self, where: str) -> Iterator[Problem]:
        names = [group.name for group in self.instance_groups]
        chosen = {name for channel in self.channels.values() for name in channel.instance_groups}
        if self.distribution is not None and self.distribution.instance_group is not None:
            chosen.add(self.distribution.instance_group)
        for name in sorted(chosen - set(names)):
            yield Problem(f"{where} names the instance group {name!r}, which it has not", f"Use one of {names}.")
        if not names:
            return
        if len(names) > MOST_GROUPS or len(set(names)) < len(names):
            yield Problem(
                f"{where} has the instance groups {names}", f"Use up to {MOST_GROUPS} with names of their own."
            )
        if any(group.instance_count < 1 for group in self.instance_groups):
            yield Problem(f"{where} has an instance group without machines", "Give each one or more.")
        if self.image.is_built_in and self.script is None:
            yield Problem(
                f"{where} runs an algorithm of AWS on several groups of machines",
                "Use instance_type and instance_count, or an image that runs a script.",
            )
        if len({has_local_storage(group.instance_type) for group in self.instance_groups}) > 1:
            yield Problem(
                f"{where} mixes machines with disks of their host, which take no key, and machines with volumes",
                "Use types of one kind, so that every volume has the key.",
            )
        if self.distribution is not None and self.distribution.instance_group is None:
            yield Problem(
                f"{where} is distributed over several groups of machines", "Name one: distribution.on('...')."
            )
