"""The SageMaker resources that the local cloud keeps itself, and their tags."""

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Request
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record

Key = tuple[tuple[str, str], str, str]
"""Account and region, noun, and name in lower case."""

records: dict[Key, Record] = {}
tags: dict[str, dict[str, str]] = {}
"""By ARN."""


def reset() -> None:
    """Forgets everything."""
    records.clear()
    tags.clear()


def key_of(kind: Kind, request: Request, name: str | None = None) -> Key:
    """Returns the key of the resource that a request is about, or of the one called ``name``."""
    named = request[kind.name] if name is None else name
    return request.scope, kind.noun, named.lower()  # an ARN has the name in lower case, so names differ by more


def arn_of(kind: Kind, request: Request) -> str:
    """Returns the ARN of the resource that a request is about."""
    return build_arn(request, f"{kind.arn_path}/{request[kind.name].lower()}")


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
        message = (kind.missing or f"{kind.noun} {{name}} does not exist").format(name=request[kind.name])
        raise ServiceError("ResourceNotFound" if kind.has_resource_errors else "ValidationException", message)
    return record


def all_of(kind: Kind, request: Request) -> list[Record]:
    """Returns the resources of a kind in the account and region of a request."""
    return [record for (scope, noun, _), record in records.items() if (scope, noun) == (request.scope, kind.noun)]
