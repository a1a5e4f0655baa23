"""The alarms of a monitor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mlgov_constructs.monitoring.drift_threshold import DriftThreshold


class MetricId(NamedTuple):
    """What tells a metric from others; its properties cost no call into the CDK's process.

    Attributes:
        namespace: The namespace.
        metric_name: The name.
        dimensions: The dimensions.
    """

    namespace: str
    metric_name: str
    dimensions: Mapping[str, str]


def run_alarm_properties(*, description: str, metric: MetricId, seconds: int, topic_arn: str) -> dict[str, Any]:
    """Return an alarm that one run sets off and the next ends, as ``CfnAlarm`` takes it.

    Args:
        description: What happened.
        metric: How many runs it happened in.
        seconds: The time between two runs.
        topic_arn: Whom it is told.
    """
    return {
        "threshold": 1,
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "statistic": "Sum",
        **_common(description, metric, seconds, topic_arn),
    }


def threshold_alarm_properties(
    *, description: str, metric: MetricId, threshold: DriftThreshold, seconds: int, topic_arn: str
) -> dict[str, Any]:
    """Return an alarm for a limit of one metric, as ``CfnAlarm`` takes it.

    Args:
        description: What happened.
        metric: The metric.
        threshold: Its limit.
        seconds: The time between two runs.
        topic_arn: Whom it is told.
    """
    too_low = threshold.maximum is None
    return {
        "threshold": threshold.minimum if too_low else threshold.maximum,
        "comparison_operator": "LessThanThreshold" if too_low else "GreaterThanThreshold",
        "statistic": "Average",
        **_common(description, metric, seconds, topic_arn),
    }


def _common(description: str, metric: MetricId, seconds: int, topic_arn: str) -> dict[str, Any]:
    return {
        "alarm_description": description,
        "namespace": metric.namespace,
        "metric_name": metric.metric_name,
        "dimensions": [{"name": name, "value": value} for name, value in metric.dimensions.items()],
        "period": seconds,
        "evaluation_periods": 1,
        "treat_missing_data": "notBreaching",
        "alarm_actions": [topic_arn],
        "ok_actions": [topic_arn],
    }
