"""What the reasons of the ledger read in a template."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Template = Mapping[str, Any]
LOOKS = ("Describe", "Get", "List", "Lookup", "Query", "Search", "Validate", "View")
TEARDOWN = "StudioTeardown"  # how the policies of Studio's teardown begin


def types_in(template: Template) -> set[str]:
    """Return the resource types of a template."""
    return {resource["Type"] for resource in template["Resources"].values()}


def of_type(template: Template, resource_type: str) -> Iterator[tuple[str, Any]]:
    """Yield the logical id and the resource of each resource of a type."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == resource_type:
            yield name, resource


def allowed_statements(template: Template, *, teardown: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the statements that allow something, of every policy that a role has.

    Args:
        template: The template.
        teardown: Those of Studio's teardown, which has reasons of its own, in place of all others.
    """
    for name, policy in of_type(template, "AWS::IAM::ManagedPolicy"):
        if policy["Properties"].get("Roles") and name.startswith(TEARDOWN) == teardown:
            yield from (s for s in policy["Properties"]["PolicyDocument"]["Statement"] if s["Effect"] == "Allow")


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    """Return the actions of a statement as a list."""
    action = statement["Action"]
    return [action] if isinstance(action, str) else list(action)


def resources_of(statement: Mapping[str, Any]) -> list[Any]:
    """Return the resources of a statement as a list."""
    resource = statement["Resource"]
    return list(resource) if isinstance(resource, list) else [resource]


def reads(action: str) -> bool:
    """Tell whether an action only looks."""
    return action.partition(":")[2].startswith(LOOKS)


def text_of(value: Any) -> str:
    """Return a value of a template as one text."""
    return json.dumps(value)
