"""SageMaker: notebook instances, their lifecycle configurations and code repositories; moto serves the rest."""

import datetime
import functools
import json
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import JsonService, Operation, Request, output_members
from mlgov_constructs.local_cloud.services.sagemaker_conditions import condition_keys
from mlgov_constructs.local_cloud.services.sagemaker_kinds import KINDS, LIFECYCLE_CONFIG, NOTEBOOK_INSTANCE, Kind

_Record = dict[str, Any]
_Scope = tuple[str, str]

_ROLES = ("RoleArn", "ExecutionRoleArn", "ExecutionRole")

_records: dict[tuple[_Scope, str, str], _Record] = {}
"""By account and region, noun and name in lower case."""
_tags: dict[str, dict[str, str]] = {}
"""By ARN."""


def reset() -> None:
    """Forgets everything."""
    _records.clear()
    _tags.clear()


def _create(kind: Kind, request: Request) -> dict[str, Any]:
    key = _key(kind, request, request[kind.name])
    if key in _records:
        raise ServiceError("ValidationException", f"Cannot create a duplicate {kind.noun} ({_arn(kind, request)})")
    if kind is NOTEBOOK_INSTANCE:
        _check_notebook(request)
    now = datetime.datetime.now(datetime.UTC)
    arn = _arn(kind, request)
    _records[key] = {
        **kind.defaults,
        **_renamed(kind, request.parameters),
        kind.arn: arn,
        "CreationTime": now,
        "LastModifiedTime": now,
        **({kind.status: "InService"} if kind.status else {}),
    }
    if kind is NOTEBOOK_INSTANCE:
        _records[key]["Url"] = f"{request[kind.name]}.notebook.{request.caller.region}.sagemaker.invalid"
    _tags[arn] = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}
    return {kind.arn: arn}


def _describe(kind: Kind, request: Request) -> dict[str, Any]:
    return _visible(_find(kind, request), output_members("sagemaker", f"Describe{kind.noun}"))


def _list(kind: Kind, request: Request) -> dict[str, Any]:
    operation = f"List{kind.plural}"
    answer = output_members("sagemaker", operation)
    name = next(member for member, shape in answer.items() if shape.type_name == "list")
    found = [
        record
        for (scope, noun, _), record in _records.items()
        if (scope, noun) == (request.scope, kind.noun)
        and request.get("NameContains", "") in record[kind.name]
        and request.get("StatusEquals") in (None, record.get(kind.status))
    ]
    found.sort(key=lambda record: str(record[kind.name]), reverse=request.get("SortOrder") == "Descending")
    start, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", 100))
    page = [_visible(record, answer[name].member.members) for record in found[start : start + size]]
    following = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {name: page, **following}


def _update(kind: Kind, request: Request) -> dict[str, Any]:
    record = _find(kind, request)
    _check_status(kind, record, "Stopped", "Failed")
    changes = _renamed(kind, {name: value for name, value in request.parameters.items() if name != kind.name})
    if changes.get("VolumeSizeInGB", 0) < record.get("VolumeSizeInGB", 0) and "VolumeSizeInGB" in changes:
        raise ServiceError("ValidationException", "The volume size of a notebook instance cannot be decreased.")
    for flag, member in kind.removals.items():
        if changes.pop(flag, False):
            record.pop(member, None)
    record.update(changes, LastModifiedTime=datetime.datetime.now(datetime.UTC))
    answer = output_members("sagemaker", f"Update{kind.noun}")
    return {kind.arn: record[kind.arn]} if kind.arn in answer else {}


def _delete(kind: Kind, request: Request) -> dict[str, Any]:
    record = _find(kind, request)
    _check_status(kind, record, "Stopped", "Failed")
    del _records[_key(kind, request, request[kind.name])]
    _tags.pop(record[kind.arn], None)
    return {}


def _start(request: Request) -> dict[str, Any]:
    record = _find(NOTEBOOK_INSTANCE, request)
    _check_status(NOTEBOOK_INSTANCE, record, "Stopped", "Failed")
    record["NotebookInstanceStatus"] = "InService"
    return {}


def _stop(request: Request) -> dict[str, Any]:
    record = _find(NOTEBOOK_INSTANCE, request)
    _check_status(NOTEBOOK_INSTANCE, record, "InService")
    record["NotebookInstanceStatus"] = "Stopped"
    return {}


def _presign(request: Request) -> dict[str, Any]:
    record = _find(NOTEBOOK_INSTANCE, request)
    _check_status(NOTEBOOK_INSTANCE, record, "InService")
    return {"AuthorizedUrl": f"https://{record['Url']}?authToken=local"}


def _add_tags(request: Request) -> dict[str, Any]:
    tags = _tags[request["ResourceArn"]]
    tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
    return {"Tags": _tag_list(tags)}


def _delete_tags(request: Request) -> dict[str, Any]:
    for key in request["TagKeys"]:
        _tags[request["ResourceArn"]].pop(key, None)
    return {}


def _list_tags(request: Request) -> dict[str, Any]:
    return {"Tags": _tag_list(_tags[request["ResourceArn"]])}


