"""The SageMaker resources that the local cloud keeps itself, and their tags."""

from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Request
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record, Scope

Key = tuple[Scope, str, str]
"""Account and region, noun, and identity."""

records: dict[Key, Record] = {}
tags: dict[str, dict[str, str]] = {}
"""By ARN."""


def reset() -> None:
    """Forgets everything."""
    records.clear()
    tags.clear()


def key_of(kind: Kind, request: Request, parameters: Mapping[str, Any] | None = None) -> Key:
    """Returns the key of the resource that a request is about, or of the one that ``parameters`` name."""
    return request.scope, kind.noun, kind.identity(parameters or request.parameters)


def arn_of(kind: Kind, request: Request, parameters: Mapping[str, Any] | None = None) -> str:
    """Returns the ARN of the resource that a request is about, or of the one that ``parameters`` name."""
    return build_arn(request, f"{kind.arn_path}/{kind.identity(parameters or request.parameters)}")


def build_arn(request: Request, resource: str) -> str:
    """Returns the ARN of ``resource`` in the account and region of a request."""
    caller = request.caller
    return f"arn:{enforcement.partition()}:sagemaker:{caller.region}:{caller.account}:{resource}"


def find(kind: Kind, request: Request) -> Record:
    """Returns the resource that a request is about.

    Raises:
        ServiceError: There is none.
    """
    record = records.get(key_of(kind, request))
    if record is None:
        name = request.get(kind.name) or kind.identity(request.parameters)
        message = (kind.missing or f"{kind.noun} {{name}} does not exist").format(name=name)
        raise ServiceError("ResourceNotFound" if kind.has_resource_errors else "ValidationException", message)
    return record


def all_of(kind: Kind, request: Request) -> dict[Key, Record]:
    """Returns the resources of a kind in the account and region of a request."""
    return {key: record for key, record in list(records.items()) if key[:2] == (request.scope, kind.noun)}
