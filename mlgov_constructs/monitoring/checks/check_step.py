"""What the checks of a pipeline have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity import JobEnvironment, JobType
from mlgov_constructs.identity.grants import statement
from mlgov_constructs.monitoring.checks.drift_check import DriftCheck
from mlgov_constructs.steps import (
    JobImage,
    JobSettings,
    JobStep,
    PipelineValue,
    Problem,
    StepNeeds,
    StepOutput,
)

CALCULATED, USED = "CalculatedBaseline", "BaselineUsedForDriftCheck"
CONSTRAINTS, STATISTICS = "Constraints", "Statistics"
# What a definition says beside the request of the job.
OWN = (
    "CheckType",
    "FailOnViolation",
    "ModelName",
    "ModelPackageGroupName",
    "RegisterNewBaseline",
    "SkipCheck",
    "SuppliedBaselineConstraints",
    "SuppliedBaselineStatistics",
)


@dataclass(frozen=True, kw_only=True)
class CheckStep(JobStep):
    """A step that computes a baseline and compares it with an earlier one.

    Use :class:`QualityCheckStep`, :class:`BiasCheckStep` or :class:`ExplainabilityCheckStep`. The
    job runs in the isolated subnets, encrypted, with the project's tag and with an end.

    Attributes:
        image: The image of AWS, ``MonitoringImage.CLARIFY.job_image(stack)`` for example.
        dataset: The data, ``s3://...``, an output of another step, or a parameter.
        drift: What is compared with, and what follows; nothing, and a new baseline, by default.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html
    """

    JOB: ClassVar[JobType | None] = JobType.PROCESSING
    FILES: ClassVar[tuple[str, ...]]
    """The files of the baseline below the step's output: constraints, and statistics where there are some."""
    PARTS: ClassVar[tuple[str, ...]]

    image: JobImage
    dataset: str | PipelineValue
    drift: DriftCheck = field(default_factory=DriftCheck.baseline_only)

    @property
    def calculated_constraints(self) -> StepOutput:
        """The constraints that this run computed, for the metrics of a model version."""
        return self._baseline(CALCULATED, CONSTRAINTS)

    @property
    def used_constraints(self) -> StepOutput:
        """The constraints that a later check compares with, for the drift check baselines of a model version."""
        return self._baseline(USED, CONSTRAINTS)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What other steps may read of it."""
        return tuple(f"{which}{part}" for which in (CALCULATED, USED) for part in self.PARTS)

    @property
    def images(self) -> tuple[JobImage, ...]:
        """The image that its job pulls."""
        return (self.image,)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        if not self.image.is_fixed:
            yield Problem(f"step {self.name!r} runs the image {self.image.uri!r} by its tag", "Name it by its digest.")
        if self.drift.statistics is not None and STATISTICS not in self.PARTS:
            yield Problem(
                f"step {self.name!r} compares with statistics, which its baseline has not", "Leave statistics out."
            )

    def needs(self, project: str, environment: JobEnvironment) -> StepNeeds:
        """Return what the step needs beside what every step of its kind has.

        Args:
            project: The project of the pipeline.
            environment: The network and the key of the jobs.
        """
        group = self.drift.model_package_group_name
        if group is None:
            return StepNeeds()
        name = group if isinstance(group, str) else "*"
        tokens = aws_tokens()
        groups, versions = (
            tokens.arn("sagemaker", f"{kind}/{name}") for kind in ("model-package-group", "model-package")
        )
        # The baseline is that of the latest version that was approved.
        see = ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"]
        return StepNeeds(pipeline=[statement(see, [groups, f"{versions}/*"])])

    def render(self, settings: JobSettings) -> dict[str, Any]:
        """Return the step as a pipeline definition has it.

        Args:
            settings: Where and as whom jobs run.
        """
        step = super().render(settings)
        request = step["Arguments"]
        return {
            **step,
            "Arguments": {name: value for name, value in request.items() if name not in OWN},
            **{name: value for name, value in request.items() if name in OWN},
        }

    def _baseline(self, which: str, part: str) -> StepOutput:
        return StepOutput(self.name, f"{which}{part}", f"{which}{part}")
