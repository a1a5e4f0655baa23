"""A product template as a document: what it is of, what counts, where two differ."""

from __future__ import annotations

import json
import re
from typing import Any

METADATA_KEY = "mlgov"
VERSION = re.compile(r"v([1-9][0-9]{0,4})")
CDK_KEYS = "aws:cdk:"
CDK_METADATA = "AWS::CDK::Metadata"

Document = dict[str, Any]


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


def first_difference(published: Any, current: Any, path: str = "") -> str | None:
    """Return where two templates differ first, as a path with both values, or ``None``.

    Example:
        >>> first_difference({"Size": {"Default": "small"}}, {"Size": {"Default": "large"}})
        'Size.Default: published "small", now "large"'
    """
    if isinstance(published, dict) and isinstance(current, dict):
        for key in sorted({*published, *current}):
            inner = f"{path}.{key}" if path else str(key)
            if key not in published or key not in current:
                return f"{inner}: published {_shown(published, key)}, now {_shown(current, key)}"
            if difference := first_difference(published[key], current[key], inner):
                return difference
        return None
    if published == current:
        return None
    return f"{path}: published {json.dumps(published)}, now {json.dumps(current)}"


def _shown(container: Document, key: str) -> str:
    return json.dumps(container[key]) if key in container else "nothing"


def _without_cdk_metadata(resource: Document) -> Document:
    metadata = {key: value for key, value in resource.get("Metadata", {}).items() if not key.startswith(CDK_KEYS)}
    rest = {key: value for key, value in resource.items() if key != "Metadata"}
    return {**rest, "Metadata": metadata} if metadata else rest
