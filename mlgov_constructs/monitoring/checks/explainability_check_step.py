"""A step that checks which features the answers of a model hang on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.monitoring.checks.clarify_check_step import ClarifyCheckStep
from mlgov_constructs.monitoring.checks.shap_analysis import ShapAnalysis
from mlgov_constructs.steps import Problem


@checked_step
@dataclass(frozen=True, kw_only=True)
class ExplainabilityCheckStep(ClarifyCheckStep):
    """Compute SHAP values by asking a copy of the model, and compare them with an earlier baseline.

    It always asks a model, so it always takes a relaxation of the network isolation. The job still
    runs in the isolated subnets and reaches the endpoints of the VPC alone.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-clarify-check

    Cost:
        The machines, while the job runs, and as much for the copy of the model: twenty minutes of two
        ``ml.m5.xlarge`` cost about 0.15 USD.

    Example:
        ``docs/examples/model_checks.py`` is a complete app.
    """

    @property
    def check_type(self) -> str:
        """What SageMaker calls the check."""
        return "MODEL_EXPLAINABILITY"

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        if self.model is None:
            yield Problem(f"step {self.name!r} has no model to explain", "Give model=..., its name.")
        if not isinstance(self.config.analysis, ShapAnalysis):
            yield Problem(
                f"step {self.name!r} reads an analysis of {self.config.name!r}, which is none of SHAP values",
                "Give it an AnalysisConfigStep with a ShapAnalysis.",
            )
