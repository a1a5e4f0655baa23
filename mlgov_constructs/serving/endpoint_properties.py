"""The one place where endpoints and their scaling are hardened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import CfnTag

from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.serving.endpoint_scaling import ScheduledCapacity

VARIANT = "AllTraffic"
SHADOW = "Shadow"
NAMESPACE = "AWS/SageMaker"
SCALED = {
    "service_namespace": "sagemaker",
    "scalable_dimension": "sagemaker:variant:DesiredInstanceCount",
}
CONFIG_CONTROLS = ("MLG-SRV-05", "MLG-SRV-06", "MLG-SRV-07", "MLG-SRV-10")
ENDPOINT_CONTROLS = ("MLG-SRV-08", "MLG-SRV-09", "MLG-SRV-10")
ALARM_CONTROLS = ("MLG-GOV-06",)


def variant_properties(
    *,
    model_name: str,
    instance_type: str,
    instance_count: float,
    name: str = VARIANT,
    weight: float = 1,
) -> dict[str, Any]:
    """Return a variant on instances, as the properties of an endpoint configuration hold it.

    Args:
        model_name: The model.
        instance_type: The instance type, with ``ml.``.
        instance_count: How many instances it starts with.
        name: The name of the variant; it must stay the same, or traffic cannot be moved.
        weight: Its share; of a shadow the part of the requests that is copied.
    """
    return {
        "variantName": name,
        "modelName": model_name,
        "instanceType": instance_type,
        "initialInstanceCount": instance_count,
        "initialVariantWeight": weight,
    }


def capture_properties(*, destination: str, kms_key_id: str, percentage: float, answers: bool = True) -> dict[str, Any]:
    """Return how requests and answers are kept, as the properties of an endpoint configuration hold it.

    CSV and JSON are kept as text, which monitoring reads; everything else as base64.

    Args:
        destination: Where, ``s3://bucket/prefix``.
        kms_key_id: The key of the bucket.
        percentage: How many of a hundred.
        answers: Whether answers are kept as well.
    """
    modes = ("Input", "Output") if answers else ("Input",)
    return {
        "enableCapture": True,
        "initialSamplingPercentage": percentage,
        "destinationS3Uri": destination,
        "kmsKeyId": kms_key_id,
        "captureOptions": [{"captureMode": mode} for mode in modes],
        "captureContentTypeHeader": {"csvContentTypes": ["text/csv"], "jsonContentTypes": ["application/json"]},
    }


def endpoint_config_properties(
    *,
    project: str,
    kms_key_id: str | None,
    variant: Mapping[str, Any],
    shadow: Mapping[str, Any] | None = None,
    capture: Mapping[str, Any] | None = None,
    asynchronous: Mapping[str, Any] | None = None,
    components: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return every property of an endpoint configuration, as ``CfnEndpointConfig`` takes them.

    A configuration has no name: it cannot be changed, so each change makes a new one, to which
    the endpoint is then updated. Values may be tokens and dynamic references.

    Args:
        project: The project, which becomes a tag.
        kms_key_id: The key of the volumes; ``None`` where the disks of the host take none.
        variant: What answers, of :func:`variant_properties` for example.
        shadow: What sees the same requests.
        capture: What is kept, of :func:`capture_properties`.
        asynchronous: Where the results of an asynchronous endpoint go.
        components: Where and as whom inference components run, whose models bring none of it.
    """
    return {
        **(components or {}),
        "kms_key_id": kms_key_id,
        "production_variants": [dict(variant)],
        "shadow_production_variants": None if shadow is None else [dict(shadow)],
        "data_capture_config": None if capture is None else dict(capture),
        "async_inference_config": None if asynchronous is None else dict(asynchronous),
        "tags": [CfnTag(key=PROJECT_TAG, value=project)],
    }


def endpoint_properties(
    *,
    project: str,
    endpoint_name: str | None,
    endpoint_config_name: str,
    update_policy: Mapping[str, Any] | None = None,
    alarm_names: Sequence[str] = (),
    scales: bool = True,
) -> dict[str, Any]:
    """Return every property of an endpoint, as ``CfnEndpoint`` takes them.

    An update keeps the number of instances that scaling has reached.

    Args:
        project: The project, which becomes a tag.
        endpoint_name: The name, by which callers and alarms know it.
        endpoint_config_name: The configuration.
        update_policy: How traffic moves, of ``DeploymentStrategy.to_properties``.
        alarm_names: The alarms that bring traffic back.
        scales: Whether the number of instances follows the load.
    """
    rollback = {"autoRollbackConfiguration": {"alarms": [{"alarmName": name} for name in alarm_names]}}
    return {
        "endpoint_name": endpoint_name,
        "endpoint_config_name": endpoint_config_name,
        "deployment_config": (
            None if update_policy is None else {**update_policy, **(rollback if alarm_names else {})}
        ),
        "retain_all_variant_properties": True if scales else None,
        "exclude_retained_variant_properties": (
            [{"variantPropertyType": kind} for kind in ("DataCaptureConfig", "DesiredWeight")] if scales else None
        ),
        "tags": [CfnTag(key=PROJECT_TAG, value=project)],
    }


