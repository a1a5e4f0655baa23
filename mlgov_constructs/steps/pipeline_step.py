"""What all steps of a pipeline have in common."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity import JobEnvironment, JobType
from mlgov_constructs.steps.job_image import JobImage
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.pipeline_value import rendered
from mlgov_constructs.steps.step_needs import StepNeeds

NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")


class Problem(NamedTuple):
    """What is wrong with a step, and what to do about it."""

    problem: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class PipelineStep(ABC):
    """One step of a pipeline.

    Attributes:
        name: Up to 64 letters, digits, ``-`` and ``_``.
        description: What the step does.
        depends_on: Steps that must have ended, beside those whose output it reads.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps.html
    """

    TYPE: ClassVar[str]
    JOB: ClassVar[JobType | None] = None

    name: str = field(kw_only=False)
    description: str | None = None
    depends_on: Sequence[PipelineStep] = ()

    @abstractmethod
    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """

    @property
    def outputs(self) -> tuple[str, ...]:
        """What other steps may read of it."""
        return ()

    @property
    def images(self) -> tuple[JobImage, ...]:
        """The images that its jobs pull, under the role of the kind ``JOB``."""
        return ()

    @property
    def relaxations(self) -> Mapping[str, Relaxation]:
        """The controls of the pipeline that the step deviates from, each with the reason."""
        return {}

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics, or files with metrics, that conditions may read of it."""
        return ()

    @property
    def named_branches(self) -> Mapping[str, Sequence[PipelineStep]]:
        """The steps that run or do not, as this step decides, by the name of the branch."""
        return {}

    @property
    def branches(self) -> tuple[PipelineStep, ...]:
        """The steps of all branches."""
        return tuple(step for branch in self.named_branches.values() for step in branch)

    def needs(self, project: str, environment: JobEnvironment) -> StepNeeds:
        """Return what the step needs beside what every step of its kind has.

        Args:
            project: The project of the pipeline.
            environment: The network and the key of the jobs.
        """
        return StepNeeds()

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        if not NAME.fullmatch(self.name):
            yield Problem(
                f"step {self.name!r} has no name of a step", "Use up to 64 letters, digits, hyphens and underscores."
            )

    def setting_problems(self, settings: JobSettings) -> Iterator[Problem]:
        """Yield what the step cannot do where it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        yield from ()

    def render(self, settings: JobSettings) -> dict[str, Any]:
        """Return the step as a pipeline definition has it.

        Args:
            settings: Where and as whom jobs run.
        """
        step: dict[str, Any] = {"Name": self.name, "Type": self.TYPE, "Arguments": rendered(self.arguments(settings))}
        if self.description:
            step["Description"] = self.description
        if self.depends_on:
            step["DependsOn"] = [each.name for each in self.depends_on]
        return step