_TAG_OPERATIONS: dict[str, Operation] = {"AddTags": _add_tags, "DeleteTags": _delete_tags, "ListTags": _list_tags}
_OPERATIONS: dict[str, Operation] = {
    **{f"Create{kind.noun}": functools.partial(_create, kind) for kind in KINDS},
    **{f"Describe{kind.noun}": functools.partial(_describe, kind) for kind in KINDS},
    **{f"List{kind.plural}": functools.partial(_list, kind) for kind in KINDS},
    **{f"Update{kind.noun}": functools.partial(_update, kind) for kind in KINDS},
    **{f"Delete{kind.noun}": functools.partial(_delete, kind) for kind in KINDS},
    "CreatePresignedNotebookInstanceUrl": _presign,
    "StartNotebookInstance": _start,
    "StopNotebookInstance": _stop,
}


def _authorize(request: Request) -> None:
    """Evaluates IAM for the operation and for each role that it hands to SageMaker."""
    context = condition_keys(request.operation, request.parameters)
    resource = _resource(request)
    for key, value in _tags.get(resource, {}).items():
        context[f"aws:ResourceTag/{key}"] = context[f"sagemaker:ResourceTag/{key}"] = value
    enforcement.authorize(request.caller, f"sagemaker:{request.operation}", resource, context)
    if request.operation.startswith(("Create", "Update")):
        for name in _ROLES:
            if role := request.get(name):
                enforcement.check_pass_role(request.caller, role, "sagemaker")
        if request.get("Tags") and request.operation.startswith("Create"):
            tagging = {**context, "sagemaker:TaggingAction": request.operation}
            enforcement.authorize(request.caller, "sagemaker:AddTags", resource, tagging)


def _resource(request: Request) -> str:
    if arn := request.get("ResourceArn"):
        return str(arn)
    for kind in KINDS:
        if request.get(kind.name) and (kind.noun in request.operation or kind is NOTEBOOK_INSTANCE):
            return _arn(kind, request)
    named = [name for name in request.parameters if name.endswith("Name")]
    noun = request.operation.removeprefix("Create").removeprefix("Describe").removeprefix("Delete")
    if f"{noun}Name" in named:
        path = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in noun).lstrip("-")
        return _build_arn(request, f"{path}/{request[f'{noun}Name'].lower()}")
    return "*"


def _key(kind: Kind, request: Request, name: str) -> tuple[_Scope, str, str]:
    return request.scope, kind.noun, name.lower()  # an ARN has the name in lower case, so names differ by more


def _arn(kind: Kind, request: Request) -> str:
    return _build_arn(request, f"{kind.arn_path}/{request[kind.name].lower()}")


def _build_arn(request: Request, resource: str) -> str:
    caller = request.caller
    return f"arn:{enforcement.partition()}:sagemaker:{caller.region}:{caller.account}:{resource}"


def _find(kind: Kind, request: Request) -> _Record:
    record = _records.get(_key(kind, request, request[kind.name]))
    if record is None:
        reason = "RecordNotFound" if kind is NOTEBOOK_INSTANCE else f"{kind.noun} {request[kind.name]} does not exist"
        raise ServiceError("ValidationException", reason)
    return record


def _check_status(kind: Kind, record: _Record, *allowed: str) -> None:
    if kind.status and record[kind.status] not in allowed:
        message = f"Status ({record[kind.status]}) not in ([{', '.join(allowed)}]). Unable to transition"
        raise ServiceError("ValidationException", f"{message} ({record[kind.arn]})")


def _check_notebook(request: Request) -> None:
    if request.get("DirectInternetAccess") == "Disabled" and not request.get("SubnetId"):
        message = "If you set DirectInternetAccess to Disabled, you must specify a subnet in SubnetId."
        raise ServiceError("ValidationException", message)
    if request.get("SecurityGroupIds") and not request.get("SubnetId"):
        raise ServiceError("ValidationException", "SecurityGroupIds need a SubnetId.")
    config = request.get("LifecycleConfigName")
    if config and _key(LIFECYCLE_CONFIG, request, config) not in _records:
        raise ServiceError("ValidationException", f"Unable to find notebook lifecycle configuration {config}")


def _renamed(kind: Kind, parameters: Mapping[str, Any]) -> _Record:
    return {kind.renamed.get(name, name): value for name, value in parameters.items() if name != "Tags"}


def _visible(record: _Record, members: Mapping[str, Any]) -> _Record:
    return {name: value for name, value in record.items() if name in members}


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


_OURS = JsonService("sagemaker", _OPERATIONS, _authorize, moto_bridge.handle)
_TAGS = JsonService("sagemaker", {**_OPERATIONS, **_TAG_OPERATIONS}, _authorize)


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers a SageMaker request; tags of our resources are ours, all others moto's."""
    service = _TAGS if _is_about_our_tags(headers, body) else _OURS
    return await service.handle_request(method, path, headers, body, query)


def _is_about_our_tags(headers: Mapping[str, str], body: bytes) -> bool:
    return (
        moto_bridge.operation(headers, body) in _TAG_OPERATIONS
        and json.loads(body or b"{}").get("ResourceArn") in _tags
    )
