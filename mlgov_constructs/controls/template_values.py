"""The values of a template for one choice of its parameters: intrinsic functions done as far as they can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mlgov_constructs.controls.template_conditions import Assignment
from mlgov_constructs.controls.template_parameters import Document, TemplateParameters, as_text, part

NO_VALUE = "AWS::NoValue"
VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
NOTHING: Any = object()


class TemplateValues:
    """Does the intrinsic functions of a template.

    What only the deployment knows stays as it is: attributes, references to resources, parameters without a value.

    Args:
        template: The template.
        parameters: Its parameters.
        assignment: The values that conditions compare.
        truths: Whether each condition holds.
    """

    def __init__(
        self, template: Document, parameters: TemplateParameters, assignment: Assignment, truths: Mapping[str, bool]
    ) -> None:
        self._mappings = part(template, "Mappings")
        self._parameters = parameters
        self._assignment = assignment
        self._truths = truths

    def resource(self, resource: Document) -> Document:
        """Return a resource with its values; its metadata says what it is claimed to be, and stays.

        Args:
            resource: The resource.
        """
        kept = {"Metadata": resource["Metadata"]} if "Metadata" in resource else {}
        return {**self._map({key: value for key, value in resource.items() if key != "Metadata"}), **kept}

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [found for each in value if (found := self._value(each)) is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, argument),) = value.items()
            if function in _FUNCTIONS:
                return _FUNCTIONS[function](self, argument, value)
        return self._map(value)

    def _map(self, value: Document) -> Document:
        return {key: found for key, each in value.items() if (found := self._value(each)) is not NOTHING}

    def _ref(self, name: Any, otherwise: Any) -> Any:
        if name == NO_VALUE:
            return NOTHING
        if not isinstance(name, str):
            return otherwise
        default = self._parameters.default(name)
        given = self._assignment.get(name, default)
        # As the template writes it, where that is what is given.
        value = default if default is not None and given == as_text(default) else given
        return otherwise if value is None else self._parameters.value(name, value)

    def _if(self, argument: Any, otherwise: Any) -> Any:
        if not isinstance(argument, list) or len(argument) != 3 or str(argument[0]) not in self._truths:
            return self._map(otherwise)
        return self._value(argument[1 if self._truths[str(argument[0])] else 2])

    def _find_in_map(self, argument: Any, otherwise: Any) -> Any:
        keys = self._value(argument)
        found: Any = self._mappings
        for key in keys if isinstance(keys, list) else [None]:
            if not isinstance(key, str) or not isinstance(found, dict) or key not in found:
                return otherwise
            found = found[key]
        return found

    def _sub(self, argument: Any, otherwise: Any) -> Any:
        text, own = argument, dict[str, Any]()
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
            text, own = argument[0], self._map(argument[1])
        if not isinstance(text, str):
            return otherwise

        def known(found: re.Match[str]) -> str:
            name = found[1].strip()
            value = own[name] if name in own else self._ref(name, None)
            return found[0] if isinstance(value, dict | list) or value in (None, NOTHING) else as_text(value)

        text = VARIABLE.sub(known, text)
        if not VARIABLE.search(text):
            return text.replace("${!", "${")
        return {"Fn::Sub": [text, own] if own else text}

    def _join(self, argument: Any, otherwise: Any) -> Any:
        if not isinstance(argument, list) or len(argument) != 2:
            return otherwise
        separator, parts = argument[0], self._value(argument[1])
        if isinstance(parts, list) and not any(isinstance(part, dict | list) for part in parts):
            return str(separator).join(map(as_text, parts))
        return {"Fn::Join": [separator, parts]}


_FUNCTIONS: Mapping[str, Callable[[TemplateValues, Any, Any], Any]] = {
    "Fn::FindInMap": TemplateValues._find_in_map,
    "Fn::If": TemplateValues._if,
    "Fn::Join": TemplateValues._join,
    "Fn::Sub": TemplateValues._sub,
    "Ref": TemplateValues._ref,
}
