"""The roles, the boundary over each, and whom they trust."""

from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet


def read_roles(deployed: Deployed) -> Section:
    """Reads back every role of an environment.

    Args:
        deployed: The environment.
    """
    rows = tuple(_row(deployed, name) for name in deployed.ids("AWS::IAM::Role"))
    return Section("Roles", ("Role", "Boundary", "Trusts"), rows, {"there must be roles": bool(rows)})


def _row(deployed: Deployed, name: str) -> Row:
    role = deployed.client("iam").get_role(RoleName=name)["Role"]
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    statements = role["AssumeRolePolicyDocument"]["Statement"]
    people = [item for item in statements if "AWS" in item["Principal"]]
    demands = {
        "it must be under a permissions boundary": bool(boundary),
        "people must need a second factor": all(_needs_mfa(item) for item in people),
    }
    trusts = ", ".join(_trusted(item) for item in statements)
    return Row((name, boundary.rsplit("/", 1)[-1] or "none", trusts), unmet(demands))


def _trusted(statement: Mapping[str, Any]) -> str:
    principal = statement["Principal"]
    if principal == "*":
        return "anyone"
    named = ", ".join(str(value).rsplit("::", 1)[-1] for value in principal.values())
    return f"{named} with MFA" if _needs_mfa(statement) else named


def _needs_mfa(statement: Mapping[str, Any]) -> bool:
    return str(statement.get("Condition", {}).get("Bool", {}).get("aws:MultiFactorAuthPresent")).lower() == "true"
