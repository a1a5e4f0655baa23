"""Who may do what, as far as the templates of the roles tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlgov_constructs.cli.access.assembly import Assembly, Resource
from mlgov_constructs.cli.access.layers import Layers


@dataclass(frozen=True, slots=True)
class RoleEvidence:
    """One role of a stack.

    Attributes:
        stack: The name of the stack.
        name: The logical id, without the hash that the CDK ends it with.
        description: What the role says of itself.
        trusted: Who may assume it: services, accounts, identity providers.
        bounded: Whether it has a permissions boundary.
        activities: The names of the statements that allow something, once each.
        services: The services of the statements without a name.
        denies: How many statements deny.
        other_policies: The ARNs of policies that the assembly does not hold.
    """

    stack: str
    name: str
    description: str
    trusted: tuple[str, ...]
    bounded: bool
    activities: tuple[str, ...]
    services: tuple[str, ...]
    denies: int
    other_policies: tuple[str, ...]


def roles_of(folder: Path) -> tuple[RoleEvidence, ...]:
    """Read the roles of the stacks of an assembly.

    Args:
        folder: The folder that ``cdk synth`` wrote.

    Returns:
        The roles in the order of the stacks and their templates.
    """
    layers = Layers(Assembly((folder,)))
    return tuple(_role(layers, role) for role in layers.assembly.of_type("AWS::IAM::Role"))


def _role(layers: Layers, role: Resource) -> RoleEvidence:
    statements = [
        statement
        for policy in layers.identity_policies(role)
        for statement in _listed(policy["policy"].get("Statement", []))
    ]
    allows = [each for each in statements if each.get("Effect") == "Allow"]
    return RoleEvidence(
        stack=role.stack,
        name=role.short_id,
        description=str(role.properties.get("Description", "")),
        trusted=tuple(dict.fromkeys(_trusted(role.properties["AssumeRolePolicyDocument"]))),
        bounded="PermissionsBoundary" in role.properties,
        activities=_once(each["Sid"] for each in allows if "Sid" in each),
        services=_once(
            str(action).partition(":")[0]
            for each in allows
            if "Sid" not in each
            for action in _listed(each.get("Action", []))
        ),
        denies=len(statements) - len(allows),
        other_policies=tuple(layers.unknown_policies(role)),
    )


def _trusted(document: dict[str, Any]) -> Iterator[str]:
    for statement in _listed(document.get("Statement", [])):
        principal = statement.get("Principal", {})
        if statement.get("Effect") == "Deny":
            continue
        if isinstance(principal, dict):
            for named in principal.values():
                yield from (str(each) for each in _listed(named))
        else:
            yield str(principal)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
