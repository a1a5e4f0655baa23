"""A product template as a document: what it is of, what counts, where two differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

METADATA_KEY = "mlgov"
VERSION = re.compile(r"v([1-9][0-9]{0,4})")
CDK_KEYS = "aws:cdk:"
CDK_METADATA = "AWS::CDK::Metadata"

Document = dict[str, Any]
MISSING: Any = object()


def version_number(version: str) -> int | None:
    """Return the number of a version such as ``v12``, or ``None`` when it has another form."""
    found = VERSION.fullmatch(version)
    return int(found[1]) if found else None


def identity_of(template: Document) -> tuple[str, str] | None:
    """Return product and version of a template that states them, or ``None``."""
    stated = template.get("Metadata", {}).get(METADATA_KEY, {})
    if "product" not in stated or "version" not in stated:
        return None
    return str(stated["product"]), str(stated["version"])


def normalized(template: Document) -> Document:
    """Return a template without what the CDK writes for itself, so that only its meaning counts.

    Construct paths and the CDK's usage metadata differ between two syntheses of one template.
    """
    resources = {
        logical_id: _without_cdk_metadata(resource)
        for logical_id, resource in template.get("Resources", {}).items()
        if resource.get("Type") != CDK_METADATA
    }
    conditions = {
        name: value for name, value in template.get("Conditions", {}).items() if name != "CDKMetadataAvailable"
    }
    rest = {key: value for key, value in template.items() if key not in ("Resources", "Conditions")}
    return {**rest, **({"Conditions": conditions} if conditions else {}), "Resources": resources}


def canonical(template: Document) -> str:
    """Return the text in which a template is published."""
    return json.dumps(normalized(template), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which two documents differ.

    Attributes:
        path: The keys that lead there.
        published: What was there, ``MISSING`` when nothing was.
        current: What is there now, ``MISSING`` when nothing is.
    """

    path: tuple[str, ...]
    published: Any
    current: Any

    @property
    def kind(self) -> str:
        """Whether it was ``added``, ``removed`` or ``changed``."""
        if self.published is MISSING:
            return "added"
        return "removed" if self.current is MISSING else "changed"

    def __str__(self) -> str:
        """Return the path with both values."""
        return f"{'.'.join(self.path)}: published {_shown(self.published)}, now {_shown(self.current)}"


def differences(published: Any, current: Any, path: tuple[str, ...] = ()) -> Iterator[Difference]:
    """Yield where two documents differ, in the order of their keys.

    Example:
        >>> [each.kind for each in differences({"a": 1, "b": 2}, {"b": 3, "c": 4})]
        ['removed', 'changed', 'added']
    """
    if isinstance(published, dict) and isinstance(current, dict):
        for key in sorted({*published, *current}):
            inner = (*path, str(key))
            if key in published and key in current:
                yield from differences(published[key], current[key], inner)
            else:
                yield Difference(inner, published.get(key, MISSING), current.get(key, MISSING))
    elif published != current:
        yield Difference(path, published, current)


def first_difference(published: Any, current: Any) -> str | None:
    """Return where two templates differ first, as a path with both values, or ``None``.

    Example:
        >>> first_difference({"Size": {"Default": "small"}}, {"Size": {"Default": "large"}})
        'Size.Default: published "small", now "large"'
    """
    return next((str(each) for each in differences(published, current)), None)


def _shown(value: Any) -> str:
    return "nothing" if value is MISSING else json.dumps(value)


def _without_cdk_metadata(resource: Document) -> Document:
    metadata = {key: value for key, value in resource.get("Metadata", {}).items() if not key.startswith(CDK_KEYS)}
    rest = {key: value for key, value in resource.items() if key != "Metadata"}
    return {**rest, "Metadata": metadata} if metadata else rest
