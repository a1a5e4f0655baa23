"""Reads values out of a template, as far as the template tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class UnresolvedError(Exception):
    """A value that CloudFormation knows only at deployment."""


class TemplateValues:
    """The resources of a template, with parameters at their defaults and mappings looked up.

    Args:
        template: The template, parsed.

    Example:
        >>> values = TemplateValues({"Parameters": {"Size": {"Type": "String", "Default": "ml.t3.medium"}}})
        >>> values.resolve({"Ref": "Size"})
        'ml.t3.medium'
    """

    def __init__(self, template: Mapping[str, Any]) -> None:
        self.resources: Mapping[str, Any] = template.get("Resources", {})
        self._parameters: Mapping[str, Any] = template.get("Parameters", {})
        self._mappings: Mapping[str, Any] = template.get("Mappings", {})

    def resolve(self, value: Any) -> Any:
        """Return what a value is.

        Args:
            value: A literal, a reference to a parameter with a default, or ``Fn::FindInMap`` of such.

        Raises:
            UnresolvedError: Only the deployment knows it.
        """
        if not isinstance(value, Mapping):
            return value
        if set(value) == {"Ref"}:
            return self._default(str(value["Ref"]))
        if set(value) == {"Fn::FindInMap"}:
            found: Any = self._mappings
            for key in value["Fn::FindInMap"]:
                found = found.get(str(self.resolve(key))) if isinstance(found, Mapping) else None
            if found is not None:
                return found
        raise UnresolvedError(_named(value))

    def number(self, value: Any) -> float:
        """Return a number, which a template may carry as text.

        Args:
            value: As :meth:`resolve` takes it.

        Raises:
            UnresolvedError: Only the deployment knows it, or it is no number.
        """
        try:
            return float(self.resolve(value))
        except (TypeError, ValueError) as error:
            raise UnresolvedError(_named(value)) from error

    def items(self, value: Any) -> list[Any]:
        """Return a list, which a parameter may carry as text with commas.

        Args:
            value: As :meth:`resolve` takes it.

        Raises:
            UnresolvedError: Only the deployment knows how long it is.
        """
        found = self.resolve(value)
        if isinstance(found, str):
            return found.split(",")
        if not isinstance(found, list):
            raise UnresolvedError(_named(value))
        return found

    def referred(self, value: Any, resource_type: str) -> Mapping[str, Any]:
        """Return the resource of this template that a value refers to.

        Args:
            value: ``Ref`` or ``Fn::GetAtt``.
            resource_type: Its type.

        Raises:
            UnresolvedError: It refers to none of this type.
        """
        target = value.get("Ref") or value.get("Fn::GetAtt") if isinstance(value, Mapping) else None
        logical_id = target[0] if isinstance(target, list) else str(target).split(".", maxsplit=1)[0]
        found = self.resources.get(logical_id)
        if not isinstance(found, Mapping) or found.get("Type") != resource_type:
            raise UnresolvedError(_named(value))
        return found

    def _default(self, name: str) -> Any:
        parameter = self._parameters.get(name, {})
        if "Default" not in parameter or str(parameter.get("Type", "")).startswith("AWS::SSM::"):
            raise UnresolvedError(name)
        return parameter["Default"]


def _named(value: Any) -> str:
    if isinstance(value, Mapping) and len(value) == 1:
        ((key, argument),) = value.items()
        return str(argument) if key == "Ref" else str(key)
    return str(value)
