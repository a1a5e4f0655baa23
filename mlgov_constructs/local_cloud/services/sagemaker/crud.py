"""Create, Describe, List, Update and Delete, alike for every kind."""

import datetime
import functools
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request, output_members
from mlgov_constructs.local_cloud.services.sagemaker import store
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record


def operations(kind: Kind) -> dict[str, Operation]:
    """Returns the five operations of a kind by their names."""
    return {
        f"Create{kind.noun}": functools.partial(_create, kind),
        f"Describe{kind.noun}": functools.partial(_describe, kind),
        f"List{kind.plural}": functools.partial(_list, kind),
        f"Update{kind.noun}": functools.partial(_update, kind),
        f"Delete{kind.noun}": functools.partial(_delete, kind),
    }


def check_status(kind: Kind, record: Record, *allowed: str) -> None:
    """Refuses a change of a resource whose status is none of those allowed."""
    if kind.status and allowed and record[kind.status] not in allowed:
        message = f"Status ({record[kind.status]}) not in ([{', '.join(allowed)}]). Unable to transition"
        code = "ResourceInUse" if kind.has_resource_errors else "ValidationException"
        raise ServiceError(code, f"{message} ({record[kind.arn]})")


def _create(kind: Kind, request: Request) -> dict[str, Any]:
    key, arn = store.key_of(kind, request), store.arn_of(kind, request)
    if key in store.records:
        code = "ResourceInUse" if kind.has_resource_errors else "ValidationException"
        raise ServiceError(code, f"Cannot create a duplicate {kind.noun} ({arn})")
    kind.check_create(request)
    now = datetime.datetime.now(datetime.UTC)
    store.records[key] = {
        **kind.defaults,
        **_renamed(kind, request.parameters),
        kind.arn: arn,
        "CreationTime": now,
        "LastModifiedTime": now,
        **({kind.status: "InService"} if kind.status else {}),
        **kind.added(request),
    }
    store.tags[arn] = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}
    return {kind.arn: arn}


def _describe(kind: Kind, request: Request) -> dict[str, Any]:
    return _visible(store.find(kind, request), output_members("sagemaker", request.operation))


def _list(kind: Kind, request: Request) -> dict[str, Any]:
    answer = output_members("sagemaker", request.operation)
    name = next(member for member, shape in answer.items() if shape.type_name == "list")
    found = [
        record
        for record in store.all_of(kind, request)
        if request.get("NameContains", "") in record[kind.name]
        and request.get("StatusEquals") in (None, record.get(kind.status))
    ]
    found.sort(key=lambda record: str(record[kind.name]), reverse=request.get("SortOrder") == "Descending")
    start, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", 100))
    page = [_visible(record, answer[name].member.members) for record in found[start : start + size]]
    following = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {name: page, **following}


def _update(kind: Kind, request: Request) -> dict[str, Any]:
    record = store.find(kind, request)
    check_status(kind, record, *kind.changeable_in)
    kind.check_update(request, record)
    changes = _renamed(kind, {name: value for name, value in request.parameters.items() if name != kind.name})
    for flag, member in kind.removals.items():
        if changes.pop(flag, False):
            record.pop(member, None)
    record.update(changes, LastModifiedTime=datetime.datetime.now(datetime.UTC))
    answer = output_members("sagemaker", request.operation)
    return {kind.arn: record[kind.arn]} if kind.arn in answer else {}


def _delete(kind: Kind, request: Request) -> dict[str, Any]:
    record = store.find(kind, request)
    check_status(kind, record, *kind.changeable_in)
    del store.records[store.key_of(kind, request)]
    store.tags.pop(record[kind.arn], None)
    return {}


def _renamed(kind: Kind, parameters: Mapping[str, Any]) -> Record:
    return {kind.renamed.get(name, name): value for name, value in parameters.items() if name != "Tags"}


def _visible(record: Record, members: Mapping[str, Any]) -> Record:
    return {name: value for name, value in record.items() if name in members}
