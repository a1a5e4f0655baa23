"""The check that a caller may pass a role, which AWS makes wherever a request hands a role to a service."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.errors import ServiceError

ROLE_PARAMETERS: dict[str, dict[str, str]] = {
    "backup": {"IamRoleArn": "backup"},
    "cloudformation": {"RoleARN": "cloudformation"},
    "cloudtrail": {"CloudWatchLogsRoleArn": "cloudtrail"},
    "ec2": {"DeliverLogsPermissionArn": "vpc-flow-logs"},
    "events": {"RoleArn": "events"},
    "lambda": {"Role": "lambda"},
    "states": {"roleArn": "states"},
}
"""By service, the parameters that hold a role and the service that gets it."""


def guarded(service: str, handler: moto_bridge.Handler) -> moto_bridge.Handler:
    """Returns a service's handler that first checks the roles that a request passes.

    Args:
        service: The service's name in the emulator.
        handler: Its handler.
    """
    parameters = ROLE_PARAMETERS[service]

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> moto_bridge.Answer:
        if enforcement.is_enforced():
            try:
                _check(parameters, headers, body, query)
            except ServiceError as error:
                return _refusal(headers, error)
        answer: moto_bridge.Answer = await handler(method, path, headers, body, query)
        return answer

    return handle


def _check(parameters: Mapping[str, str], headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> None:
    given = _given(body)
    caller = enforcement.caller_of(headers, query)
    for name, receiver in parameters.items():
        if given.get(name):
            enforcement.check_pass_role(caller, str(given[name]), receiver)


def _given(body: bytes) -> dict[str, Any]:
    """Returns a request's top-level parameters, from JSON or from a form."""
    if body[:1] == b"{":
        content: dict[str, Any] = json.loads(body)
        return content
    if b"Action=" not in body:
        return {}
    return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}


def _refusal(headers: Mapping[str, str], error: ServiceError) -> moto_bridge.Answer:
    if "json" in headers.get("content-type", ""):
        return moto_bridge.error(error.code, error.message, 403)
    return moto_bridge.query_error("AccessDenied", error.message)
