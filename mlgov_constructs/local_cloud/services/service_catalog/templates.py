"""Product templates: where they lie, what they ask for, and the rules that a constraint adds."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from ministack.services.cloudformation import engine

from mlgov_constructs.local_cloud.clients import Clients
from mlgov_constructs.local_cloud.errors import ServiceError

_CONSTRAINTS = (
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
)


def load(url: str, clients: Clients) -> str:
    """Returns the text of the template at an S3 address.

    Raises:
        ServiceError: It cannot be read.
    """
    bucket, key = _location(url)
    s3 = clients.client("s3")
    try:
        content: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except s3.exceptions.ClientError as error:
        raise ServiceError("InvalidParametersException", f"Unable to load template from {url}: {error}") from None
    return content.decode()


def parse(text: str) -> dict[str, Any]:
    """Returns a template.

    Raises:
        ServiceError: It is not one.
    """
    try:
        template: dict[str, Any] = engine._parse_template(text)
    except ValueError as error:
        raise ServiceError("InvalidParametersException", f"Template format error: {error}") from None
    if not template.get("Resources"):
        raise ServiceError("InvalidParametersException", "Template format error: it has no Resources")
    return template


def parameters(template: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns a template's parameters as DescribeProvisioningParameters shows them."""
    return [
        {
            "ParameterKey": name,
            "ParameterType": definition.get("Type", "String"),
            "IsNoEcho": str(definition.get("NoEcho", "false")).lower() == "true",
            "Description": definition.get("Description", ""),
            "ParameterConstraints": {key: _text(definition[key]) for key in _CONSTRAINTS if key in definition},
            **({"DefaultValue": str(definition["Default"])} if "Default" in definition else {}),
        }
        for name, definition in (template.get("Parameters") or {}).items()
    ]


def with_rules(text: str, rules: dict[str, Any]) -> str:
    """Returns a template with the rules of a template constraint; rules of the same name are replaced."""
    if not rules:
        return text
    template = parse(text)
    return json.dumps({**template, "Rules": {**(template.get("Rules") or {}), **rules}})


@contextmanager
def staged(text: str, clients: Clients) -> Iterator[str]:
    """Gives the address of a template in a bucket of the service, which is gone again afterwards.

    A template that a request carries itself may have 51,200 bytes; those of products are longer.

    Args:
        text: The template.
        clients: Clients that call as the account.
    """
    s3, bucket, key = clients.client("s3"), f"servicecatalog-{uuid.uuid4().hex}", "template.json"
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": clients.region}}
    s3.create_bucket(Bucket=bucket, **({} if clients.region == "us-east-1" else elsewhere))
    s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    try:
        yield f"https://s3.{clients.region}.{clients.url_suffix}/{bucket}/{key}"
    finally:
        s3.delete_object(Bucket=bucket, Key=key)
        s3.delete_bucket(Bucket=bucket)


def _location(url: str) -> tuple[str, str]:
    """Returns bucket and key; the bucket stands in the host's name or first in the path."""
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    host = parts.hostname or ""
    bucket, dot, rest = host.partition(".s3")
    if dot and (rest.startswith((".", "-"))) and bucket:
        return bucket, path
    bucket, _, key = path.partition("/")
    return bucket, key


def _text(value: Any) -> Any:
    return [str(item) for item in value] if isinstance(value, list) else str(value)
