"""A step that checks the quality of data, or of a model's answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.monitoring.checks.check_step import CALCULATED, CONSTRAINTS, STATISTICS, USED, CheckStep
from mlgov_constructs.monitoring.dataset_format import DatasetFormat
from mlgov_constructs.monitoring.problem_type import ProblemType
from mlgov_constructs.steps import JobSettings, PipelineValue, Problem, StepOutput
from mlgov_constructs.steps.processing_request import (
    PROCESSING_ROOT,
    output_place,
    processing_input,
    processing_output,
    processing_request,
)

INPUT, OUTPUT = "baseline_dataset_input", "quality_check_output"


@checked_step
@dataclass(frozen=True, kw_only=True)
class QualityCheckStep(CheckStep):
    """Compute statistics and constraints of data, or of a model's answers, and compare them.

    Without a ``problem_type`` it looks at the data; with one, at the answers of a model beside what
    was right. The container needs no network and has none.

    Attributes:
        dataset_format: How the data is written: CSV or JSON.
        problem_type: What the model answers, where answers are checked.
        ground_truth: The column of what was right.
        inference: The column of the answer.
        probability: The column of its probability.
        probability_threshold: From which probability on a binary answer is positive.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-quality-check

    Cost:
        The machines, while the job runs: five minutes of an ``ml.m5.xlarge`` cost about 0.02 USD.

    Example:
        ``docs/examples/model_checks.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "QualityCheck"
    FILES: ClassVar[tuple[str, ...]] = ("constraints.json", "statistics.json")
    PARTS: ClassVar[tuple[str, ...]] = (CONSTRAINTS, STATISTICS)

    dataset_format: DatasetFormat = field(default_factory=lambda: DatasetFormat.csv(header=True))
    problem_type: ProblemType | None = None
    ground_truth: str | PipelineValue | None = None
    inference: str | PipelineValue | None = None
    probability: str | PipelineValue | None = None
    probability_threshold: float | None = None

    @property
    def calculated_statistics(self) -> StepOutput:
        """The statistics that this run computed, for the metrics of a model version."""
        return self._baseline(CALCULATED, STATISTICS)

    @property
    def used_statistics(self) -> StepOutput:
        """The statistics that a later check compares with, for the drift check baselines of a model version."""
        return self._baseline(USED, STATISTICS)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        if self.dataset_format.name not in ("csv", "json"):
            yield Problem(
                f"step {self.name!r} reads {self.dataset_format.name}, which no baseline is computed of",
                "Write the data as CSV or JSON.",
            )
        answers = (self.ground_truth, self.inference, self.probability, self.probability_threshold)
        if self.problem_type is None and any(each is not None for each in answers):
            yield Problem(
                f"step {self.name!r} says where answers stand, and checks data",
                "Give problem_type=..., or leave it out.",
            )
        if self.problem_type is not None and self.ground_truth is None:
            yield Problem(f"step {self.name!r} does not know what was right", "Give ground_truth=..., its column.")
        if self.problem_type is not None and self.inference is None and self.probability is None:
            yield Problem(
                f"step {self.name!r} does not know the answers of the model", "Give inference=... or probability=...."
            )

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        request = processing_request(
            self,
            settings,
            application={"ImageUri": self.image.uri},
            inputs=[processing_input(INPUT, self.dataset, f"{PROCESSING_ROOT}/input/{INPUT}")],
            outputs=[processing_output(OUTPUT, output_place(self, settings), f"{PROCESSING_ROOT}/output")],
            environment=self._environment(),
        )
        check = "DATA_QUALITY" if self.problem_type is None else "MODEL_QUALITY"
        return {**request, "CheckType": check, **self.drift.to_json()}

    def _environment(self) -> dict[str, str | PipelineValue]:
        # The analyzer says "lines" of JSON where CloudFormation says "line".
        options = {"lines" if name == "line" else name: value for name, value in self.dataset_format.options.items()}
        environment: dict[str, str | PipelineValue] = {
            "dataset_format": json.dumps({self.dataset_format.name: options}),
            "dataset_source": f"{PROCESSING_ROOT}/input/{INPUT}",
            "output_path": f"{PROCESSING_ROOT}/output",
            "publish_cloudwatch_metrics": "Disabled",
        }
        if self.problem_type is None:
            return environment
        threshold = None if self.probability_threshold is None else f"{self.probability_threshold:g}"
        optional = {
            "ground_truth_attribute": self.ground_truth,
            "inference_attribute": self.inference,
            "probability_attribute": self.probability,
            "probability_threshold_attribute": threshold,
        }
        return {
            **environment,
            "analysis_type": "MODEL_QUALITY",
            "problem_type": self.problem_type.value,
            **{name: value for name, value in optional.items() if value is not None},
        }
