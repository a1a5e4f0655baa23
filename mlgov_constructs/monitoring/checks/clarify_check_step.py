"""What the checks by Clarify have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity import JobEnvironment
from mlgov_constructs.monitoring.checks.analysis_config_step import AnalysisConfigStep
from mlgov_constructs.monitoring.checks.check_step import CONSTRAINTS, CheckStep
from mlgov_constructs.monitoring.checks.clarify_request import clarify_request
from mlgov_constructs.monitoring.checks.model_rights import ask_models, unisolated_jobs
from mlgov_constructs.network import EndpointService
from mlgov_constructs.steps import JobSettings, PipelineValue, Problem, StepNeeds

ISOLATION = "MLG-MLO-05"


@dataclass(frozen=True, kw_only=True)
class ClarifyCheckStep(CheckStep):
    """A check by SageMaker Clarify; use :class:`BiasCheckStep` or :class:`ExplainabilityCheckStep`.

    Attributes:
        config: The step that writes what is measured.
        model: The name of the model that is asked, the output of a model step for example.
        network_isolation: Why the container may reach the endpoints of the VPC. Clarify asks a model
            over the network, and AWS says to leave network isolation off for that.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html
    """

    TYPE: ClassVar[str] = "ClarifyCheck"
    FILES: ClassVar[tuple[str, ...]] = ("analysis.json",)
    PARTS: ClassVar[tuple[str, ...]] = (CONSTRAINTS,)

    config: AnalysisConfigStep
    model: str | PipelineValue | None = None
    network_isolation: Relaxation | None = None

    @property
    @abstractmethod
    def check_type(self) -> str:
        """What SageMaker calls the check."""

    @property
    def relaxations(self) -> Mapping[str, Relaxation]:
        """The controls of the pipeline that the step deviates from, each with the reason."""
        return {} if self.network_isolation is None else {ISOLATION: self.network_isolation}

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        if self.model is not None and self.network_isolation is None:
            yield Problem(
                f"step {self.name!r} asks a model over the network, which an isolated container has not",
                "Give network_isolation=Relaxation(...): the job then reaches the endpoints of the VPC alone.",
            )
        if self.model is None and self.network_isolation is not None:
            yield Problem(f"step {self.name!r} needs no network", "Leave network_isolation out.")
        if self.instance_count > 1 and self.config.analysis.identifier is None:
            yield Problem(
                f"step {self.name!r} has {self.instance_count} instances, and its rows cannot be told apart",
                "Give the analysis identifier=..., or use one instance.",
            )

    def needs(self, project: str, environment: JobEnvironment) -> StepNeeds:
        """Return what the step needs beside what every step of its kind has.

        Args:
            project: The project of the pipeline.
            environment: The network and the key of the jobs.
        """
        needs = super().needs(project, environment)
        if self.model is None:
            return needs
        return StepNeeds(
            pipeline=[*needs.pipeline, unisolated_jobs(project, environment)],
            job=ask_models(project),
            services=(EndpointService.SAGEMAKER_API, EndpointService.SAGEMAKER_RUNTIME),
        )

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        request = clarify_request(
            self,
            settings,
            image=self.image,
            dataset=self.dataset,
            config=self.config,
            network_isolation=self.network_isolation is None,
        )
        model = {} if self.model is None else {"ModelName": self.model}
        return {**request, "CheckType": self.check_type, **model, **self.drift.to_json()}
