"""The guardrails of the organization, in a stack of its management account."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from constructs import Construct

from mlgov_constructs.governance import OrganizationGuardrails


class OrganizationStack(cdk.Stack):
    """Service and resource control policies for the accounts of the environments.

    It belongs to no environment: it is deployed once, to the management account.

    Args:
        scope: The app.
        construct_id: The id in the app; it is the name of the stack.
        organization_id: The organization.
        target_ids: The units and accounts that the policies are attached to.
        allowed_regions: The regions in which work is allowed.
        allowed_subnets: The only subnets that SageMaker may use; any, but some, when empty.
        allowed_instance_types: Patterns of the instance types that may be used; all when empty.
        exempt_roles: ARN patterns of the roles that the service control policies do not hold.
        env: The management account, and a region.

    Attributes:
        guardrails: The policies.

    Example:
        >>> stack = OrganizationStack(
        ...     cdk.App(),
        ...     "organization",
        ...     organization_id="o-exampleorg1",
        ...     target_ids=["ou-ab12-11111111"],
        ...     allowed_regions=["eu-west-1"],
        ... )
        >>> stack.stack_name
        'organization'
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        organization_id: str,
        target_ids: Sequence[str],
        allowed_regions: Sequence[str],
        allowed_subnets: Sequence[str] = (),
        allowed_instance_types: Sequence[str] = (),
        exempt_roles: Sequence[str] = (),
        env: cdk.Environment | None = None,
    ) -> None:
        super().__init__(
            scope, construct_id, description="Guardrails of the organization for machine learning accounts", env=env
        )
        self.guardrails = OrganizationGuardrails(
            self,
            "Guardrails",
            organization_id=organization_id,
            target_ids=target_ids,
            allowed_regions=allowed_regions,
            allowed_subnets=allowed_subnets,
            allowed_instance_types=allowed_instance_types,
            exempt_roles=exempt_roles,
        )
