"""Finds every policy document in a template: identity, trust, bucket, key, topic and endpoint policies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = Any


@dataclass(frozen=True)
class Statement:
    """One statement of one policy, and where it stands.

    Attributes:
        place: The resource and the path to the statement in it.
        body: The statement.
    """

    place: str
    body: dict[str, Json]


def statements(template: dict[str, Json]) -> Iterator[Statement]:
    """Every statement of every policy document in the resources of a template."""
    for logical_id, resource in template.get("Resources", {}).items():
        yield from _in_value(resource.get("Properties", {}), logical_id)


def _in_value(value: Json, place: str) -> Iterator[Statement]:
    if isinstance(value, str) and value.lstrip().startswith("{") and '"Statement"' in value:
        yield from _in_value(json.loads(value), place)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _in_value(item, f"{place}/{position}")
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "Statement":
                yield from _in_document(item, f"{place}/{key}")
            else:
                yield from _in_value(item, f"{place}/{key}")


def _in_document(value: Json, place: str) -> Iterator[Statement]:
    """The statements of a document; each may stand in an ``Fn::If``."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _in_document(item, f"{place}/{position}")
    elif isinstance(value, dict) and "Fn::If" in value:
        yield from _in_document(value["Fn::If"][1:], f"{place}/Fn::If")
    elif isinstance(value, dict) and "Effect" in value:
        yield Statement(place, value)
