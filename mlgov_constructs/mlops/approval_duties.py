"""Who registers and who decides: never the same."""

from __future__ import annotations

import json

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.errors import ConstructError


class ApprovalDuties:
    """What the principals of a registry do, so that none does both.

    Args:
        registry: The registry, for messages.

    Example:
        ``registry.duties.approves(role)``
    """

    def __init__(self, registry: Construct) -> None:
        self._registry = registry
        self._registrars: set[str] = set()
        self._approvers: set[str] = set()

    def registers(self, grantee: iam.IGrantable) -> None:
        """Write down that a principal registers versions.

        Args:
            grantee: The principal.

        Raises:
            ConstructError: It decides on them.
        """
        self._note(grantee, self._registrars, self._approvers)

    def approves(self, grantee: iam.IGrantable) -> None:
        """Write down that a principal decides: on versions, on their way to production, on cards.

        Args:
            grantee: The principal.

        Raises:
            ConstructError: It registers versions.
        """
        self._note(grantee, self._approvers, self._registrars)

    def _note(self, grantee: iam.IGrantable, own: set[str], others: set[str]) -> None:
        # As policies name it: what is imported is another object each time.
        named = grantee.grant_principal.policy_fragment.principal_json
        principal = json.dumps(Stack.of(self._registry).resolve(named), sort_keys=True)
        if principal in others:
            raise ConstructError(
                self._registry,
                None,
                "one principal would register and approve the same versions",
                "Give the approval to another role, whom no pipeline and no data scientist assumes.",
            )
        own.add(principal)
