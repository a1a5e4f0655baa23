"""IAM: the emulator's, with resource and condition keys of its own actions, and without policies that do not exist."""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import iam

from mlgov_constructs.local_cloud import enforcement, moto_bridge

_Handler = Callable[[Mapping[str, Any]], moto_bridge.Answer]
_BOUNDARY = "PermissionsBoundary"
_NAMED_IN = {"AttachRolePolicy": "PolicyArn", "CreateRole": _BOUNDARY, "PutRolePermissionsBoundary": _BOUNDARY}
_OF_BOUND_ROLE = (
    "AttachRolePolicy",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "PutRolePolicy",
)


def install() -> None:
    """Completes IAM and its evaluation; to be called once."""
    for operation, parameter in _NAMED_IN.items():
        iam._IAM_HANDLERS[operation] = _requiring(parameter, iam._IAM_HANDLERS[operation])
    tags_of, resource_of = iam_actions.request_tag_context, iam_actions.extract_resource_arn

    def request_context(service: str, iam_action: str, body: bytes, params: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = tags_of(service, iam_action, body, params)
        return {**found, **(_keys(iam_action.rpartition(":")[2], params) if service == "iam" else {})}

    def extract_resource_arn(service: str, method: str, path: str, *rest: Any) -> str:
        found = str(resource_of(service, method, path, *rest))
        query, account = rest[2], rest[4]
        if service != "iam" or found != "*" or not (name := iam._p(query, "PolicyName")):
            return found
        # The emulator knows a policy by its ARN only, which one that is about to be made has not.
        return f"arn:{enforcement.partition()}:iam::{account}:policy{iam._p(query, 'Path', '/')}{name}"

    iam_actions.request_tag_context = request_context
    iam_actions.extract_resource_arn = extract_resource_arn


def _requiring(parameter: str, handler: _Handler) -> _Handler:
    """Returns a handler that first looks for the policy which a parameter names."""

    def handle(params: Mapping[str, Any]) -> moto_bridge.Answer:
        arn = str(iam._p(params, parameter))
        # The emulator knows AWS's own policies by name only.
        if arn and arn not in iam._policies and arn.split(":")[4:5] != ["aws"]:
            return moto_bridge.query_error("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
        return handler(params)

    return handle


def _keys(operation: str, params: Mapping[str, Any]) -> dict[str, str]:
    """Returns the boundary that a role gets or has, and the policy that is attached or detached."""
    if operation in _OF_BOUND_ROLE:
        boundary = str((iam._roles.get(iam._p(params, "RoleName")) or {}).get(_BOUNDARY) or "")
    else:
        boundary = str(iam._p(params, _BOUNDARY))
    policy = str(iam._p(params, "PolicyArn")) if operation in ("AttachRolePolicy", "DetachRolePolicy") else ""
    keys = {"iam:PermissionsBoundary": boundary, "iam:PolicyARN": policy}
    return {key: value for key, value in keys.items() if value}
