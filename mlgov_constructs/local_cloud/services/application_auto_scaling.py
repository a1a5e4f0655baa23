"""Application Auto Scaling: moto's, with tags and with IAM."""

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from moto.applicationautoscaling import models, responses

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.services.json_service import JsonService, Operation, Request

_SERVICE = "application-autoscaling"

_DIMENSIONS = {
    "SAGEMAKER_VARIANT_DESIRED_PROVISIONED_CONCURRENCY": "sagemaker:variant:DesiredProvisionedConcurrency",
    "SAGEMAKER_INFERENCE_COMPONENT_DESIRED_COPY_COUNT": "sagemaker:inference-component:DesiredCopyCount",
}
"""What moto does not know yet."""

_tags: dict[str, dict[str, str]] = {}
"""By ARN of a scalable target."""


def install() -> None:
    """Makes moto take everything of SageMaker that scales; to be called once."""
    known = [(each.name, each.value) for each in models.ScalableDimensionValueSet]
    extended = Enum("ScalableDimensionValueSet", [*known, *_DIMENSIONS.items()])  # type: ignore[misc]
    models.ScalableDimensionValueSet = responses.ScalableDimensionValueSet = extended


def reset() -> None:
    """Forgets everything."""
    _tags.clear()


def _add_tags(request: Request) -> dict[str, Any]:
    _tags.setdefault(request["ResourceARN"], {}).update(request["Tags"])
    return {}


def _remove_tags(request: Request) -> dict[str, Any]:
    for key in request["TagKeys"]:
        _tags.get(request["ResourceARN"], {}).pop(key, None)
    return {}


def _list_tags(request: Request) -> dict[str, Any]:
    return {"Tags": _tags.get(request["ResourceARN"], {})}


def _authorize(request: Request) -> None:
    keys = {"service-namespace": "ServiceNamespace", "scalable-dimension": "ScalableDimension"}
    context = {f"{_SERVICE}:{key}": request.get(name) for key, name in keys.items()}
    enforcement.authorize(request.caller, f"{_SERVICE}:{request.operation}", _resource(request), context)


def _resource(request: Request) -> str:
    """Returns the ARN that an operation is authorized on; nobody knows that of a new target."""
    if request.operation.startswith("Describe"):
        return "*"
    caller = request.caller
    unknown = f"arn:{enforcement.partition()}:{_SERVICE}:{caller.region}:{caller.account}:scalable-target/*"
    return str(request.get("ResourceARN") or unknown)


async def _from_moto(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers from moto, and keeps the tags that a registration brings, which moto drops."""
    answer = await moto_bridge.handle(method, path, headers, body, query)
    brought = json.loads(body or b"{}").get("Tags")
    if brought and answer[0] == 200:
        _tags.setdefault(json.loads(answer[2])["ScalableTargetARN"], {}).update(brought)
    return answer


_OPERATIONS: dict[str, Operation] = {
    "ListTagsForResource": _list_tags,
    "TagResource": _add_tags,
    "UntagResource": _remove_tags,
}
SERVICE = JsonService(_SERVICE, _OPERATIONS, _authorize, _from_moto)
