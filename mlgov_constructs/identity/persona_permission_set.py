"""A persona as a permission set of IAM Identity Center."""

from __future__ import annotations

import re

from aws_cdk import Duration
from aws_cdk import aws_sso as sso
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.persona import Persona
from mlgov_constructs.identity.persona_check import check_persona
from mlgov_constructs.identity.policy_size import policy_size

# https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PutInlinePolicyToPermissionSet.html
LONGEST_INLINE_POLICY = 32768
NAME = re.compile(r"[\w+=,.@-]{1,32}")


class PersonaPermissionSet(sso.CfnPermissionSet):
    """A persona that IAM Identity Center makes a role of in every account it is assigned to.

    Identity Center asks for the second factor. The boundary is named, not referred to: a
    policy of that name must exist in each of these accounts, which the foundation of an
    environment makes.

    Args:
        scope: The parent construct, in a stack of the account of Identity Center.
        construct_id: The id in that scope.
        persona: What the permission set is for.
        instance_arn: The instance of Identity Center.
        boundary_name: The name of the permissions boundary in the accounts.
        name: The name of the permission set, up to 32 characters; that of the persona when
            omitted.
        session_duration: The longest session, 1 to 12 hours; 8 hours by default.

    Raises:
        ConstructError: The persona has no activity or breaks the separation of duties, the
            name has another form, or the rights are longer than Identity Center allows.

    Source: https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html

    Cost: none.

    Example:
        >>> from aws_cdk import App, Stack
        >>> permission_set = PersonaPermissionSet(
        ...     Stack(App(), "Identity"),
        ...     "CostOwner",
        ...     persona=Persona.cost_owner(),
        ...     instance_arn="arn:aws:sso:::instance/ssoins-1234567890abcdef",
        ...     boundary_name="mlgov-sandbox-boundary",
        ... )
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        persona: Persona,
        instance_arn: str,
        boundary_name: str,
        name: str | None = None,
        session_duration: Duration | None = None,
    ) -> None:
        check_persona(scope, construct_id, persona)
        if not NAME.fullmatch(name or persona.name):
            raise ConstructError(
                scope,
                construct_id,
                f"name {name or persona.name!r} is no name of a permission set",
                "Use up to 32 letters, digits and _+=,.@-.",
            )
        statements = [statement for activity in persona.activities for statement in activity.statements()]
        if (size := policy_size(statements)) > LONGEST_INLINE_POLICY:
            raise ConstructError(
                scope,
                construct_id,
                f"the rights of {persona.name} take {size} characters",
                f"Identity Center allows {LONGEST_INLINE_POLICY}: split the persona.",
            )
        super().__init__(
            scope,
            construct_id,
            instance_arn=instance_arn,
            name=name or persona.name,
            description=persona.description,
            session_duration=(session_duration or Duration.hours(8)).to_iso_string(),
            inline_policy={"Version": "2012-10-17", "Statement": statements},
            permissions_boundary=sso.CfnPermissionSet.PermissionsBoundaryProperty(
                customer_managed_policy_reference=sso.CfnPermissionSet.CustomerManagedPolicyReferenceProperty(
                    name=boundary_name
                )
            ),
        )
