"""Turns a request of AWS's REST protocol into the operation and the parameters that botocore's model names."""

import functools
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from mlgov_constructs.local_cloud.shapes import service_model

_LABEL = re.compile(r"\{(\w+)(\+?)\}")


def parse(
    service: str, method: str, path: str, body: bytes, query: Mapping[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    """Returns the operation and its parameters, or ``None`` where the service has no such operation.

    Args:
        service: botocore's name of the service.
        method: The method of HTTP.
        path: The path; an ARN within may be quoted.
        body: The body, JSON or nothing.
        query: The query.
    """
    for verb, pattern, operation in _routes(service):
        if verb == method and (found := pattern.fullmatch(path)):
            labels = {name: unquote(value) for name, value in found.groupdict().items()}
            return operation, {**json.loads(body or b"{}"), **_queried(service, operation, query), **labels}
    return None


def _queried(service: str, operation: str, query: Mapping[str, Any]) -> dict[str, Any]:
    shape = service_model(service).operation_model(operation).input_shape
    given: dict[str, Any] = {}
    for name, member in shape.members.items() if shape else ():
        value = query.get(member.serialization.get("name", name))
        if member.serialization.get("location") == "querystring" and value is not None:
            texts = value if isinstance(value, list) else [value]
            if member.type_name == "list":
                given[name] = texts
            else:
                given[name] = int(texts[0]) if member.type_name in ("integer", "long") else texts[0]
    return given


@functools.cache
def _routes(service: str) -> list[tuple[str, re.Pattern[str], str]]:
    """Returns method, path and operation, paths without labels first."""
    model = service_model(service)
    http = {name: model.operation_model(name).http for name in model.operation_names}
    found = sorted(http.items(), key=lambda item: ("{" in item[1]["requestUri"], item[0]))
    return [(each["method"], _pattern(each["requestUri"]), name) for name, each in found]


def _pattern(uri: str) -> re.Pattern[str]:
    literal, *rest = _LABEL.split(uri.partition("?")[0])
    text = re.escape(literal)
    for name, greedy, following in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        # The emulator hands over a path whose quoted slashes are slashes again, and ARNs have them.
        long = greedy or name.lower().endswith("arn")
        text += f"(?P<{name}>{'.+' if long else '[^/]+'})" + re.escape(following)
    return re.compile(text)
