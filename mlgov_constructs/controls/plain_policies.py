"""Policies in one form, though IAM takes many: statements in a list, names spelled as the rules spell them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mlgov_constructs.controls.template_parameters import Document

# Actions and condition keys, as a rule quotes them.
NAME = re.compile(r"'([a-z0-9-]+:[A-Za-z0-9*:._/-]+)'")
ACTIONS = ("Action", "NotAction")
STATEMENT = "Statement"


class PlainPolicies:
    """Writes the policies of a template in the form that the rules read.

    IAM takes one statement without a list around it, does not tell upper from lower case in actions and condition
    keys, and CloudFormation takes many a policy as JSON text. A rule compares texts, and would miss each of these.

    Args:
        rules: The texts of the rules.

    Example:
        >>> plain = PlainPolicies(["rule X { Action == 's3:PutObject' }"])
        >>> policy = {"Statement": {"Action": "S3:putobject"}}
        >>> template = {"Resources": {"One": {"Type": "AWS::S3::BucketPolicy", "Properties": {"It": policy}}}}
        >>> plain.of(template)["Resources"]["One"]["Properties"]["It"]
        {'Statement': [{'Action': 's3:PutObject'}]}
    """

    def __init__(self, rules: Iterable[str]) -> None:
        self._spelled = {name.lower(): name for rule in rules for name in NAME.findall(rule)}

    def of(self, template: Document) -> Document:
        """Return a template with such policies.

        Args:
            template: The template.
        """
        resources = {
            name: {**resource, "Properties": self._value(resource["Properties"])}
            if "Properties" in resource
            else resource
            for name, resource in template["Resources"].items()
        }
        return {**template, "Resources": resources}

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            policy = _policy_in(value)
            return value if policy is None else self._value(policy)
        if isinstance(value, list):
            return [self._value(each) for each in value]
        if not isinstance(value, dict):
            return value
        if STATEMENT in value:
            statements = value[STATEMENT]
            if isinstance(statements, dict) and not _is_call(statements):
                statements = [statements]
            if isinstance(statements, list):
                return {**value, STATEMENT: [self._statement(each) for each in statements]}
        return {key: self._value(each) for key, each in value.items()}

    def _statement(self, statement: Any) -> Any:
        if not isinstance(statement, dict) or _is_call(statement):
            return statement
        spelled = {key: self._actions(each) if key in ACTIONS else each for key, each in statement.items()}
        if isinstance(conditions := spelled.get("Condition"), dict):
            spelled["Condition"] = {operator: self._keys(keys) for operator, keys in conditions.items()}
        return spelled

    def _actions(self, actions: Any) -> Any:
        if isinstance(actions, list):
            return [self._actions(each) for each in actions]
        if not isinstance(actions, str):
            return actions
        service, separator, action = actions.partition(":")
        return self._spelled.get(actions.lower(), f"{service.lower()}{separator}{action}")

    def _keys(self, keys: Any) -> Any:
        if not isinstance(keys, Mapping):
            return keys
        return {self._spelled.get(str(key).lower(), str(key)): value for key, value in keys.items()}


def _policy_in(text: str) -> Document | None:
    """The policy that a text is, if it is one."""
    if not text.lstrip().startswith("{") or f'"{STATEMENT}"' not in text:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and STATEMENT in found else None


def _is_call(value: Document) -> bool:
    return len(value) == 1 and next(iter(value)).startswith("Fn::")
