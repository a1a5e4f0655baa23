"""Reads the policies of a template, and asks the denies of one about a request."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

from tests.templates import Template, of_type

Statement = dict[str, Any]


def resource(template: Template, resource_type: str, construct_id: str) -> dict[str, Any]:
    """The only resource of a type whose logical id is the construct id and a hash."""
    found = {
        logical_id: declared
        for logical_id, declared in of_type(template, resource_type).items()
        if logical_id[:-8] == construct_id
    }
    (only,) = found.values()
    return only


def key_policy(template: Template, construct_id: str) -> dict[str, Statement]:
    """The statements of a key policy by id."""
    statements = resource(template, "AWS::KMS::Key", construct_id)["Properties"]["KeyPolicy"]["Statement"]
    return {statement["Sid"]: statement for statement in statements}


def bucket_policy(template: Template, construct_id: str) -> dict[str, Statement]:
    """The statements of a bucket policy by id."""
    declared = resource(template, "AWS::S3::BucketPolicy", f"{construct_id}Policy")
    return {statement["Sid"]: statement for statement in declared["Properties"]["PolicyDocument"]["Statement"]}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """A value of a template as one text, so that references can be compared."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def denied_by(statements: dict[str, Statement], action: str, **request: str) -> set[str]:
    """The ids of the denies that refuse a request.

    Args:
        statements: The statements of a policy.
        action: The action asked for.
        request: The condition keys of the request, their colons written as ``__`` and their
            hyphens as ``_``; a key that is left out is absent.
    """
    context = {name.replace("__", ":").replace("_", "-").lower(): value for name, value in request.items()}
    return {
        sid
        for sid, statement in statements.items()
        if statement["Effect"] == "Deny"
        and any(fnmatchcase(action, pattern) for pattern in as_list(statement["Action"]))
        and all(
            _holds(operator, context.get(key.lower()), [text(value) for value in as_list(values)])
            for operator, keys in statement["Condition"].items()
            for key, values in keys.items()
        )
    }


def _holds(operator: str, found: str | None, wanted: list[str]) -> bool:
    """Whether a condition holds, as IAM has it: a negated test of an absent key holds."""
    match operator:
        case "Null":
            return (found is None) == (wanted == ["true"])
        case "Bool" | "StringEquals":
            return found in wanted
        case "BoolIfExists":
            return found is None or found in wanted
        case "StringNotEquals":
            return found not in wanted
        case "ArnNotLike":
            return found is None or not any(fnmatchcase(found, pattern) for pattern in wanted)
        case "NumericLessThan":
            return found is not None and float(found) < float(wanted[0])
    raise AssertionError(operator)
