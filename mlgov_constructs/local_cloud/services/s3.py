"""S3: the emulator's, with the bucket configurations that it lacks (inventory, analytics, metrics, tiering)."""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import s3

from mlgov_constructs.local_cloud.moto_bridge import Answer

_NAMESPACE = s3.S3_NS


# Query parameter, and the element that lists its configurations.
_KINDS = {
    "analytics": "ListBucketAnalyticsConfigurationResult",
    "intelligent-tiering": "ListBucketIntelligentTieringConfigurationsOutput",
    "inventory": "ListInventoryConfigurationsResult",
    "metrics": "ListMetricsConfigurationsResult",
}
_XML = {"Content-Type": "application/xml"}
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")

_configurations: dict[tuple[str, str, str], bytes] = {}
"""The stored XML by bucket, kind and id."""


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> Answer:
    """Answers an S3 request."""
    kind = next((name for name in _KINDS if name in query), None)
    bucket, _, key = path.strip("/").partition("/")
    if kind and bucket and not key and method in ("GET", "PUT", "DELETE"):
        return _configuration(method, bucket, kind, _first(query, "id"), body)
    answer: Answer = await s3.handle_request(method, path, headers, body, query)
    if method == "DELETE" and not key and answer[0] == 204 and not query:
        for entry in [entry for entry in _configurations if entry[0] == bucket]:
            del _configurations[entry]
    return answer


def reset() -> None:
    """Forgets everything."""
    _configurations.clear()


def _configuration(method: str, bucket: str, kind: str, identifier: str, body: bytes) -> Answer:
    if bucket not in s3._buckets:
        return _error("NoSuchBucket", "The specified bucket does not exist", 404)
    entry = (bucket, kind, identifier)
    if method == "PUT":
        _configurations[entry] = _DECLARATION.sub(b"", body)
        return 200, dict(_XML), b""
    if method == "GET" and not identifier:
        found = b"".join(
            xml for (owner, of, _), xml in sorted(_configurations.items()) if (owner, of) == (bucket, kind)
        )
        name = _KINDS[kind]
        text = f'<{name} xmlns="{_NAMESPACE}"><IsTruncated>false</IsTruncated>'.encode() + found
        return 200, dict(_XML), text + f"</{name}>".encode()
    if entry not in _configurations:
        return _error("NoSuchConfiguration", "The specified configuration does not exist.", 404)
    if method == "DELETE":
        del _configurations[entry]
        return 204, {}, b""
    return 200, dict(_XML), _configurations[entry]


def _error(code: str, message: str, status: int) -> Answer:
    text = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return status, dict(_XML), text.encode()


def _first(query: Mapping[str, Any], name: str) -> str:
    value = query.get(name, "")
    return str(value[0] if isinstance(value, list) else value)
