"""Give a service a role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlgov_constructs.aws_tokens import service_principal
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow


@dataclass(frozen=True)
class PassRoles(Activity):
    """Give one service one of these roles, and no other service and no other role.

    Attributes:
        role_arns: The roles; none gives no right.
        service: The service that may receive them.

    Example:
        ``PassRoles(role_arns=...).statements()``
    """

    role_arns: Sequence[str]
    service: str = "sagemaker"

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        if not self.role_arns:
            return []
        to_service = {"StringEquals": {"iam:PassedToService": service_principal(self.service)}}
        return [allow("PassJobRoles", "iam:PassRole", list(self.role_arns), to_service)]
