"""Everything that an organization holds its machine learning accounts to, in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from aws_cdk import Stack, Token
from aws_cdk import aws_organizations as organizations
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.governance.control_tower_control import ControlTowerControl
from mlgov_constructs.governance.enabled_controls import DEFAULT, EnabledControls
from mlgov_constructs.governance.management_policies import ai_services_opt_out_policy, ec2_policy
from mlgov_constructs.governance.organization_guardrails import OrganizationGuardrails
from mlgov_constructs.governance.required_tag_policies import RequiredTagPolicies
from mlgov_constructs.governance.required_tags import RequiredTags

# Control Tower works in the accounts through it, and its landing zone breaks when it is held.
CONTROL_TOWER_ROLE = "arn:*:iam::*:role/AWSControlTowerExecution"
# https://docs.amazonaws.cn/en_us/aws/latest/userguide/organizations.html
WITHOUT_AI_SERVICES_POLICIES = "cn-"


@checked_arguments
class OrganizationControls(Construct):
    """The rules of an organization for its machine learning accounts, whatever an account allows itself.

    It creates the service and resource control policies of :class:`OrganizationGuardrails`; the tag policy and
    the refusal of :class:`RequiredTagPolicies`, when tags are required; a policy by which AWS keeps no content of
    its AI services, except in a region of China, where AWS Organizations has no such policies; a declarative policy
    for EC2 (IMDSv2 by default, nothing public, no way to the internet); and :class:`EnabledControls` for units of
    AWS Control Tower.

    It belongs to a stack of the management account, or of the delegated administrator of AWS Organizations, with
    each kind of policy enabled; controls of Control Tower to its home region. Together with ``FullAWSAccess`` it
    takes five of a unit's places for service control policies, four without required tags.

    Controls: MLG-GOV-34 (content of AI services), 35 (EC2); those of :class:`OrganizationGuardrails`.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        organization_id: The organization.
        target_ids: The root, units and accounts that the policies are attached to.
        allowed_regions: The regions in which work is allowed; one at least.
        allowed_subnets: The only subnets that SageMaker may use; any, but some, when empty.
        allowed_instance_types: Patterns of the instance types that may be used; all when empty.
        exempt_roles: ARN patterns of the roles that the service control policies do not hold, for emergencies.
            With units of Control Tower, the role that it works through is exempt too.
        deployment_roles: ARN patterns of the roles that may set up trails and recorders.
        required_tags: The tags that everything must carry; none beyond the project's when omitted.
        tags_enforced_for: Resource types whose tags are refused when they have other values.
        control_tower_unit_ids: The units that Control Tower's controls are turned on for; none when empty.
        control_tower_controls: These controls.
        outbound_network: Why models may run without network isolation.
        internet_gateways: Why VPCs may have a way to the internet, for example through an inspection VPC.
        name_prefix: What the names of the policies begin with.

    Attributes:
        guardrails: The service and resource control policies.
        required_tag_policies: What holds to the tags, if anything does.
        management_policies: The policy on AI services, where there are such, and the one for EC2.
        enabled_controls: Control Tower's controls, if there are units for them.

    Raises:
        ConstructError: A list that must not be empty is, a name cannot be one, or a policy is too long.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html

    Cost: none of the policies; see :class:`EnabledControls` for detective controls.

    Example:
        >>> from aws_cdk import App, Stack
        >>> controls = OrganizationControls(
        ...     Stack(App(), "Organization"),
        ...     "Controls",
        ...     organization_id="o-exampleorg1",
        ...     target_ids=["ou-ab12-11111111"],
        ...     allowed_regions=["eu-west-1"],
        ... )
        >>> [policy.type for policy in controls.management_policies]
        ['AISERVICES_OPT_OUT_POLICY', 'DECLARATIVE_POLICY_EC2']
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-30", "MLG-GOV-34", "MLG-GOV-35")

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
        required_tags: RequiredTags | None = None,
        tags_enforced_for: Sequence[str] = (),
        control_tower_unit_ids: Sequence[str] = (),
        control_tower_controls: Iterable[ControlTowerControl | str] = DEFAULT,
        outbound_network: Relaxation | None = None,
        internet_gateways: Relaxation | None = None,
        name_prefix: str = "mlgov",
    ) -> None:
        super().__init__(scope, construct_id)
        exempt = [*exempt_roles, *([CONTROL_TOWER_ROLE] if control_tower_unit_ids else [])]
        self.guardrails = OrganizationGuardrails(
            self,
            "Guardrails",
            organization_id=organization_id,
            target_ids=target_ids,
            allowed_regions=allowed_regions,
            allowed_subnets=allowed_subnets,
            allowed_instance_types=allowed_instance_types,
            exempt_roles=exempt,
            deployment_roles=deployment_roles,
            outbound_network=outbound_network,
            name_prefix=name_prefix,
        )
        policies = list(self.guardrails.policies)
        self.required_tag_policies: RequiredTagPolicies | None = None
        if required_tags is not None:
            self.required_tag_policies = RequiredTagPolicies(
                self,
                "RequiredTags",
                required_tags=required_tags,
                target_ids=target_ids,
                enforced_for=tags_enforced_for,
                exempt_roles=exempt,
                name_prefix=name_prefix,
            )
            # They wait for one another already; the first waits for those before.
            self.required_tag_policies.policies[0].add_resource_dependency(policies[-1])
            policies += self.required_tag_policies.policies
        documents = {
            "AiServices": ("AISERVICES_OPT_OUT_POLICY", "ai-services", ai_services_opt_out_policy()),
            "Ec2": ("DECLARATIVE_POLICY_EC2", "ec2", ec2_policy(internet_gateways=internet_gateways is not None)),
        }
        region = Stack.of(self).region
        if not Token.is_unresolved(region) and region.startswith(WITHOUT_AI_SERVICES_POLICIES):
            del documents["AiServices"]
        self.management_policies: list[organizations.CfnPolicy] = []
        for name, (kind, suffix, document) in documents.items():
            policy = organizations.CfnPolicy(
                self,
                name,
                name=f"{name_prefix}-{suffix}",
                description="Settings of machine learning accounts",
                type=kind,
                content=document,
                target_ids=list(target_ids),
            )
            policy.add_resource_dependency(policies[-1])
            policies.append(policy)
            self.management_policies.append(policy)
        *ai_policies, ec2 = self.management_policies
        for policy in ai_policies:
            claim(policy, ["MLG-GOV-30", "MLG-GOV-34"])
        claim(ec2, ["MLG-GOV-30", "MLG-GOV-35"], {"MLG-GOV-35": internet_gateways})
        self.enabled_controls: EnabledControls | None = None
        if control_tower_unit_ids:
            self.enabled_controls = EnabledControls(
                self,
                "ControlTower",
                organization_id=organization_id,
                unit_ids=control_tower_unit_ids,
                controls=control_tower_controls,
            )
