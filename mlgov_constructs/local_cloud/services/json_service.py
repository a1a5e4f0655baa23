"""An AWS service of ours that speaks AWS's JSON protocol: the frame in which its operations run."""

import asyncio
import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.local_cloud import enforcement, faults, moto_bridge
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.shapes import problems, service_model

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """A request to an operation, checked against the service's model."""

    operation: str
    parameters: Parameters
    caller: enforcement.Caller

    @property
    def scope(self) -> tuple[str, str]:
        """The account and the region, which keep one state each."""
        return self.caller.account, self.caller.region

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Returns a parameter, or ``default``."""
        return self.parameters.get(name, default)


Operation = Callable[[Request], dict[str, Any]]


class JsonService:
    """Checks requests against botocore's model and IAM, runs the operation, and answers as AWS does.

    Args:
        service: botocore's name of the service.
        operations: What is served, by the operation's name.
        authorize: Called before an operation; raises to refuse it.
        fallback: Serves the operations that are not in ``operations``; without one they are refused.
    """

    def __init__(
        self,
        service: str,
        operations: Mapping[str, Operation],
        authorize: Callable[[Request], None],
        fallback: moto_bridge.Handler | None = None,
    ) -> None:
        self._service = service
        self._operations = operations
        self._authorize = authorize
        self._fallback = fallback

    async def handle_request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> moto_bridge.Answer:
        """Answers a request."""
        name = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        try:
            parameters = json.loads(body or b"{}")
            request = Request(name, parameters, enforcement.caller_of(headers, query))
            faults.raise_if_due(self._service, name)
            self._authorize(request)
            operation = self._operations.get(name)
            if operation is None and self._fallback:
                answer: moto_bridge.Answer = await self._fallback(method, path, headers, body, query)
                return answer
            result = await asyncio.to_thread(self._run, operation, request)
        except ServiceError as error:
            return moto_bridge.error(error.code, error.message, error.status)
        except ValueError as error:
            return moto_bridge.error("ValidationException", str(error))
        content = json.dumps(result, default=_plain).encode()
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, content

    def _run(self, operation: Operation | None, request: Request) -> dict[str, Any]:
        if operation is None:
            message = f"The local cloud does not model {self._service}:{request.operation}."
            raise ServiceError("UnsupportedOperation", message, 501)
        if found := problems(self._service, request.operation, request.parameters):
            raise ServiceError("ValidationException", "; ".join(found))
        return operation(request)


def output_members(service: str, operation: str) -> Mapping[str, Any]:
    """Returns the members of an operation's answer."""
    shape = service_model(service).operation_model(operation).output_shape
    return shape.members if shape else {}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
