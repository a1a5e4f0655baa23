"""What the conditions of a template depend on, and the values to try so that each comes out both ways."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from mlgov_constructs.controls.template_parameters import Document, TemplateParameters, as_text, part

#: A value for each thing that a condition compares: a text, ``None`` for any other than those it is compared
#: with, or whether a comparison holds that cannot be followed.
Assignment = Mapping[str, str | bool | None]

# Above this number of combinations each value is tried once, beside the defaults of the others.
MOST_COMBINATIONS = 512


class TemplateConditions:
    """The conditions of a template.

    Args:
        template: The template.
        parameters: Its parameters.
    """

    def __init__(self, template: Document, parameters: TemplateParameters) -> None:
        self._expressions = part(template, "Conditions")
        self._parameters = parameters
        self._tried: dict[str, list[str | bool | None]] = {}
        for expression in self._expressions.values():
            self._collect(expression)

    def assignments(self) -> Iterator[Assignment]:
        """Yield values to try, the defaults first; each kind of them early."""
        names = list(self._tried)
        first = {name: tried[0] for name, tried in self._tried.items()}
        yield first
        for position in range(1, max(map(len, self._tried.values()), default=0)):
            yield {name: tried[min(position, len(tried) - 1)] for name, tried in self._tried.items()}
        if math.prod(map(len, self._tried.values())) <= MOST_COMBINATIONS:
            for values in itertools.product(*self._tried.values()):
                yield dict(zip(names, values, strict=True))
            return
        for name, tried in self._tried.items():
            for value in tried[1:]:
                yield {**first, name: value}

    def truths(self, assignment: Assignment) -> dict[str, bool]:
        """Return whether each condition holds.

        Args:
            assignment: The values.
        """
        return {name: self._holds(expression, assignment) for name, expression in self._expressions.items()}

    def _holds(self, expression: Any, assignment: Assignment) -> bool:
        function, argument = _call(expression)
        if function == "Condition":
            return self._holds(self._expressions.get(str(argument)), assignment)
        if function == "Fn::Not" and isinstance(argument, list):
            return not any(self._holds(each, assignment) for each in argument)
        if function in ("Fn::And", "Fn::Or") and isinstance(argument, list):
            return (all if function == "Fn::And" else any)(self._holds(each, assignment) for each in argument)
        if sides := _sides(expression):
            left, right = (assignment[_ref(side)] if _ref(side) else as_text(side) for side in sides)
            return left == right and left is not None
        return bool(assignment.get(_key(expression)))

    def _collect(self, expression: Any) -> None:
        function, argument = _call(expression)
        if function in ("Fn::Not", "Fn::And", "Fn::Or") and isinstance(argument, list):
            for each in argument:
                self._collect(each)
        elif sides := _sides(expression):
            literals = [as_text(side) for side in sides if not _ref(side)]
            for side in sides:
                if name := _ref(side):
                    tried = self._tried.setdefault(name, self._parameters.known_values(name))
                    if not self._parameters.is_limited(name):
                        tried[-1:-1] = [literal for literal in literals if literal not in tried]
        elif function != "Condition":
            self._tried.setdefault(_key(expression), [False, True])


def _call(expression: Any) -> tuple[str, Any]:
    if isinstance(expression, dict) and len(expression) == 1:
        ((function, argument),) = expression.items()
        return str(function), argument
    return "", None


def _sides(expression: Any) -> list[Any]:
    """The sides of a comparison of parameters and texts; one of anything else cannot be followed."""
    function, argument = _call(expression)
    if (
        function == "Fn::Equals"
        and isinstance(argument, list)
        and all(_ref(s) or not isinstance(s, dict | list) for s in argument)
    ):
        return argument
    return []


def _ref(side: Any) -> str:
    function, argument = _call(side)
    return str(argument) if function == "Ref" else ""


def _key(expression: Any) -> str:
    return json.dumps(expression, sort_keys=True)
