"""Reading synthesized templates."""

from __future__ import annotations

from typing import Any

Template = dict[str, Any]


def of_type(template: Template, resource_type: str) -> dict[str, dict[str, Any]]:
    """The resources of one type, by logical id."""
    return {
        logical_id: resource
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == resource_type
    }
