"""What holds the accounts of the organization, in a stack of its management account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from constructs import Construct

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.governance import OrganizationControls, RequiredTags


class OrganizationStack(cdk.Stack):
    """Policies of AWS Organizations and controls of Control Tower for the accounts of the environments.

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
        deployment_roles: ARN patterns of the roles that deploy the environments; they set up what is guarded.
        required_tags: The tags that everything must carry, and their values; none when empty.
        control_tower_unit_ids: The units that Control Tower's controls are enabled for; none when empty.
        internet_gateways: Why the accounts may have gateways to the internet.
        env: The management account, and a region.

    Attributes:
        controls: The policies and controls.

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
        deployment_roles: Sequence[str] = (),
        required_tags: Mapping[str, Sequence[str]] | None = None,
        control_tower_unit_ids: Sequence[str] = (),
        internet_gateways: Relaxation | None = None,
        env: cdk.Environment | None = None,
    ) -> None:
        super().__init__(
            scope, construct_id, description="Guardrails of the organization for machine learning accounts", env=env
        )
        self.controls = OrganizationControls(
            self,
            "Controls",
            organization_id=organization_id,
            target_ids=target_ids,
            allowed_regions=allowed_regions,
            allowed_subnets=allowed_subnets,
            allowed_instance_types=allowed_instance_types,
            exempt_roles=exempt_roles,
            deployment_roles=deployment_roles,
            required_tags=RequiredTags(required_tags) if required_tags else None,
            control_tower_unit_ids=control_tower_unit_ids,
            internet_gateways=internet_gateways,
        )
