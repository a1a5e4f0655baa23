"""SageMaker: one file for each family of resources that the local cloud keeps itself; moto serves the rest.

A family has ``KINDS``, whose five operations `crud` gives, and ``OPERATIONS`` of its own.
"""

import functools
import json
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud import moto_bridge
from mlgov_constructs.local_cloud.services.json_service import JsonService, Operation
from mlgov_constructs.local_cloud.services.sagemaker import (
    authorization,
    crud,
    feature_groups,
    lineage,
    model_cards,
    monitoring,
    notebooks,
    pipelines,
    progress,
    registry,
    serving,
    store,
    studio,
    tagging,
    tracking,
)
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind

_FAMILIES = (
    feature_groups,
    lineage,
    model_cards,
    monitoring,
    notebooks,
    pipelines,
    registry,
    serving,
    studio,
    tracking,
)

_KINDS: tuple[Kind, ...] = tuple(kind for family in _FAMILIES for kind in family.KINDS)
_OPERATIONS: dict[str, Operation] = {
    **{name: operation for kind in _KINDS for name, operation in crud.operations(kind).items()},
    **{name: operation for family in _FAMILIES for name, operation in family.OPERATIONS.items()},
}
_authorize = functools.partial(authorization.authorize, _KINDS)
_OURS = JsonService("sagemaker", _OPERATIONS, _authorize, moto_bridge.handle)
_TAGS = JsonService("sagemaker", {**_OPERATIONS, **tagging.OPERATIONS}, _authorize)


def configure(transition_seconds: float) -> None:
    """Sets how long a resource takes to become ready, to change and to go."""
    progress.configure(transition_seconds)


def reset() -> None:
    """Forgets everything."""
    pipelines.reset()
    progress.reset()
    store.reset()


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers a SageMaker request; tags of our resources are ours, all others moto's."""
    if path.startswith(serving.INVOCATIONS):
        return serving.refuse_invocation(_authorize, path, headers, query)
    service = _TAGS if _is_about_our_tags(headers, body) else _OURS
    return await service.handle_request(method, path, headers, body, query)


def _is_about_our_tags(headers: Mapping[str, str], body: bytes) -> bool:
    return (
        moto_bridge.operation(headers, body) in tagging.OPERATIONS
        and json.loads(body or b"{}").get("ResourceArn") in store.tags
    )
