"""Serves AWS services from moto's back ends inside the local cloud's process."""

import asyncio
import functools
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode
from xml.sax.saxutils import escape

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client, EnvironBuilder

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Any]
_HOP_BY_HOP = ("content-length", "transfer-encoding", "connection")


async def handle(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Answer:
    """Answers a request from moto, off the event loop."""
    return await asyncio.to_thread(answer, method, path, headers, body, query)


def answer(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Answer:
    """Answers a request from moto."""
    pairs = [(name, item) for name, value in query.items() for item in (value if isinstance(value, list) else [value])]
    environ = EnvironBuilder(
        method=method,
        path=path,
        query_string=urlencode(pairs),
        data=body,
        headers={name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP},
    )
    response = Client(_application()).open(environ)
    kept = {name: value for name, value in response.headers.items() if name.lower() not in _HOP_BY_HOP}
    return response.status_code, kept, response.data


def form(body: bytes) -> dict[str, str]:
    """Returns the parameters of a query-protocol request, the first of each name."""
    return {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}


def operation(headers: Mapping[str, str], body: bytes) -> str:
    """Returns the operation that a request names, in its target header or in its form."""
    target = headers.get("x-amz-target", "")
    return target.rsplit(".", 1)[-1] if target else form(body).get("Action", "")


def error(code: str, message: str, status: int = 400) -> Answer:
    """Returns an error of a JSON-protocol service."""
    content = json.dumps({"__type": code, "message": message, "Message": message}).encode()
    return status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}, content


def query_error(code: str, message: str, status: int = 403) -> Answer:
    """Returns an error of a query-protocol service."""
    text = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return status, {"Content-Type": "text/xml"}, (text + "</ErrorResponse>").encode()


@functools.cache
def _application() -> Any:
    return DomainDispatcherApplication(create_backend_app)
