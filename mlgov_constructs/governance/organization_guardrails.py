"""The guardrails of an organization, attached to its units and accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import aws_organizations as organizations
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.governance.organization_limits import check_length, check_names
from mlgov_constructs.governance.organization_policies import (
    Document,
    resource_control_policies,
    service_control_policies,
)

SERVICE_CONTROL, RESOURCE_CONTROL = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
CREATION, LIMITS = "sagemaker", "limits"


@checked_arguments
class OrganizationGuardrails(Construct):
    """Service and resource control policies for the accounts that machine learning happens in.

    They hold whatever the policies of an account allow, and its administrators too: no
    SageMaker work outside subnets, without keys, public, with root or untagged, and no model,
    and so no batch transform, that is not isolated; no work in other regions or on other
    instances; no change of trail, AWS Config, GuardDuty and Security Hub; no data written to,
    and no key used of, another organization; and nobody from outside reaches buckets, keys,
    queues, secrets and roles. The same statements make the boundary.

    The construct belongs to a stack of the management account, or of the delegated
    administrator of AWS Organizations. Try the policies on a unit for tests first: they deny.

    Controls: MLG-GOV-30 (attached), 31 (exemptions have names), 32 (other regions), 33 (other
    principals), 36 (models, for batch transforms).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        organization_id: The organization.
        target_ids: The units and accounts that the policies are attached to.
        allowed_regions: The regions in which work is allowed; one at least.
        allowed_subnets: The only subnets that SageMaker may use; any, but some, when empty.
        allowed_instance_types: Patterns of the instance types that may be used; all when empty.
        exempt_roles: ARN patterns of the roles that the service control policies do not hold, for
            emergencies. Nobody else may make or change a role of such a name: make it first.
        deployment_roles: ARN patterns of the roles that may set up trails and recorders, such as
            the CDK's (``arn:*:iam::*:role/cdk-*-cfn-exec-role-*``); their names are kept as well.
        outbound_network: Why models may run without network isolation.
        name_prefix: What the names of the policies begin with.

    Attributes:
        policies: The policies, service control policies first.

    Raises:
        ConstructError: There is no region or no target, a name cannot be one, a pattern of roles
            fits all, or a policy is longer than AWS Organizations allows.

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

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-30", "MLG-GOV-31", "MLG-GOV-32", "MLG-GOV-33", "MLG-GOV-36")

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
        outbound_network: Relaxation | None = None,
        name_prefix: str = "mlgov",
    ) -> None:
        check_names(
            scope,
            construct_id,
            organization_id=organization_id,
            target_ids=target_ids,
            allowed_regions=allowed_regions,
            allowed_instance_types=allowed_instance_types,
            roles=[*exempt_roles, *deployment_roles],
        )
        service = service_control_policies(
            organization_id=organization_id,
            allowed_regions=allowed_regions,
            allowed_subnets=allowed_subnets,
            allowed_instance_types=allowed_instance_types,
            exempt_roles=exempt_roles,
            deployment_roles=deployment_roles,
            isolated_models=outbound_network is None,
        )
        resource = resource_control_policies(organization_id=organization_id)
        kinds = ((SERVICE_CONTROL, service), (RESOURCE_CONTROL, resource))
        for name, document in {**service, **resource}.items():
            check_length(scope, construct_id, name, document)
        super().__init__(scope, construct_id)
        self.policies: list[organizations.CfnPolicy] = []
        for kind, documents in kinds:
            for name, document in documents.items():
                policy = self._add(kind, f"{name_prefix}-{name}", name.capitalize(), document, target_ids)
                claim(policy, _implemented(kind, name), {"MLG-GOV-36": outbound_network if name == CREATION else None})

    def _add(
        self, kind: str, name: str, construct_id: str, document: Document, target_ids: Sequence[str]
    ) -> organizations.CfnPolicy:
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
        return policy


def _implemented(kind: str, name: str) -> list[str]:
    if kind == RESOURCE_CONTROL:
        return ["MLG-GOV-30", "MLG-GOV-33"]
    own = {CREATION: ["MLG-GOV-36"], LIMITS: ["MLG-GOV-32"]}
    return ["MLG-GOV-30", "MLG-GOV-31", *own.get(name, ())]
