"""Create, Describe, List, Update and Delete, alike for every kind."""

import datetime
import functools
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request, output_members
from mlgov_constructs.local_cloud.services.sagemaker import progress, store
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record

_NO_FILTERS = ("MaxResults", "NextToken", "SortBy", "SortOrder")


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
        raise ServiceError(_conflict(kind), f"{message} ({record[kind.arn]})")


def visible(record: Record, members: Mapping[str, Any]) -> Record:
    """Returns what an answer with ``members`` shows of a resource."""
    return {name: value for name, value in record.items() if name in members}


def _create(kind: Kind, request: Request) -> dict[str, Any]:
    progress.settle()
    parameters = {**request.parameters, **kind.generated(request)}
    key, arn = store.key_of(kind, request, parameters), store.arn_of(kind, request, parameters)
    known = store.records.get(key)
    if known and not (kind.statuses and known[kind.status] == kind.statuses.deleted):
        raise ServiceError(_conflict(kind), f"Cannot create a duplicate {kind.noun} ({arn})")
    kind.check_create(request)
    now = datetime.datetime.now(datetime.UTC)
    record = {
        **kind.defaults,
        **_renamed(kind, parameters),
        kind.arn: arn,
        "CreationTime": now,
        "LastModifiedTime": now,
        **({kind.status: "InService"} if kind.status else {}),
        **_person(kind, request, "CreatedBy"),
    }
    store.records[key] = {**record, **kind.added(request, record)}
    store.tags[arn] = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}
    if kind.statuses:
        progress.begin(kind, key, request.operation, kind.statuses.pending, kind.statuses.ready)
    return {name: store.records[key][name] for name in (kind.arn, *kind.answered)}


def _person(kind: Kind, request: Request, member: str) -> Record:
    return {member: {"IamIdentity": {"Arn": request.caller.arn}}} if kind.names_people else {}


def _describe(kind: Kind, request: Request) -> dict[str, Any]:
    progress.settle()
    record = store.find(kind, request)
    progress.look(store.key_of(kind, request))
    return visible(record, output_members("sagemaker", request.operation))


def _list(kind: Kind, request: Request) -> dict[str, Any]:
    progress.settle()
    answer = output_members("sagemaker", request.operation)
    listed = next(member for member, shape in answer.items() if shape.type_name == "list")
    filters = {key: value for key, value in request.parameters.items() if key not in _NO_FILTERS}
    found = {
        key: record
        for key, record in store.all_of(kind, request).items()
        if all(_passes(kind, record, name, wanted) for name, wanted in filters.items())
    }
    for key in found:
        progress.look(key)
    order = sorted(found, reverse=request.get("SortOrder") == "Descending")
    start, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", 100))
    page = [visible(found[key], answer[listed].member.members) for key in order[start : start + size]]
    following = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {listed: page, **following}


def _update(kind: Kind, request: Request) -> dict[str, Any]:
    progress.settle()
    record, key = store.find(kind, request), store.key_of(kind, request)
    check_status(kind, record, *kind.changeable_in)
    kind.check_update(request, record)
    given = {name: value for name, value in request.parameters.items() if name not in kind.identifiers}
    changes = _renamed(kind, given)
    for flag, member in kind.removals.items():
        if changes.pop(flag, False):
            record.pop(member, None)
    changes |= {name: {**record.get(name, {}), **changes[name]} for name in kind.merged if name in changes}
    changed = _person(kind, request, "LastModifiedBy")
    record.update(changes, LastModifiedTime=datetime.datetime.now(datetime.UTC), **changed)
    if kind.statuses and kind.statuses.updating:
        progress.begin(kind, key, request.operation, kind.statuses.updating, kind.statuses.ready)
    answer = output_members("sagemaker", request.operation)
    return {kind.arn: record[kind.arn]} if kind.arn in answer else {}


def _delete(kind: Kind, request: Request) -> dict[str, Any]:
    progress.settle()
    record, key = store.find(kind, request), store.key_of(kind, request)
    check_status(kind, record, *kind.changeable_in)
    kind.check_delete(request, record)
    if kind.statuses:
        progress.begin(kind, key, request.operation, kind.statuses.deleting, kind.statuses.deleted)
    else:
        del store.records[key]
        store.tags.pop(record[kind.arn], None)
    return {}


def _passes(kind: Kind, record: Record, name: str, wanted: Any) -> bool:
    """Tells whether a resource passes a filter of a list, such as ``NameContains`` or ``CreationTimeAfter``."""
    if name.endswith(("After", "Before")):
        moment = record["LastModifiedTime" if "Modified" in name else "CreationTime"].timestamp()
        return bool(moment > wanted) if name.endswith("After") else bool(moment < wanted)
    member = name.removesuffix("Contains").removesuffix("Equals")
    value = record.get(f"{kind.noun}{member}", record.get(member))
    return wanted in str(value or "") if name.endswith("Contains") else bool(value == wanted)


def _renamed(kind: Kind, parameters: Mapping[str, Any]) -> Record:
    return {kind.renamed.get(name, name): value for name, value in parameters.items() if name != "Tags"}


def _conflict(kind: Kind) -> str:
    return "ResourceInUse" if kind.has_resource_errors else "ValidationException"
