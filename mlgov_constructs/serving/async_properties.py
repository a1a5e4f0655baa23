"""What is particular to asynchronous endpoints: their results, and how they scale from zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlgov_constructs.serving.endpoint_properties import NAMESPACE, SCALED, variant_id

# The metrics of the queue know the endpoint, not the variant.
BACKLOG = "ApproximateBacklogSizePerInstance"
WAITING = "HasBacklogWithoutCapacity"
FAILURES = "InvocationFailures"


def async_properties(
    *,
    place: str,
    kms_key_id: str,
    success_topic: str | None = None,
    error_topic: str | None = None,
    concurrency: float | None = None,
) -> dict[str, Any]:
    """Return where results go, as the properties of an endpoint configuration hold it.

    Args:
        place: ``s3://bucket/prefix``; results go to ``output`` and ``failures`` under it.
        kms_key_id: The key of the bucket.
        success_topic: The ARN of the topic that is told of each result.
        error_topic: The ARN of the topic that is told of each failure.
        concurrency: How many requests one instance works on at once; SageMaker chooses when omitted.
    """
    told = {"successTopic": success_topic, "errorTopic": error_topic}
    topics = {name: topic for name, topic in told.items() if topic is not None}
    output: dict[str, Any] = {
        "kmsKeyId": kms_key_id,
        "s3OutputPath": f"{place}/output",
        "s3FailurePath": f"{place}/failures",
    }
    if topics:
        output["notificationConfig"] = topics
    client = {} if concurrency is None else {"clientConfig": {"maxConcurrentInvocationsPerInstance": concurrency}}
    return {"outputConfig": output, **client}


def backlog_policy_properties(*, endpoint_name: str, scaling_target_id: str, target: float) -> dict[str, Any]:
    """Return how instances follow the queue, as ``CfnScalingPolicy`` takes it.

    Args:
        endpoint_name: The endpoint.
        scaling_target_id: The scalable target.
        target: Waiting requests that one instance should have.
    """
    return {
        "policy_name": "backlog",
        "policy_type": "TargetTrackingScaling",
        "scaling_target_id": scaling_target_id,
        "target_tracking_scaling_policy_configuration": {
            "customizedMetricSpecification": {
                "namespace": NAMESPACE,
                "metricName": BACKLOG,
                "dimensions": queue_dimensions(endpoint_name),
                "statistic": "Average",
            },
            "targetValue": target,
            "scaleInCooldown": 600,
            "scaleOutCooldown": 300,
        },
    }


def wake_policy_properties(*, scaling_target_id: str) -> dict[str, Any]:
    """Return what starts the first instance, as ``CfnScalingPolicy`` takes it.

    Args:
        scaling_target_id: The scalable target.
    """
    return {
        "policy_name": "wake",
        "policy_type": "StepScaling",
        "scaling_target_id": scaling_target_id,
        "step_scaling_policy_configuration": {
            "adjustmentType": "ChangeInCapacity",
            "metricAggregationType": "Average",
            "cooldown": 300,
            "stepAdjustments": [{"metricIntervalLowerBound": 0, "scalingAdjustment": 1}],
        },
    }


def queue_alarm_properties(
    *, endpoint_name: str, metric_name: str, description: str, actions: Sequence[str]
) -> dict[str, Any]:
    """Return an alarm on the queue of an endpoint, as ``CfnAlarm`` takes it.

    Args:
        endpoint_name: The endpoint.
        metric_name: The metric.
        description: What it means.
        actions: Whom it tells, or the policy that it starts.
    """
    return {
        "alarm_description": description,
        "namespace": NAMESPACE,
        "metric_name": metric_name,
        "dimensions": queue_dimensions(endpoint_name),
        "statistic": "Sum" if metric_name == FAILURES else "Average",
        "period": 60,
        "evaluation_periods": 1,
        "threshold": 1,
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "treat_missing_data": "notBreaching" if metric_name == FAILURES else "missing",
        "alarm_actions": list(actions),
    }


def queue_target_properties(*, endpoint_name: str, max_capacity: float) -> dict[str, Any]:
    """Return the limits of an endpoint that may go down to zero, as ``CfnScalableTarget`` takes them.

    Args:
        endpoint_name: The endpoint.
        max_capacity: The most instances.
    """
    return {**SCALED, "resource_id": variant_id(endpoint_name), "min_capacity": 0, "max_capacity": max_capacity}


def queue_dimensions(endpoint_name: str) -> list[dict[str, str]]:
    """Return by what CloudWatch tells the metrics of a queue apart.

    Args:
        endpoint_name: The endpoint.
    """
    return [{"name": "EndpointName", "value": endpoint_name}]
