"""A step that checks data or a model for bias."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.monitoring.checks.bias_analysis import BiasAnalysis
from mlgov_constructs.monitoring.checks.clarify_check_step import ClarifyCheckStep
from mlgov_constructs.steps import Problem


@checked_step
@dataclass(frozen=True, kw_only=True)
class BiasCheckStep(ClarifyCheckStep):
    """Compute metrics of bias, and compare them with an earlier baseline.

    Without a ``model`` it looks at the data, before training, in an isolated container. With one it
    asks a copy of the model, which takes a relaxation: where the model's answers are in the data
    already, :class:`BiasReportStep` measures them without.

    A metric is violated when it is farther from zero than in the baseline.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-clarify-check

    Cost:
        The machines, while the job runs: five minutes of an ``ml.m5.xlarge`` cost about 0.02 USD; with a
        model as much again for its copy.

    Example:
        ``docs/examples/model_checks.py`` is a complete app.
    """

    @property
    def check_type(self) -> str:
        """What SageMaker calls the check."""
        return "DATA_BIAS" if self.model is None else "MODEL_BIAS"

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        analysis = self.config.analysis
        if not isinstance(analysis, BiasAnalysis):
            yield Problem(
                f"step {self.name!r} reads an analysis of {self.config.name!r}, which is none of bias",
                "Give it an AnalysisConfigStep with a BiasAnalysis.",
            )
        elif self.model is None and (analysis.after_training or not analysis.before_training):
            yield Problem(
                f"step {self.name!r} has no model, and its analysis metrics of one",
                "Give the analysis before_training=... alone, or the step a model.",
            )
        elif self.model is not None and (analysis.before_training or analysis.predictor is None):
            yield Problem(
                f"step {self.name!r} asks a model, and its analysis does not say how, or measures the data too",
                "Give the analysis after_training=... and predictor=..., and the data a step of its own.",
            )
