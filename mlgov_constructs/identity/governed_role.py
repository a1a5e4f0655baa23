"""The base of the roles: a boundary, and one managed policy that every grant goes to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.policy_size import LONGEST_POLICY, policy_size

MOST_POLICIES = 10


class GovernedRole(iam.Role):
    """A role under a permissions boundary, whose rights lie in managed policies of its own.

    It is an ``iam.Role``: ``grant_*`` of any resource accepts it. Grants go to a managed
    policy and not to an inline policy, which auditors ask for (``IAMNoInlinePolicy``). IAM
    gives a policy 6,144 characters; what does not fit begins the next one, up to ten.

    Controls: ``MLG-IDN-01`` (boundary); of its policy ``MLG-IDN-02`` (no wildcard),
    ``MLG-IDN-05`` (bound PassRole), ``MLG-IDN-07`` (SageMaker only in subnets).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        assumed_by: Who may assume the role.
        description: What the role is for.
        permissions_boundary: The ceiling of the role.
        statements: The rights, as policy statements in JSON.
        deviations: Control id to the relaxation that was given, or ``None``.
        role_name: A name; CloudFormation makes one when omitted.
        max_session_duration: The longest session, 1 to 12 hours; 1 hour by default.

    Raises:
        ConstructError: One grant fits in no policy, or the rights fit in no ten.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.identity import PermissionsBoundary
        >>> stack = Stack(App(), "Stack")
        >>> role = GovernedRole(
        ...     stack,
        ...     "Role",
        ...     assumed_by=iam.ServicePrincipal("states"),
        ...     description="Starts the nightly training",
        ...     permissions_boundary=PermissionsBoundary(stack, "Boundary"),
        ...     statements=[],
        ... )
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-IDN-01",)
    RIGHTS_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-IDN-02", "MLG-IDN-05", "MLG-IDN-07")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        assumed_by: iam.IPrincipal,
        description: str,
        permissions_boundary: iam.IManagedPolicy,
        statements: Sequence[Mapping[str, Any]],
        deviations: Mapping[str, Relaxation | None] | None = None,
        role_name: str | None = None,
        max_session_duration: Duration | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            assumed_by=assumed_by,
            description=description,
            permissions_boundary=permissions_boundary,
            role_name=role_name,
            max_session_duration=max_session_duration,
        )
        claim(self, self.CONTROLS, deviations)
        self._policies = [self._new_policy()]
        self._room = LONGEST_POLICY
        # The CDK grants the same thing more than once, and writes it once.
        self._granted: dict[str, iam.ManagedPolicy] = {}
        self.allow(statements)

    def add_to_principal_policy(self, statement: iam.PolicyStatement) -> iam.AddToPrincipalPolicyResult:
        """Add a statement to the managed policies of the role; every ``grant_*`` ends here.

        Args:
            statement: The statement.

        Returns:
            That it was added, and what depends on it.

        Raises:
            ConstructError: It fits in no policy, or the role has ten already.
        """
        told = statement.to_statement_json()
        text = json.dumps(told, sort_keys=True)
        if text not in self._granted:
            self._make_room(policy_size([told]))
            self._policies[-1].add_statements(statement)
            self._granted[text] = self._policies[-1]
        return iam.AddToPrincipalPolicyResult(statement_added=True, policy_dependable=self._granted[text])

    @property
    def rights(self) -> iam.ManagedPolicy:
        """The first managed policy of the role; depend on it where the rights must be there first."""
        return self._policies[0]

    @property
    def policy_count(self) -> int:
        """How many managed policies the role has so far; IAM allows ten by default."""
        return len(self._policies)

    def allow(self, statements: Sequence[Mapping[str, Any]]) -> None:
        """Add statements in JSON to the managed policies of the role, kept together in one of them.

        Args:
            statements: The statements.

        Raises:
            ConstructError: They fit in no policy, or the role has ten already.
        """
        if not statements:
            return
        self._make_room(policy_size(statements))
        self._policies[-1].add_statements(*(iam.PolicyStatement.from_json(dict(each)) for each in statements))

    def _make_room(self, size: int) -> None:
        """Begin the next policy where the last one has no room for what is to come."""
        if size > LONGEST_POLICY or (size > self._room and len(self._policies) == MOST_POLICIES):
            raise self._too_long(size)
        if size > self._room:
            self._policies.append(self._new_policy(f"Rights{len(self._policies) + 1}"))
            self._room = LONGEST_POLICY
        self._room -= size

    def _new_policy(self, construct_id: str = "Rights") -> iam.ManagedPolicy:
        document = iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": []})
        policy = iam.ManagedPolicy(self, construct_id, roles=[self], document=document)
        claim(policy, self.RIGHTS_CONTROLS)
        return policy

    def _too_long(self, size: int) -> ConstructError:
        return ConstructError(
            self,
            None,
            f"{size} characters of rights find no room in the role's {len(self._policies)} policies",
            f"IAM allows {MOST_POLICIES} policies of {LONGEST_POLICY} characters: make a second role.",
        )
