"""The one place where a version of a model that a template registers is governed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlgov_constructs.mlops.approval_status import ApprovalStatus
from mlgov_constructs.mlops.model_card.model_card_status import ModelCardStatus

CONTROLS = ("MLG-MLO-09", "MLG-MLO-11", "MLG-MLO-12", "MLG-MLO-13", "MLG-MLO-14")


def model_package_properties(
    *,
    model_package_group_name: str,
    image: str,
    model_data_url: str,
    metadata: Mapping[str, str],
    key_arn: str,
    content_types: Sequence[str],
    response_types: Sequence[str],
    serving_instance_types: Sequence[str],
    batch_instance_types: Sequence[str],
    card: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Any] | None = None,
    description: str | None = None,
) -> dict[str, Any]:
    """Return every property of a governed version, as ``CfnModelPackage`` takes them.

    It has no tags: SageMaker gives a version those of its group and refuses others.

    Args:
        model_package_group_name: The group.
        image: The image that serves it, by digest.
        model_data_url: The artifact.
        metadata: Where it comes from.
        key_arn: The key that encrypts what SageMaker keeps of it.
        content_types: What it reads.
        response_types: What it answers.
        serving_instance_types: The types of machines that may serve it.
        batch_instance_types: The types of machines that may transform batches with it.
        card: What its card says, by the schema of a version's card.
        metrics: Its reports, as ``ModelMetrics``.
        description: What it is.
    """
    draft = {"modelCardContent": json.dumps(card), "modelCardStatus": ModelCardStatus.DRAFT.value} if card else None
    return {
        "customer_metadata_properties": dict(metadata),
        "inference_specification": {
            "containers": [{"image": image, "modelDataUrl": model_data_url}],
            "supportedContentTypes": list(content_types),
            "supportedRealtimeInferenceInstanceTypes": list(serving_instance_types),
            "supportedResponseMimeTypes": list(response_types),
            "supportedTransformInstanceTypes": list(batch_instance_types),
        },
        "model_approval_status": ApprovalStatus.PENDING.value,
        "model_card": draft,
        "model_metrics": metrics,
        "model_package_description": description,
        "model_package_group_name": model_package_group_name,
        "security_config": {"kmsKeyId": key_arn},
    }
