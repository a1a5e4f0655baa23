"""The VPC endpoints, and for whom and for what their policies are open."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet

_PRINCIPALS = ("aws:PrincipalAccount", "aws:PrincipalOrgID")
_RESOURCES = ("aws:ResourceAccount", "aws:ResourceOrgID")


def read_endpoints(deployed: Deployed) -> Section:
    """Reads back every VPC endpoint of an environment.

    Args:
        deployed: The environment.
    """
    ids = deployed.ids("AWS::EC2::VPCEndpoint")
    found = deployed.client("ec2").describe_vpc_endpoints(VpcEndpointIds=ids)["VpcEndpoints"] if ids else []
    rows = tuple(_row(endpoint) for endpoint in sorted(found, key=lambda item: str(item["ServiceName"])))
    columns = ("Service", "Private DNS", "Actions", "Statements", "Principals of", "Resources of")
    demands = {
        "there must be endpoints": bool(rows),
        "all endpoints must exist": len(found) == len(ids),
    }
    return Section("Endpoints", columns, rows, demands)


def _row(endpoint: Mapping[str, Any]) -> Row:
    statements = json.loads(endpoint["PolicyDocument"])["Statement"]
    allows = [item for item in statements if item["Effect"] == "Allow"]
    actions = {action for item in allows for action in _list(item["Action"])}
    interface = endpoint["VpcEndpointType"] == "Interface"
    cells = (
        endpoint["ServiceName"].split(".", 3)[-1],
        ("on" if endpoint["PrivateDnsEnabled"] else "off") if interface else "gateway",
        str(len(actions)),
        str(len(statements)),
        _whose(allows, _PRINCIPALS),
        _whose(allows, _RESOURCES),
    )
    demands = {
        "its policy must name the actions": not actions & {"*"},
        "every statement must be for own principals, or for named resources of the service": all(
            _conditions(item) & {*_PRINCIPALS} or _list(item["Resource"]) != ["*"] for item in allows
        ),
        "private DNS must be on": endpoint["PrivateDnsEnabled"] or not interface,
        "it must be available": endpoint["State"] == "available",
    }
    return Row(cells, unmet(demands))


def _whose(statements: Iterable[Mapping[str, Any]], keys: tuple[str, ...]) -> str:
    values = {
        value
        for statement in statements
        for condition in statement.get("Condition", {}).values()
        for key in keys
        for value in _list(condition.get(key, []))
    }
    return ", ".join(sorted(values)) or "anyone"


def _conditions(statement: Mapping[str, Any]) -> set[str]:
    return {key for condition in statement.get("Condition", {}).values() for key in condition}


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
