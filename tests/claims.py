"""Reading what resources say of themselves."""

from __future__ import annotations

from typing import Any


def spoken_for(resource: dict[str, Any]) -> set[str]:
    """The controls that a resource claims, or deviates from."""
    own = resource.get("Metadata", {}).get("mlgov", {})
    return {*own.get("controls", ()), *(each["control"] for each in own.get("deviations", ()))}
