"""A step that reports bias, for people and for conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.identity import JobType
from mlgov_constructs.monitoring.checks.analysis_config_step import AnalysisConfigStep
from mlgov_constructs.monitoring.checks.bias_analysis import BiasAnalysis
from mlgov_constructs.monitoring.checks.clarify_request import RESULT, clarify_request
from mlgov_constructs.steps import JobImage, JobSettings, JobStep, Metric, PipelineValue, Problem, StepOutput

ANALYSIS = "analysis"


@checked_step
@dataclass(frozen=True, kw_only=True)
class BiasReportStep(JobStep):
    """Measure bias before and after training in an isolated container, for people and for conditions.

    It asks no model: the model's answers stand in the data (``predicted_label`` of the analysis), as
    a batch transform or a processing step wrote them. Its output holds ``analysis.json`` and a
    report to read.

    Attributes:
        image: The image of Clarify, ``MonitoringImage.CLARIFY.job_image(stack)``.
        dataset: The data with labels and answers.
        config: The step that writes what is measured.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-parameters.html

    Cost:
        The machines, while the job runs: five minutes of an ``ml.m5.xlarge`` cost about 0.02 USD.

    Example:
        ``docs/examples/model_checks.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "Processing"
    JOB: ClassVar[JobType | None] = JobType.PROCESSING

    image: JobImage
    dataset: str | PipelineValue
    config: AnalysisConfigStep

    @property
    def report(self) -> StepOutput:
        """The prefix of the report, for the metrics of a model version."""
        return StepOutput(self.name, f"ProcessingOutputConfig.Outputs['{RESULT}'].S3Output.S3Uri", RESULT)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What other steps may read of it."""
        return (RESULT,)

    @property
    def images(self) -> tuple[JobImage, ...]:
        """The image that its job pulls."""
        return (self.image,)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The file with metrics that conditions may read of it."""
        return (ANALYSIS,)

    def metric(self, facet: str) -> Metric:
        """Return the one metric of a facet, for a condition to read.

        Most metrics are fair at zero, so a gate has two conditions: at least ``-0.1`` and at most ``0.1``.

        Args:
            facet: The name of the facet.

        Raises:
            ValueError: The analysis has no such facet of one group, or more than one metric.
        """
        analysis = self.config.analysis
        if not isinstance(analysis, BiasAnalysis) or facet not in [
            each.name for each in analysis.facets if each.values
        ]:
            msg = f"Step {self.name!r} measures no group by {facet!r}. Give its analysis Facet({facet!r}, [...])."
            raise ValueError(msg)
        if len(analysis.metrics) != 1:
            # AWS does not say in which order they stand, and a path names them by their place.
            count = len(analysis.metrics)
            msg = f"Step {self.name!r} measures {count} metrics. Give a step of its own to the one to read."
            raise ValueError(msg)
        stage = "pre_training_bias_metrics" if analysis.before_training else "post_training_bias_metrics"
        return Metric(self.name, f"{stage}.facets.{facet}[0].metrics[0].value", ANALYSIS)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        analysis = self.config.analysis
        if not self.image.is_fixed:
            yield Problem(f"step {self.name!r} runs the image {self.image.uri!r} by its tag", "Name it by its digest.")
        if not isinstance(analysis, BiasAnalysis) or analysis.predictor is not None:
            yield Problem(
                f"step {self.name!r} reads an analysis of {self.config.name!r} that asks a model",
                "Write the model's answers into the data, and give a BiasAnalysis with predicted_label=....",
            )
        elif analysis.after_training and analysis.predicted_label is None:
            yield Problem(
                f"step {self.name!r} does not know the answers of the model", "Give its analysis predicted_label=...."
            )
        if self.instance_count > 1 and analysis.identifier is None:
            yield Problem(
                f"step {self.name!r} has {self.instance_count} instances, and its rows cannot be told apart",
                "Give the analysis identifier=..., or use one instance.",
            )

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        return clarify_request(
            self, settings, image=self.image, dataset=self.dataset, config=self.config, network_isolation=True
        )

    def render(self, settings: JobSettings) -> dict[str, Any]:
        """Return the step as a pipeline definition has it.

        Args:
            settings: Where and as whom jobs run.
        """
        file = {"PropertyFileName": ANALYSIS, "OutputName": RESULT, "FilePath": "analysis.json"}
        return {**super().render(settings), "PropertyFiles": [file]}
