"""AWS Control Tower: controls that are on for units of the organisation. Nothing is checked or refused by them."""

import datetime
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services import rest_routes
from mlgov_constructs.local_cloud.services.json_service import JsonService, Operation, Request

_NAME = "controltower"
_Record = dict[str, Any]
_Scope = tuple[str, str]
_CONTROL = re.compile(
    r"arn:aws[a-z-]*:(controlcatalog:::control/[0-9a-z]{20,32}|controltower:[a-z0-9-]+::control/[A-Z][A-Z0-9_-]+)"
)
_UNIT = re.compile(r"arn:aws[a-z-]*:organizations::[0-9]{12}:ou/o-[0-9a-z]{10,32}/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")

_controls: dict[tuple[_Scope, str], _Record] = {}
"""By account and region, and the ARN of the control that is on."""
_operations: dict[tuple[_Scope, str], _Record] = {}
_tags: dict[str, dict[str, str]] = {}
"""By ARN."""


def reset() -> None:
    """Forgets everything."""
    for state in (_controls, _operations, _tags):
        state.clear()


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers a request of the REST protocol, as one that names its operation."""
    found = rest_routes.parse(_NAME, method, path, body, query)
    if found is None:
        return moto_bridge.error("UnsupportedOperation", f"The local cloud does not model {method} {path}.", 501)
    operation, parameters = found
    named = {**headers, "x-amz-target": f"{_NAME}.{operation}"}
    return await _SERVICE.handle_request(method, path, named, json.dumps(parameters).encode(), query)


def _enable(request: Request) -> dict[str, Any]:
    control, unit = request["controlIdentifier"], request["targetIdentifier"]
    if not _CONTROL.fullmatch(control):
        raise ServiceError("ResourceNotFoundException", f"Control {control} was not found", 404)
    if not _UNIT.fullmatch(unit):
        raise ServiceError("ValidationException", f"{unit} is no organizational unit")
    if any(each["controlIdentifier"] == control and each["targetIdentifier"] == unit for each in _own(request)):
        raise ServiceError("ConflictException", f"Control {control} is already enabled on {unit}", 409)
    partition, (account, region) = enforcement.partition(), request.scope
    arn = f"arn:{partition}:{_NAME}:{region}:{account}:enabledcontrol/{uuid.uuid4().hex[:17].upper()}"
    _controls[request.scope, arn] = {
        "arn": arn,
        "controlIdentifier": control,
        "targetIdentifier": unit,
        "parameters": [dict(each) for each in request.get("parameters") or []],
        "statusSummary": {"status": "SUCCEEDED"},
    }
    _tags[arn] = dict(request.get("tags") or {})
    return {"operationIdentifier": _done(request, "ENABLE_CONTROL", arn), "arn": arn}


def _own(request: Request) -> list[_Record]:
    return [record for (scope, _), record in sorted(_controls.items()) if scope == request.scope]


def _control(request: Request) -> _Record:
    found = _controls.get((request.scope, request["enabledControlIdentifier"]))
    if found is None:
        raise ServiceError("ResourceNotFoundException", f"{request['enabledControlIdentifier']} was not found", 404)
    return found


def _done(request: Request, kind: str, arn: str) -> str:
    """Notes an operation, which is over as soon as it has begun."""
    identifier, now = str(uuid.uuid4()), datetime.datetime.now(datetime.UTC).isoformat()
    _operations[request.scope, identifier] = {
        "operationType": kind,
        "startTime": now,
        "endTime": now,
        "status": "SUCCEEDED",
        "operationIdentifier": identifier,
        "enabledControlIdentifier": arn,
    }
    return identifier


def _update(request: Request) -> dict[str, Any]:
    record = _control(request)
    record["parameters"] = [dict(each) for each in request["parameters"]]
    return {"operationIdentifier": _done(request, "UPDATE_ENABLED_CONTROL", record["arn"])}


def _disable(request: Request) -> dict[str, Any]:
    arn = _control(request)["arn"]
    del _controls[request.scope, arn]
    _tags.pop(arn, None)
    return {"operationIdentifier": _done(request, "DISABLE_CONTROL", arn)}


def _list(request: Request) -> dict[str, Any]:
    unit = request.get("targetIdentifier")
    names = ("arn", "controlIdentifier", "targetIdentifier", "statusSummary")
    found = [each for each in _own(request) if unit in (None, each["targetIdentifier"])]
    return {"enabledControls": [{name: each[name] for name in names} for each in found]}


def _operation(request: Request) -> dict[str, Any]:
    found = _operations.get((request.scope, request["operationIdentifier"]))
    if found is None:
        raise ServiceError("ResourceNotFoundException", f"{request['operationIdentifier']} was not found", 404)
    return {"controlOperation": found}


def _tag(request: Request) -> dict[str, Any]:
    _tags.setdefault(request["resourceArn"], {}).update(request["tags"])
    return {}


def _untag(request: Request) -> dict[str, Any]:
    for key in request["tagKeys"]:
        _tags.get(request["resourceArn"], {}).pop(key, None)
    return {}


_OPERATIONS: dict[str, Operation] = {
    "DisableControl": _disable,
    "EnableControl": _enable,
    "GetControlOperation": _operation,
    "GetEnabledControl": lambda request: {"enabledControlDetails": _control(request)},
    "ListEnabledControls": _list,
    "ListTagsForResource": lambda request: {"tags": _tags.get(request["resourceArn"], {})},
    "TagResource": _tag,
    "UntagResource": _untag,
    "UpdateEnabledControl": _update,
}


def _authorize(request: Request) -> None:
    resource = request.get("enabledControlIdentifier") or request.get("resourceArn") or "*"
    context = {f"aws:ResourceTag/{key}": value for key, value in _tags.get(resource, {}).items()}
    enforcement.authorize(request.caller, f"{_NAME}:{request.operation}", resource, context)


_SERVICE = JsonService(_NAME, _OPERATIONS, _authorize)
