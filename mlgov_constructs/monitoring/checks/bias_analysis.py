"""What Clarify measures of bias."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.monitoring.checks.facet import Facet
from mlgov_constructs.monitoring.checks.predictor import Predictor

BEFORE = ("CI", "DPL", "KL", "JS", "LP", "TVD", "KS", "CDDL")
AFTER = ("DPPL", "DI", "DCA", "DCR", "SD", "RD", "DAR", "DRR", "AD", "TE", "CDDPL", "FT", "GE")
BY_SUBGROUP = ("CDDL", "CDDPL")
CSV, PARQUET = "text/csv", "application/x-parquet"
REPORT = {"name": "report", "title": "Analysis Report"}


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class BiasAnalysis:
    """Which groups are compared, by which metrics.

    Metrics before training look at the labels of the data, metrics after it at the answers of the
    model. Those stand in the data, in ``predicted_label``, or Clarify asks a copy of the model
    (``predictor``); a monitor needs neither, as the answers were captured.

    Attributes:
        label: The column of the label.
        positive_values: The values of the label that are good to get; one number of a continuous
            label is a threshold.
        facets: The features by which groups are told apart.
        before_training: The metrics of the data, ``CI`` and ``DPL`` for example.
        after_training: The metrics of the model, ``DPPL`` and ``DI`` for example.
        headers: The columns, where the data has no header.
        predicted_label: The column of the model's answer.
        predictor: How the model is asked, where its answers are not in the data.
        probability_threshold: From which probability on an answer is positive.
        subgroup: The column of the subgroups, which ``CDDL`` and ``CDDPL`` need.
        identifier: The column that tells rows apart, which more than one machine needs.
        dataset_type: ``text/csv`` or ``application/x-parquet``.

    Raises:
        ValueError: Something is missing or does not fit; the message says what.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html

    Example:
        >>> facets = [Facet("age", [40])]
        >>> by_age = BiasAnalysis(label="left", positive_values=[0], facets=facets, before_training=["CI"])
        >>> by_age.to_json()["methods"]["pre_training_bias"]
        {'methods': ['CI']}
    """

    label: str
    positive_values: Sequence[str | float]
    facets: Sequence[Facet]
    before_training: Sequence[str] = ()
    after_training: Sequence[str] = ()
    headers: Sequence[str] = ()
    predicted_label: str | None = None
    predictor: Predictor | None = None
    probability_threshold: float | None = None
    subgroup: str | None = None
    identifier: str | None = None
    dataset_type: str = CSV

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise ValueError(problem)

    @property
    def metrics(self) -> tuple[str, ...]:
        """All metrics, those of the data first."""
        return (*self.before_training, *self.after_training)

    def to_json(self) -> dict[str, Any]:
        """Return the analysis configuration."""
        methods: dict[str, Any] = {"report": REPORT}
        if self.before_training:
            methods["pre_training_bias"] = {"methods": list(self.before_training)}
        if self.after_training:
            methods["post_training_bias"] = {"methods": list(self.after_training)}
        optional = {
            "headers": list(self.headers) or None,
            "predicted_label": self.predicted_label,
            "probability_threshold": self.probability_threshold,
            "group_variable": self.subgroup,
            "joinsource_name_or_index": self.identifier,
            "predictor": None if self.predictor is None else self.predictor.to_json(),
        }
        return {
            "version": "1.0",
            "dataset_type": self.dataset_type,
            "label": self.label,
            "label_values_or_threshold": list(self.positive_values),
            "facet": [facet.to_json() for facet in self.facets],
            **{name: value for name, value in optional.items() if value is not None},
            "methods": methods,
        }

    def _problems(self) -> Iterator[str]:
        if not self.positive_values:
            yield "A bias analysis has no positive_values. Name the values of the label that are good to get."
        if not self.facets:
            yield "A bias analysis has no facets, so it would compare no groups. Give facets=[Facet(...)]."
        if not self.metrics:
            yield "A bias analysis has no metrics. Give before_training=['CI', ...] or after_training=['DPPL', ...]."
        for stage, asked, known in (
            ("before_training", self.before_training, BEFORE),
            ("after_training", self.after_training, AFTER),
        ):
            for name in (each for each in asked if each not in known):
                yield f"{stage} has {name!r}, which Clarify does not know. Use some of {', '.join(known)}."
        if self.subgroup is None and any(name in BY_SUBGROUP for name in self.metrics):
            yield "CDDL and CDDPL compare within subgroups. Give subgroup=..., or leave them out."
        if self.predicted_label is not None and self.predictor is not None:
            yield "The model's answers come from two places. Give predicted_label=... or predictor=..., not both."
        columns = (
            self.label,
            self.predicted_label,
            self.subgroup,
            self.identifier,
            *(facet.name for facet in self.facets),
        )
        for column in (each for each in columns if self.headers and each is not None and each not in self.headers):
            yield f"Column {column!r} is none of the headers. Use one of {', '.join(self.headers)}."
        if self.dataset_type not in (CSV, PARQUET):
            yield f"A dataset of type {self.dataset_type!r} is not read. Use {CSV} or {PARQUET}."
