"""What holds the accounts of the organization, in a stack of its management account."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.governance import OrganizationControls, RequiredTags
from stacks.environment import Organization


class OrganizationStack(cdk.Stack):
    """Policies of AWS Organizations and controls of Control Tower for the accounts of the environments.

    It belongs to no environment: it is deployed once, to the management account.

    Args:
        scope: The app.
        construct_id: The id in the app; it is the name of the stack.
        organization: What the organization's file says.

    Attributes:
        controls: The policies and controls.

    Example:
        >>> from stacks.environment import load_organization
        >>> organization = load_organization("environments/organization.yaml")
        >>> stack = OrganizationStack(cdk.App(), organization.name, organization=organization)
        >>> stack.stack_name
        'organization'
    """

    def __init__(self, scope: Construct, construct_id: str, *, organization: Organization) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Guardrails of the organization for machine learning accounts",
            env=cdk.Environment(account=organization.account, region=organization.region),
        )
        self.controls = OrganizationControls(
            self,
            "Controls",
            organization_id=organization.organization_id,
            target_ids=organization.target_ids,
            allowed_regions=organization.allowed_regions,
            allowed_subnets=organization.allowed_subnets,
            allowed_instance_types=organization.allowed_instance_types,
            exempt_roles=organization.exempt_roles,
            deployment_roles=organization.deployment_roles,
            required_tags=RequiredTags(organization.required_tags) if organization.required_tags else None,
            control_tower_unit_ids=organization.control_tower_unit_ids,
            internet_gateways=_relaxation(organization.internet_gateways),
            outbound_network=_relaxation(organization.outbound_network),
            name_prefix=organization.policy_prefix,
        )
        tags = cdk.Tags.of(self)
        for key, value in organization.tags.items():
            tags.add(key, value)


def _relaxation(reason: str | None) -> Relaxation | None:
    return None if reason is None else Relaxation(reason)
