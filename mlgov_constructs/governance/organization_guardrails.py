"""The guardrails of an organization, attached to its units and accounts."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import aws_organizations as organizations
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.organization_policies import (
    Document,
    resource_control_policies,
    service_control_policies,
)

# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
LONGEST_POLICY = 5120


class OrganizationGuardrails(Construct):
    """Service and resource control policies for the accounts that machine learning happens in.

    They hold whatever the policies of an account allow, and its administrators too: no
    SageMaker work outside subnets, without keys, public, with root or untagged; no work in
    other regions or on other instances; no change of trail, AWS Config, GuardDuty and Security
    Hub; no data written to, and no key used of, another organization; and nobody from outside
    reaches buckets, keys, queues, secrets and roles. The same statements make the boundary.

    The construct belongs to a stack of the management account, or of the delegated
    administrator of AWS Organizations. Try the policies on a unit for tests first: they deny.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        organization_id: The organization.
        target_ids: The units and accounts that the policies are attached to.
        allowed_regions: The regions in which work is allowed; one at least.
        allowed_subnets: The only subnets that SageMaker may use; any, but some, when empty.
        allowed_instance_types: Patterns of the instance types that may be used; all when empty.
        exempt_roles: ARN patterns of the roles that the service control policies do not hold.
        name_prefix: What the names of the policies begin with.

    Attributes:
        policies: The policies, service control policies first.

    Raises:
        ConstructError: There is no region or no target, or a policy is longer than AWS
            Organizations allows.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html

    Cost: none.

    Example:
        >>> from aws_cdk import App, Stack
        >>> guardrails = OrganizationGuardrails(
        ...     Stack(App(), "Organization"),
        ...     "Guardrails",
        ...     organization_id="o-exampleorg1",
        ...     target_ids=["ou-ab12-11111111"],
        ...     allowed_regions=["eu-west-1"],
        ... )
        >>> len(guardrails.policies)
        4
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
        name_prefix: str = "mlgov",
    ) -> None:
        for name, given in (("target_ids", target_ids), ("allowed_regions", allowed_regions)):
            if not given:
                raise ConstructError(scope, construct_id, f"{name} is empty", "Name one at least.")
        service = service_control_policies(
            organization_id=organization_id,
            allowed_regions=allowed_regions,
            allowed_subnets=allowed_subnets,
            allowed_instance_types=allowed_instance_types,
            exempt_roles=exempt_roles,
        )
        resource = resource_control_policies(organization_id=organization_id)
        for name, document in {**service, **resource}.items():
            if (size := len(json.dumps(document, separators=(",", ":")))) > LONGEST_POLICY:
                raise ConstructError(
                    scope,
                    construct_id,
                    f"the policy {name} takes {size} characters",
                    f"AWS Organizations allows {LONGEST_POLICY}: name fewer subnets, instances or roles.",
                )
        super().__init__(scope, construct_id)
        self.policies: list[organizations.CfnPolicy] = []
        for kind, documents in (("SERVICE_CONTROL_POLICY", service), ("RESOURCE_CONTROL_POLICY", resource)):
            for name, document in documents.items():
                self._add(kind, f"{name_prefix}-{name}", name.capitalize(), document, target_ids)

    def _add(self, kind: str, name: str, construct_id: str, document: Document, target_ids: Sequence[str]) -> None:
        policy = organizations.CfnPolicy(
            self,
            construct_id,
            name=name,
            description="Guardrails of machine learning accounts",
            type=kind,
            content=document,
            target_ids=list(target_ids),
        )
        # AWS Organizations changes one policy at a time and refuses the second.
        if self.policies:
            policy.add_resource_dependency(self.policies[-1])
        self.policies.append(policy)
