"""What is particular to serverless endpoints: their size, and how provisioned concurrency scales."""

from __future__ import annotations

from typing import Any

from mlgov_constructs.serving.endpoint_properties import VARIANT, scalable_target_properties
from mlgov_constructs.serving.provisioned_concurrency import ProvisionedConcurrency

DIMENSION = "sagemaker:variant:DesiredProvisionedConcurrency"


def serverless_variant_properties(
    *, model_name: str, memory_mib: float, max_concurrency: float, provisioned: float | None = None
) -> dict[str, Any]:
    """Return a variant without instances, as the properties of an endpoint configuration hold it.

    Args:
        model_name: The model.
        memory_mib: The memory of one copy, in MiB.
        max_concurrency: How many requests are answered at once.
        provisioned: For how many of them a copy is kept ready; none when omitted.
    """
    ready = {} if provisioned is None else {"provisionedConcurrency": provisioned}
    return {
        "variantName": VARIANT,
        "modelName": model_name,
        "initialVariantWeight": 1,
        "serverlessConfig": {"memorySizeInMb": memory_mib, "maxConcurrency": max_concurrency, **ready},
    }


def provisioned_target_properties(*, endpoint_name: str, provisioned: ProvisionedConcurrency) -> dict[str, Any]:
    """Return the limits between which provisioned concurrency scales, as ``CfnScalableTarget`` takes them.

    Args:
        endpoint_name: The endpoint.
        provisioned: The limits.
    """
    limits = scalable_target_properties(
        endpoint_name=endpoint_name,
        min_capacity=provisioned.minimum,
        max_capacity=provisioned.most,
        schedule=provisioned.schedule,
    )
    return {**limits, "scalable_dimension": DIMENSION}


def provisioned_policy_properties(*, scaling_target_id: str, provisioned: ProvisionedConcurrency) -> dict[str, Any]:
    """Return how provisioned concurrency follows its use, as ``CfnScalingPolicy`` takes it.

    Args:
        scaling_target_id: The scalable target.
        provisioned: The share that should be in use.
    """
    return {
        "policy_name": "utilization",
        "policy_type": "TargetTrackingScaling",
        "scaling_target_id": scaling_target_id,
        "target_tracking_scaling_policy_configuration": {
            "predefinedMetricSpecification": {
                "predefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"
            },
            "targetValue": provisioned.utilization,
        },
    }
