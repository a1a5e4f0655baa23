"""How entries of the ledger name findings and the constructs that carry them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import IConstruct

from stacks.ledger.acknowledgments import Acknowledgment
from stacks.ledger.policy_wildcards import wildcards
from stacks.ml_environment import MlEnvironment

PACKS = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
WILDCARD = "AwsSolutions::AwsSolutions-IAM5"


def in_packs(*rules: str, packs: Iterable[str] = PACKS) -> tuple[str, ...]:
    """Return the ids of rules that several packs have in common."""
    return tuple(f"{pack}::{pack}-{rule}" for pack in packs for rule in rules)


def resource_of(construct: IConstruct) -> IConstruct:
    """Return the CloudFormation resource of a construct, or the construct when it has none."""
    child = construct.node.default_child
    return child if child is not None else construct


def accept_wildcards(
    owners: Iterable[IConstruct],
    endings: Iterable[str],
    reason: str,
    holds: Any,
    *,
    exact: str | None = None,
) -> Acknowledgment[MlEnvironment]:
    """Accept the wildcard resources that end in one of some ways, in the policies of some roles."""
    policies = [policy for owner in owners for policy in policies_of(owner)]
    found: dict[str, None] = {}
    chosen = []
    for policy in policies:
        ids = [
            f"{WILDCARD}[Resource::{resource}]"
            for resource in wildcards(policy)
            if (resource == exact if exact else resource.endswith(tuple(endings)))
        ]
        found.update(dict.fromkeys(ids))
        if ids:
            chosen.append(resource_of(policy))
    return Acknowledgment(ids=tuple(found), constructs=lambda _: chosen, reason=reason, holds=holds)


def policies_of(owner: IConstruct) -> list[iam.ManagedPolicy]:
    """Return the managed policies in a construct."""
    return [each for each in owner.node.find_all() if isinstance(each, iam.ManagedPolicy)]
