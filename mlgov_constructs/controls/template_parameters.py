"""The parameters of a template: what is known of them before somebody gives them a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]

# A parameter of these types has the name of the value as its default, and not the value.
STORED = "AWS::SSM::Parameter::"
LISTS = ("CommaDelimitedList", "List<")


class TemplateParameters:
    """The parameters of a template.

    Args:
        template: The template.
    """

    def __init__(self, template: Document) -> None:
        declared = part(template, "Parameters")
        self._declared = {name: parameter for name, parameter in declared.items() if isinstance(parameter, dict)}

    def known_values(self, name: str) -> list[str | bool | None]:
        """Return the texts that a parameter is known to have, its default first; ``None`` stands for any other.

        Args:
            name: The parameter, or a pseudo parameter.
        """
        default = self.default(name)
        known = [] if default is None else [as_text(default)]
        allowed = [as_text(value) for value in self._allowed(name)]
        known += [value for value in allowed if value not in known]
        return [*known] if allowed else [*known, None]

    def is_limited(self, name: str) -> bool:
        """Whether a parameter has no other values than the known ones.

        Args:
            name: The parameter, or a pseudo parameter.
        """
        return bool(self._allowed(name))

    def default(self, name: str) -> Any:
        """Return the default of a parameter as the template writes it, ``None`` when it has none that says its value.

        Args:
            name: The parameter, or a pseudo parameter.
        """
        parameter = self._declared.get(name, {})
        return None if str(parameter.get("Type", "")).startswith(STORED) else parameter.get("Default")

    def value(self, name: str, given: Any) -> Any:
        """Return a value as a reference to the parameter has it.

        Args:
            name: The parameter.
            given: The value, as the template writes it.
        """
        kind = str(self._declared.get(name, {}).get("Type", ""))
        if kind.startswith(LISTS) and isinstance(given, str):
            return [item.strip() for item in given.split(",")]
        return given

    def _allowed(self, name: str) -> list[Any]:
        allowed = self._declared.get(name, {}).get("AllowedValues")
        return allowed if isinstance(allowed, list) else []


def part(template: Document, name: str) -> Mapping[str, Any]:
    """Return a part of a template, empty where it has none that could be read.

    Args:
        template: The template.
        name: The part, for example ``Parameters``.
    """
    found = template.get(name)
    return found if isinstance(found, dict) else {}


def as_text(value: Any) -> str:
    """Return a value of a template as CloudFormation compares it.

    Example:
        >>> as_text(True), as_text(2)
        ('true', '2')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)
