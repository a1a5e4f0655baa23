"""A limit of one metric of a monitor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from mlgov_constructs.argument_types import checked_arguments


@checked_arguments
@dataclass(frozen=True)
class DriftThreshold:
    """A limit for one metric, beyond which an alarm goes off before the baseline is violated.

    Attributes:
        metric_name: The metric as the monitor publishes it, ``f1`` for example.
        minimum: The least that is well.
        maximum: The most that is well.
        dimensions: Dimensions beside those of the monitor, which metrics of bias have.

    Raises:
        ValueError: Neither or both of the limits are given, or the limit is infinite.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-cloudwatch.html

    Example:
        >>> DriftThreshold.of_feature("age", maximum=0.2).metric_name
        'feature_baseline_drift_age'
    """

    metric_name: str
    minimum: float | None = None
    maximum: float | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.minimum is None) == (self.maximum is None):
            msg = f"The threshold of {self.metric_name!r} needs one limit. Give minimum or maximum."
            raise ValueError(msg)
        limit = self.maximum if self.minimum is None else self.minimum
        if limit is not None and not math.isfinite(limit):
            msg = f"The limit {limit} of {self.metric_name!r} is never reached. Give a finite number."
            raise ValueError(msg)

    @classmethod
    def of_feature(cls, feature: str, *, maximum: float) -> DriftThreshold:
        """Return a limit of how far a feature is from its baseline.

        Args:
            feature: The name of the feature.
            maximum: The most that is well, 0 to 1.
        """
        return cls(f"feature_baseline_drift_{feature}", maximum=maximum)

    @classmethod
    def of_bias(
        cls, metric: str, *, facet: str, facet_value: str, label: str, label_value: str, maximum: float
    ) -> DriftThreshold:
        """Return a limit of a metric of bias after training.

        Args:
            metric: Its short name, ``DPPL`` for example.
            facet: The sensitive feature.
            facet_value: Its value that is compared with all others.
            label: The name of the label.
            label_value: The value that counts as positive.
            maximum: The most that is well.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-cw.html
        """
        dimensions = {
            "BiasStage": "Post-Training",
            "Facet": facet,
            "FacetValue": facet_value,
            "Label": label,
            "LabelValue": label_value,
        }
        return cls(f"bias_metric_{metric}", maximum=maximum, dimensions=dimensions)
