"""Which stores the policies of a role let it read and write."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlgov_constructs.diagram.data_uses import READS, WRITES, Use
from mlgov_constructs.diagram.estate import UNKNOWN, Estate
from mlgov_constructs.diagram.part import Part
from mlgov_constructs.diagram.shapes import listed, mappings, within
from mlgov_constructs.diagram.stores import BUCKET, LOG_GROUP, REGISTRY, TABLE

ROLE, POLICIES = "AWS::IAM::Role", ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy")
# One action stands for each direction: who may do it may move what the store holds.
ACTIONS = {
    BUCKET: {READS: "s3:getobject", WRITES: "s3:putobject"},
    TABLE: {READS: "dynamodb:getitem", WRITES: "dynamodb:putitem"},
    LOG_GROUP: {READS: "logs:getlogevents", WRITES: "logs:putlogevents"},
    REGISTRY: {READS: "sagemaker:describemodelpackage", WRITES: "sagemaker:createmodelpackage"},
}
OF_ANYTHING = "*"
RESOURCE_TAG = "aws:ResourceTag/"


def grants_of(estate: Estate, role: Part, stores: list[Part]) -> tuple[list[Use], bool]:
    """Return what the policies of a role let it read and write, and whether some of it has no bounds but a condition.

    Args:
        estate: The templates.
        role: The role.
        stores: The stores that count.
    """
    uses: list[Use] = []
    unbounded = False
    for part, statement in _statements(estate, role):
        if statement.get("Effect") != "Allow":
            continue
        resources = listed(statement.get("Resource"))
        anything = OF_ANYTHING in resources or "NotResource" in statement
        for store in stores:
            directions = [each for each, action in ACTIONS[store.type].items() if _allows(statement, action)]
            if not directions or not _tagged(estate, part, statement.get("Condition"), store):
                continue
            if anything and "Condition" in statement:
                unbounded = True
            elif anything or any(_covers(estate, part, each, store) for each in resources):
                uses += [(store, direction) for direction in directions]
    return list(dict.fromkeys(uses)), unbounded


def who_assumes(role: Part) -> str:
    """Return who a role is for: ``jobs`` of SageMaker, ``services``, or ``people`` and other accounts.

    Args:
        role: The role.
    """
    statements = mappings(within(role.properties, "AssumeRolePolicyDocument", "Statement"))
    principals = [each.get("Principal") for each in statements]
    if any(isinstance(each, Mapping) and set(each) & {"AWS", "Federated"} for each in principals):
        return "people"
    return "jobs" if re.search(r"\bsagemaker\.", json.dumps(principals)) else "services"


def _statements(estate: Estate, role: Part) -> Iterator[tuple[Part, Mapping[str, Any]]]:
    for policy in mappings(role.properties.get("Policies")):
        yield from ((role, each) for each in _document(policy))
    attached = set(estate.referred(role, role.properties.get("ManagedPolicyArns")))
    for part in estate.of_type(*POLICIES):
        named = [part.properties.get("Roles"), part.properties.get("RoleName")]
        if part in attached or role in estate.referred(part, named):
            yield from ((part, each) for each in _document(part.properties))


def _document(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return mappings(within(properties, "PolicyDocument", "Statement"))


def _allows(statement: Mapping[str, Any], action: str) -> bool:
    if "Action" not in statement:
        return not _matches(statement.get("NotAction", OF_ANYTHING), action)
    return _matches(statement["Action"], action)


def _matches(patterns: Any, action: str) -> bool:
    return any(fnmatch.fnmatchcase(action, str(each).lower()) for each in listed(patterns))


def _covers(estate: Estate, part: Part, resource: Any, store: Part) -> bool:
    """Whether a resource of a statement is what a store holds."""
    text = estate.text(part, resource)
    if store.type == REGISTRY:
        # Versions in a registry are named by the name of the registry; nothing refers to it.
        group = estate.text(store, store.properties.get("ModelPackageGroupName", UNKNOWN))
        pattern = text.partition(":model-package/")[2]
        return UNKNOWN not in group + pattern and fnmatch.fnmatchcase(f"{group}/1", pattern)
    # The ARN of a bucket is not that of its objects.
    return store in estate.referred(part, resource) and (store.type != BUCKET or text != store.name)


def _tagged(estate: Estate, part: Part, condition: Any, store: Part) -> bool:
    """Whether a store has the tags that a condition demands; other conditions are left to those who evaluate them."""
    equals = mappings(within(condition, "StringEquals"))
    tags = {
        estate.text(store, each.get("Key")): estate.text(store, each.get("Value"))
        for each in mappings(store.properties.get("Tags"))
    }
    return all(
        tags.get(key.partition("/")[2]) in [estate.text(part, each) for each in listed(values)]
        for tests in equals
        for key, values in tests.items()
        if key.startswith(RESOURCE_TAG)
    )
