"""Proves on templates that VPC endpoints let pass our principals on our resources, and what AWS publishes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.quality.reachability import Network

Json = Any

# Actions that touch no resource of anyone.
WITHOUT_RESOURCE = {"ecr:GetAuthorizationToken", "sts:GetCallerIdentity", "sts:GetServiceBearerToken"}
# What AWS's own accounts are good for: pulling the images they publish.
PULLING = {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
ACCOUNT = {"Ref": "AWS::AccountId"}


def endpoint_faults(network: Network, organization: str | None = None) -> list[str]:
    """What passes an endpoint beyond our principals on our resources, and named buckets and accounts of AWS.

    Args:
        network: The network.
        organization: The organization whose principals and resources are ours too.
    """
    own: dict[str, list[Json]] = {"Account": [ACCOUNT], "OrgID": [organization] if organization else []}
    faults = []
    for name, endpoint in network.of_type("AWS::EC2::VPCEndpoint"):
        document = endpoint.get("PolicyDocument")
        if not document:
            faults.append(f"{name} has the default policy")
            continue
        allows = [statement for statement in _listed(document["Statement"]) if statement["Effect"] == "Allow"]
        faults += [f"{name} allows {statement}" for statement in allows if not _is_closed(statement, own)]
    return faults


def _is_closed(statement: dict[str, Json], own: dict[str, list[Json]]) -> bool:
    if statement.keys() - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}:
        return False
    actions = set(_listed(statement["Action"]))
    if any(action in ("*", "*:*") or action.endswith(":*") for action in actions):
        return False
    conditions = statement.get("Condition", {}).get("StringEquals", {})

    def bound(whose: str) -> bool:
        return any(
            f"aws:{whose}{kind}" in conditions
            and all(value in values for value in _listed(conditions[f"aws:{whose}{kind}"]))
            for kind, values in own.items()
        )

    if bound("Principal"):
        return bound("Resource") or actions <= WITHOUT_RESOURCE or (actions <= PULLING and _names_accounts(conditions))
    return actions == {"s3:GetObject"} and all(map(_names_bucket, _listed(statement["Resource"])))


def _names_accounts(conditions: dict[str, Json]) -> bool:
    accounts = _listed(conditions.get("aws:ResourceAccount", []))
    return bool(accounts) and all(isinstance(account, str) and account.isdecimal() for account in accounts)


def _names_bucket(resource: Json) -> bool:
    """Whether an ARN holds the name of one bucket, without a wildcard before its objects."""
    text = "".join(_flat(resource))
    bucket = text.rpartition(":::")[2].partition("/")[0]
    return ":s3:::" in text and bool(bucket) and not set(bucket) & set("*?")


def _flat(value: Json) -> Iterable[str]:
    if isinstance(value, dict) and "Fn::Join" in value:
        return (part if isinstance(part, str) else "x" for part in value["Fn::Join"][1])
    return [value] if isinstance(value, str) else []


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
