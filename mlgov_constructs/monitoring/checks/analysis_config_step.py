"""A step that writes what Clarify is to analyse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.identity import JobType
from mlgov_constructs.monitoring.checks.bias_analysis import BiasAnalysis
from mlgov_constructs.monitoring.checks.output_key import output_key
from mlgov_constructs.monitoring.checks.shap_analysis import ShapAnalysis
from mlgov_constructs.steps import JobImage, JobSettings, JobStep, PipelineValue, Problem, ProcessingStep, StepOutput

CONFIG, FILE = "config", "analysis_config.json"
SCRIPT = 'open("/opt/ml/processing/output/{output}/{file}", "w").write({text!r})\n'


@checked_step
@dataclass(frozen=True, kw_only=True)
class AnalysisConfigStep(JobStep):
    """Write the analysis configuration of Clarify, which it reads from S3 alone.

    The configuration travels in the definition, so a run and what it measured belong together.
    With a ``cache`` the file has the same place in every run, and the job runs when the
    configuration changes.

    Attributes:
        image: An image with ``python3``; no other package is needed.
        analysis: What is measured.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html

    Cost:
        A minute of an ``ml.t3.medium``, less than 0.01 USD.

    Example:
        ``docs/examples/model_checks.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "Processing"
    JOB: ClassVar[JobType | None] = JobType.PROCESSING

    image: JobImage
    analysis: BiasAnalysis | ShapAnalysis
    instance_type: str | PipelineValue = "ml.t3.medium"

    @property
    def config(self) -> StepOutput:
        """The prefix of the file, for a check to read."""
        return self._writer.output(CONFIG)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What other steps may read of it."""
        return (CONFIG,)

    @property
    def images(self) -> tuple[JobImage, ...]:
        """The image that its job pulls."""
        return (self.image,)

    def key(self, prefix: str, *, run: str | None = None) -> str:
        """Return the key of the file, for the ``analysis_config`` of a monitor.

        Args:
            prefix: The prefix of the pipeline, ``<project>/pipelines/<name>``.
            run: The id of the run, where the step has no ``cache``.

        Raises:
            ValueError: A run was given to a step with a cache, or none to one without.
        """
        return output_key(self, prefix, f"{CONFIG}/{FILE}", run=run)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        own = list(super().problems())
        yield from own
        yield from (each for each in self._writer.problems() if each not in own)

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        return self._writer.arguments(settings)

    @property
    def _writer(self) -> ProcessingStep:
        text = json.dumps(self.analysis.to_json(), separators=(",", ":"))
        return ProcessingStep(
            self.name,
            image=self.image,
            script=SCRIPT.format(output=CONFIG, file=FILE, text=text),
            output_names=(CONFIG,),
            instance_type=self.instance_type,
            instance_count=self.instance_count,
            volume_gib=self.volume_gib,
            max_runtime=self.max_runtime,
            cache=self.cache,
        )
