"""What is let out of the account: to which accounts and organizations policies and shares give something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.diagram.estate import Estate
from mlgov_constructs.diagram.part import Part
from mlgov_constructs.diagram.shapes import listed, mappings, within

POLICIES = (
    "KeyPolicy",
    "ModelPackageGroupPolicy",
    "PolicyDocument",
    "RepositoryPolicyText",
    "PermissionsPolicyDocument",
)
ORGANIZATION_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
# Policies of these say what somebody of this account may do, or what passes an endpoint.
NOT_OF_RESOURCES = ("AWS::IAM::", "AWS::EC2::VPCEndpoint")
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
PORTFOLIO_SHARES = ("AWS::ServiceCatalog::PortfolioShare", "Custom::PortfolioShare")
EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True, order=True)
class Share:
    """Something that others may use.

    Attributes:
        name: What.
        receiver: Who: an organization, a part of one, or an account.
    """

    name: str
    receiver: str


def shares_of(estate: Estate) -> list[Share]:
    """Return what is let out of the account.

    Args:
        estate: The templates.
    """
    found = [Share(_name(estate, part), each) for part in estate.parts for each in _receivers(estate, part)]
    return list(dict.fromkeys(found))


def _receivers(estate: Estate, part: Part) -> Iterator[str]:
    properties = part.properties
    if part.type in PORTFOLIO_SHARES:
        yield estate.text(part, properties.get("OrganizationNode") or properties.get("AccountId"))
        return
    if part.type.startswith(NOT_OF_RESOURCES):
        return
    for key in POLICIES:
        for statement in mappings(within(properties, key, "Statement")):
            if statement.get("Effect") == "Allow":
                yield from _of_statement(estate, part, statement)


def _of_statement(estate: Estate, part: Part, statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    texts = [estate.text(part, each) for each in listed(named)]
    for text in texts:
        yield from (f"account {account}" for account in ACCOUNT.findall(text))
    if "*" not in texts:
        return
    organizations = list(_organizations(estate, part, statement.get("Condition")))
    yield from organizations
    if "Condition" not in statement:
        yield EVERYBODY


def _organizations(estate: Estate, part: Part, condition: Any) -> Iterator[str]:
    for tests in mappings(list(condition.values()) if isinstance(condition, Mapping) else None):
        for key, values in tests.items():
            if key.lower() in ORGANIZATION_KEYS:
                yield from (f"organization {estate.text(part, each)}" for each in listed(values))


def _name(estate: Estate, part: Part) -> str:
    """What a policy is of, when it is a resource of its own."""
    of = estate.referred(part, [part.properties.get("Bucket"), part.properties.get("PortfolioId")])
    return of[0].name if of else part.name
