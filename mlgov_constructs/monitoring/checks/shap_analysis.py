"""What Clarify measures of the features that the answers of a model hang on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.monitoring.checks.bias_analysis import CSV, PARQUET, REPORT
from mlgov_constructs.monitoring.checks.predictor import Predictor

AGGREGATIONS = ("mean_abs", "mean_sq", "median")


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ShapAnalysis:
    """How SHAP values are computed: by asking the model many times, with features taken away.

    Attributes:
        predictor: How the model is asked.
        label: The column of the label, which is no feature.
        headers: The columns, where the data has no header.
        baseline: Rows of features that stand for nothing in particular, what features are taken
            away to; made by clustering the data when empty.
        samples: How many times the model is asked for a row; Clarify decides when omitted.
        aggregation: How the values of rows become one of the feature: ``mean_abs``, ``mean_sq``, ``median``.
        seed: With the same seed a job gives the same values.
        excluded_columns: Columns that the model is not asked with.
        local_values: Whether the values of each row are kept as well; they tell of single people.
        identifier: The column that tells rows apart, which more than one machine needs.
        dataset_type: ``text/csv`` or ``application/x-parquet``.

    Raises:
        ValueError: A value does not fit; the message says what.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html

    Example:
        >>> ShapAnalysis(predictor=Predictor(), label="left", samples=100).to_json()["methods"]["shap"]["num_samples"]
        100
    """

    predictor: Predictor
    label: str
    headers: Sequence[str] = ()
    baseline: Sequence[Sequence[str | float]] = ()
    samples: int | None = None
    aggregation: str = "mean_abs"
    seed: int = 0
    excluded_columns: Sequence[str] = ()
    local_values: bool = False
    identifier: str | None = None
    dataset_type: str = CSV

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise ValueError(problem)

    def to_json(self) -> dict[str, Any]:
        """Return the analysis configuration."""
        shap: dict[str, Any] = {
            "agg_method": self.aggregation,
            "seed": self.seed,
            "save_local_shap_values": self.local_values,
            **({"baseline": [list(row) for row in self.baseline]} if self.baseline else {}),
            **({} if self.samples is None else {"num_samples": self.samples}),
        }
        optional = {
            "headers": list(self.headers) or None,
            "excluded_columns": list(self.excluded_columns) or None,
            "joinsource_name_or_index": self.identifier,
        }
        return {
            "version": "1.0",
            "dataset_type": self.dataset_type,
            "label": self.label,
            **{name: value for name, value in optional.items() if value is not None},
            "predictor": self.predictor.to_json(),
            "methods": {"report": REPORT, "shap": shap},
        }

    def _problems(self) -> Iterator[str]:
        if self.samples is not None and self.samples < 1:
            yield f"{self.samples} samples explain nothing. Use one or more, or leave samples out."
        if self.aggregation not in AGGREGATIONS:
            yield f"Aggregation {self.aggregation!r} is none of Clarify's. Use one of {', '.join(AGGREGATIONS)}."
        if len({len(row) for row in self.baseline}) > 1:
            yield "The rows of the baseline differ in length. Give each the features that the model takes."
        columns = (self.label, self.identifier, *self.excluded_columns)
        for column in (each for each in columns if self.headers and each is not None and each not in self.headers):
            yield f"Column {column!r} is none of the headers. Use one of {', '.join(self.headers)}."
        if self.dataset_type not in (CSV, PARQUET):
            yield f"A dataset of type {self.dataset_type!r} is not read. Use {CSV} or {PARQUET}."
