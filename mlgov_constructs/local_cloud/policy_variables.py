"""Policy variables of IAM, such as ``${aws:username}``: the emulator's evaluator compares them letter by letter.

Source: IAM user guide, "IAM policy elements: Variables and tags".
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.core import iam_evaluator

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"(.+?)\s*,\s*'(.*)'")
_LITERALS = "*?$"
_COMPARED = ("string", "arn")
"""Operators whose values may hold variables."""
_TAG = "aws:resourcetag/"
_NOTHING = "\0"
"""What stands for a value whose variable is unknown: nothing is equal to it, nothing is like it."""
_WILDCARDS = str.maketrans("*?", "\ue000\ue001")
"""The wildcards of a value that a variable brings mean themselves."""


def install() -> None:
    """Makes the evaluation of IAM replace them; to be called once."""
    first_match, conditions_met = iam_evaluator._first_match, iam_evaluator._conditions_met
    compiled, names_key = iam_evaluator._fnmatch_compile, iam_evaluator._names_condition_key

    def first_match_of_resolved(context: Any, statements: Sequence[Any], effect: str) -> Any:
        return first_match(context, [_resolved(statement, context) for statement in statements], effect)

    def resolved_conditions_met(conditions: Mapping[str, Any], context: Any) -> bool:
        return bool(conditions_met(_conditions(conditions, context), context))

    def compile_with_literals(pattern: str, ignore_case: bool) -> re.Pattern[str]:
        if not {"\ue000", "\ue001"} & set(pattern):
            return compiled(pattern, ignore_case)  # type: ignore[no-any-return]
        found: re.Pattern[str] = compiled(pattern, ignore_case)
        return re.compile(found.pattern.replace("\ue000", r"\*").replace("\ue001", r"\?"), found.flags)

    def names_key_or_variable(policies: Sequence[Sequence[Any]], prefix: str) -> bool:
        # Tags are looked up for policies that name them, be it in a variable.
        return names_key(policies, prefix) or (
            prefix == _TAG and any(f"${{{_TAG}" in str(statement).lower() for each in policies for statement in each)
        )

    iam_evaluator._first_match = first_match_of_resolved
    iam_evaluator._conditions_met = resolved_conditions_met
    iam_evaluator._fnmatch_compile = compile_with_literals
    iam_evaluator._names_condition_key = names_key_or_variable


def _resolved(statement: Any, context: Any) -> Any:
    """Returns a statement with the variables of its resources replaced; those of conditions are when they are met."""
    found = {
        name: [_text(value, context, pattern=True) for value in getattr(statement, name)]
        for name in ("resources", "not_resources")
    }
    return dataclasses.replace(statement, **found)


def _conditions(conditions: Mapping[str, Any], context: Any) -> dict[str, Any]:
    return {
        operator: _block(operator.lower(), block, context) if isinstance(block, Mapping) else block
        for operator, block in conditions.items()
    }


def _block(operator: str, block: Mapping[str, Any], context: Any) -> dict[str, Any]:
    name = operator.rpartition(":")[2]
    if not name.startswith(_COMPARED):
        return dict(block)
    pattern = "like" in name or name.startswith("arn")
    return {
        key: [_text(str(each), context, pattern=pattern) for each in (value if isinstance(value, list) else [value])]
        for key, value in block.items()
    }


def _text(value: str, context: Any, *, pattern: bool) -> str:
    """Returns a value of a policy with its variables replaced.

    Args:
        value: The value.
        context: The request.
        pattern: Whether wildcards of the value match.
    """
    unknown = False

    def known(match: re.Match[str]) -> str:
        nonlocal unknown
        name = match[1].strip()
        if name in _LITERALS:
            found: Any = name
        else:
            default = _DEFAULT.fullmatch(name)
            found = iam_evaluator._resolve_condition_key(default[1] if default else name, context)
            if found is None and default:
                found = default[2]
        if found is None or isinstance(found, list):
            unknown = True
            return ""
        return str(found).translate(_WILDCARDS) if pattern else str(found)

    if "${" not in value:
        return value
    resolved = _VARIABLE.sub(known, value)
    return _NOTHING if unknown else resolved
