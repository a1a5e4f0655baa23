"""Values of templates in the shape that they should have, whatever a template has in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def listed(value: Any) -> list[Any]:
    """Return the entries of a list; one entry may stand without its list, and of a condition both ends count.

    Args:
        value: The value, as it stands in the template.

    Example:
        >>> listed({"Fn::If": ["Wide", ["a", "b"], "c"]})
        ['a', 'b', 'c']
    """
    if value is None:
        return []
    if isinstance(value, list):
        return [entry for each in value for entry in (listed(each) if _choice(each) else [each])]
    if choice := _choice(value):
        return [entry for each in choice for entry in listed(each)]
    return [value]


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return the mappings among the entries of a list.

    Args:
        value: The value, as it stands in the template.

    Example:
        >>> mappings([{"Id": "logs"}, "odd"])
        [{'Id': 'logs'}]
    """
    return [each for each in listed(value) if isinstance(each, Mapping)]


def within(value: Any, *keys: str) -> Any:
    """Return what lies in mappings within mappings; ``None`` when there is no such thing.

    Args:
        value: The outermost mapping.
        keys: The way in.

    Example:
        >>> within({"Rule": {"Days": 30}}, "Rule", "Days")
        30
    """
    for key in keys:
        value = next((each.get(key) for each in mappings(value) if key in each), None)
    return value


def _choice(value: Any) -> list[Any]:
    """Both ends of a condition."""
    if not isinstance(value, Mapping) or set(value) != {"Fn::If"} or not isinstance(value["Fn::If"], list):
        return []
    return value["Fn::If"][1:]
