"""Evaluates a template's conditions; the emulator's own evaluator knows few functions and no pseudo parameter."""

import copy
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

_USERS: tuple[ModuleType, ...] = (engine, stacks, handlers, changesets, provisioners)
"""The modules of the emulator that hold the evaluator under its name."""


def install() -> None:
    """Replaces the emulator's evaluator wherever it is used."""
    for module in _USERS:
        if hasattr(module, "_evaluate_conditions"):
            module._evaluate_conditions = evaluate_conditions  # type: ignore[attr-defined]


def evaluate_conditions(template: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, bool]:
    """Returns the truth of each of the template's conditions.

    Args:
        template: The template.
        params: Its parameters as the emulator resolved them, ``{name: {"Value": ...}}``.
    """
    return _Evaluation(template, params).all()


class _Evaluation:
    def __init__(self, template: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        self._definitions: Mapping[str, Any] = template.get("Conditions") or {}
        self._mappings = template.get("Mappings") or {}
        self._params = params
        self._known: dict[str, bool] = {}

    def all(self) -> dict[str, bool]:
        return {name: self._named(name) for name in self._definitions}

    def _named(self, name: str) -> bool:
        if name not in self._definitions:
            raise ValueError(f"Template format error: Unresolved condition dependency {name}")
        if name not in self._known:
            self._known[name] = self._holds(self._definitions[name])
        return self._known[name]

    def _holds(self, expression: Any) -> bool:
        if isinstance(expression, Mapping) and len(expression) == 1:
            function, argument = next(iter(expression.items()))
            if function == "Condition":
                return self._named(argument)
            if function == "Fn::Not":
                return not self._holds(argument[0])
            if function == "Fn::And":
                return all(self._holds(item) for item in argument)
            if function == "Fn::Or":
                return any(self._holds(item) for item in argument)
            if function == "Fn::Equals":
                return _text(self._value(argument[0])) == _text(self._value(argument[1]))
        return _text(self._value(expression)) == "true"

    def _value(self, expression: Any) -> Any:
        return engine._resolve_refs(copy.deepcopy(expression), {}, self._params, self._known, self._mappings, "", "")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
