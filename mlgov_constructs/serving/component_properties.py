"""What is particular to inference components: the instances they share, and their copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlgov_constructs.serving.component_resources import ComponentResources
from mlgov_constructs.serving.endpoint_properties import NAMESPACE, VARIANT, metric_dimensions

DIMENSION = "sagemaker:inference-component:DesiredCopyCount"


def shared_variant_properties(*, instance_type: str, instance_count: float, max_instances: float) -> dict[str, Any]:
    """Return a variant without a model, whose instances SageMaker adds and removes for its components.

    Args:
        instance_type: The instance type, with ``ml.``.
        instance_count: How many instances at the start, and at least.
        max_instances: How many at most.
    """
    return {
        "variantName": VARIANT,
        "instanceType": instance_type,
        "initialInstanceCount": instance_count,
        "initialVariantWeight": 1,
        "managedInstanceScaling": {
            "status": "ENABLED",
            "minInstanceCount": instance_count,
            "maxInstanceCount": max_instances,
        },
        "routingConfig": {"routingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
    }


def component_ground_properties(
    *, role_arn: str, subnet_ids: Sequence[str], security_group_ids: Sequence[str]
) -> dict[str, Any]:
    """Return where and as whom components run, as ``CfnEndpointConfig`` takes it.

    Args:
        role_arn: The role of the containers.
        subnet_ids: The isolated subnets.
        security_group_ids: The security groups.
    """
    return {
        "execution_role_arn": role_arn,
        "enable_network_isolation": True,
        "vpc_config": {"subnets": list(subnet_ids), "securityGroupIds": list(security_group_ids)},
    }


def specification_properties(*, model_name: str, resources: ComponentResources) -> dict[str, Any]:
    """Return what one copy of a component runs and takes, as ``CfnInferenceComponent`` takes it.

    Args:
        model_name: The model.
        resources: What one copy takes of its instance.
    """
    wanted = {
        "numberOfCpuCoresRequired": resources.cpu_cores,
        "numberOfAcceleratorDevicesRequired": resources.accelerators,
        "minMemoryRequiredInMb": resources.memory.to_mebibytes(),
        "maxMemoryRequiredInMb": None if resources.max_memory is None else resources.max_memory.to_mebibytes(),
    }
    kept = {name: value for name, value in wanted.items() if value is not None}
    return {"modelName": model_name, "computeResourceRequirements": kept}


def rolling_update_properties(*, alarm_names: Sequence[str], wait_seconds: float) -> dict[str, Any]:
    """Return how copies are replaced, one half at most at a time, and what brings the old ones back.

    Args:
        alarm_names: The alarms.
        wait_seconds: How long the alarms watch each step.
    """
    return {
        "rollingUpdatePolicy": {
            "maximumBatchSize": {"type": "CAPACITY_PERCENT", "value": 50},
            "waitIntervalInSeconds": wait_seconds,
            "maximumExecutionTimeoutInSeconds": 3600,
        },
        "autoRollbackConfiguration": {"alarms": [{"alarmName": name} for name in alarm_names]},
    }


def component_alarm_properties(
    *, endpoint_name: str, component_name: str, actions: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the alarm on failed requests to a component, as ``CfnAlarm`` takes it.

    Args:
        endpoint_name: The endpoint.
        component_name: The component.
        actions: Whom it tells, topics by their ARN.
    """
    return {
        "alarm_description": f"Requests to the inference component {component_name} of {endpoint_name} fail",
        "namespace": NAMESPACE,
        "metric_name": "Invocation5XXErrors",
        "dimensions": [
            *metric_dimensions(endpoint_name),
            {"name": "InferenceComponentName", "value": component_name},
        ],
        "statistic": "Sum",
        "period": 60,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
        "threshold": 1,
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "treat_missing_data": "notBreaching",
        "alarm_actions": list(actions) or None,
    }
