"""What grants are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import IDependable

from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.identity.governed_role import GovernedRole


def statement(
    actions: Sequence[str], resource: str | Sequence[str], condition: Mapping[str, Any] | None = None
) -> Statement:
    """Return a statement that allows actions; without an id, as a role may have the same grant of many resources.

    Example:
        >>> statement(["codecommit:GitPull"], "*")
        {'Effect': 'Allow', 'Action': ['codecommit:GitPull'], 'Resource': '*'}
    """
    resources = resource if isinstance(resource, str) else list(resource)
    allowed: Statement = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    return allowed | {"Condition": dict(condition)} if condition else allowed


def give(grantee: iam.IGrantable, statements: Sequence[Statement]) -> None:
    """Give statements to a principal, to a governed role as one piece.

    Args:
        grantee: The principal.
        statements: The statements, in JSON.

    Raises:
        ValueError: The principal is a service, an account or everybody, who hold no policies; the CDK
            would pass over it in silence.
    """
    principal = grantee.grant_principal
    if isinstance(principal, GovernedRole):
        principal.allow(statements)
        return
    for each in statements:
        if not principal.add_to_principal_policy(iam.PolicyStatement.from_json(each)).statement_added:
            msg = (
                f"A {type(principal).__name__} has no policies, so nothing can be granted to it. "
                "Grant to a role, a user or a group."
            )
            raise ValueError(msg)


def rights_of(role: iam.IRole) -> IDependable:
    """Return what to depend on where a role must have its rights first.

    Args:
        role: The role; one that is imported has its rights already.
    """
    return role.rights if isinstance(role, GovernedRole) else role