def scalable_target_properties(
    *,
    endpoint_name: str,
    min_capacity: float,
    max_capacity: float,
    schedule: Sequence[ScheduledCapacity] = (),
) -> dict[str, Any]:
    """Return the limits between which a variant scales, as ``CfnScalableTarget`` takes them.

    Args:
        endpoint_name: The endpoint.
        min_capacity: The fewest instances.
        max_capacity: The most instances.
        schedule: Limits by the clock.
    """
    return {
        **SCALED,
        "resource_id": variant_id(endpoint_name),
        "min_capacity": min_capacity,
        "max_capacity": max_capacity,
        "scheduled_actions": [
            {
                "scheduledActionName": f"schedule-{position}",
                "schedule": each.schedule,
                "timezone": each.time_zone,
                "scalableTargetAction": {
                    name: value
                    for name, value in (("minCapacity", each.min_capacity), ("maxCapacity", each.max_capacity))
                    if value is not None
                },
            }
            for position, each in enumerate(schedule, start=1)
        ]
        or None,
    }


def scaling_policy_properties(
    *,
    scaling_target_id: str,
    policy_name: str,
    target: float,
    scale_in_seconds: float = 300,
    scale_out_seconds: float = 60,
    metric: str = "SageMakerVariantInvocationsPerInstance",
) -> dict[str, Any]:
    """Return how a variant follows its load, as ``CfnScalingPolicy`` takes it.

    Args:
        scaling_target_id: The scalable target.
        policy_name: The name of the policy.
        target: Requests a minute that one instance should have.
        scale_in_seconds: How long to wait before fewer.
        scale_out_seconds: How long to wait before more.
        metric: What is counted.
    """
    return {
        "policy_name": policy_name,
        "policy_type": "TargetTrackingScaling",
        "scaling_target_id": scaling_target_id,
        "target_tracking_scaling_policy_configuration": {
            "predefinedMetricSpecification": {"predefinedMetricType": metric},
            "targetValue": target,
            "scaleInCooldown": scale_in_seconds,
            "scaleOutCooldown": scale_out_seconds,
        },
    }


def error_alarm_properties(*, endpoint_name: str, actions: Sequence[str] = ()) -> dict[str, Any]:
    """Return the alarm on failed requests, as ``CfnAlarm`` takes it.

    Args:
        endpoint_name: The endpoint.
        actions: Whom it tells, topics by their ARN.
    """
    return {
        "alarm_description": f"Requests to the endpoint {endpoint_name} fail",
        "namespace": NAMESPACE,
        "metric_name": "Invocation5XXErrors",
        "dimensions": metric_dimensions(endpoint_name),
        "statistic": "Sum",
        "period": 60,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
        "threshold": 1,
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "treat_missing_data": "notBreaching",
        "alarm_actions": list(actions) or None,
    }


def latency_alarm_properties(*, endpoint_name: str, milliseconds: float, actions: Sequence[str] = ()) -> dict[str, Any]:
    """Return the alarm on slow answers, as ``CfnAlarm`` takes it.

    Args:
        endpoint_name: The endpoint.
        milliseconds: What one answer in a hundred may take at most.
        actions: Whom it tells, topics by their ARN.
    """
    return {
        "alarm_description": f"Answers of the endpoint {endpoint_name} take too long",
        "namespace": NAMESPACE,
        "metric_name": "ModelLatency",
        "dimensions": metric_dimensions(endpoint_name),
        "extended_statistic": "p99",
        "period": 60,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
        "threshold": milliseconds * 1_000,  # the metric counts microseconds
        "comparison_operator": "GreaterThanThreshold",
        "treat_missing_data": "notBreaching",
        "alarm_actions": list(actions) or None,
    }


def metric_dimensions(endpoint_name: str) -> list[dict[str, str]]:
    """Return by what CloudWatch tells the metrics of an endpoint apart.

    Args:
        endpoint_name: The endpoint.
    """
    return [{"name": "EndpointName", "value": endpoint_name}, {"name": "VariantName", "value": VARIANT}]


def variant_id(endpoint_name: str) -> str:
    """Return what Application Auto Scaling calls the variant.

    Args:
        endpoint_name: The endpoint.
    """
    return f"endpoint/{endpoint_name}/variant/{VARIANT}"
