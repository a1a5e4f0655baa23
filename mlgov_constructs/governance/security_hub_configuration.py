"""Security Hub for an organization, configured in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from aws_cdk import aws_securityhub as securityhub
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.organization_limits import REGION, TARGET, Form, check_form
from mlgov_constructs.governance.security_standard import SecurityStandard

ROOT, UNIT = "r-", "ou-"
CONTROL = Form(re.compile(r"[A-Za-z][A-Za-z0-9]*\.[0-9]{1,3}"), "control of Security Hub", "SageMaker.4")


@checked_arguments
class SecurityHubConfiguration(Construct):
    """Central configuration: the same standards in every account of some units, every region.

    It creates the aggregator of findings, turns central configuration on, and a policy with the
    standards, associated with the targets. It belongs to the delegated administrator of Security
    Hub, in the home region, where a hub must be on. Accounts that it holds cannot leave it; in
    them, :class:`~mlgov_constructs.governance.SecurityHubStandards` would contradict it.

    Cost: none by itself; the checks of each account are charged there.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        target_ids: Root, units or accounts to configure.
        standards: The standards that their hubs have.
        disabled_controls: Ids of controls that are off everywhere (``SageMaker.6``), each with the
            reason in your records; Security Hub keeps none.
        regions: The linked regions; all, new ones included, when empty.

    Raises:
        ConstructError: There is no target or no standard, or a target, control or region is none.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/central-configuration-intro.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> central = SecurityHubConfiguration(Stack(App(), "Audit"), "Hub", target_ids=["r-ab12"])
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        target_ids: Sequence[str],
        standards: Iterable[SecurityStandard] = (SecurityStandard.AI_SECURITY, SecurityStandard.FOUNDATIONAL),
        disabled_controls: Sequence[str] = (),
        regions: Sequence[str] = (),
    ) -> None:
        chosen = list(dict.fromkeys(standards))
        for name, given in (("target_ids", target_ids), ("standards", chosen)):
            if not given:
                raise ConstructError(scope, construct_id, f"{name} is empty", "Name one at least.")
        for each, form in ((target_ids, TARGET), (disabled_controls, CONTROL), (regions, REGION)):
            check_form(scope, construct_id, each, form)
        super().__init__(scope, construct_id)
        aggregator = securityhub.CfnFindingAggregator(
            self,
            "Aggregator",
            region_linking_mode="SPECIFIED_REGIONS" if regions else "ALL_REGIONS",
            regions=list(regions) or None,
        )
        organization = securityhub.CfnOrganizationConfiguration(
            self,
            "Organization",
            auto_enable=False,
            auto_enable_standards="NONE",
            configuration_type="CENTRAL",
        )
        organization.add_resource_dependency(aggregator)
        policy = securityhub.CfnConfigurationPolicy(
            self,
            "Policy",
            name=f"{self.node.id}-standards",
            description="The standards of the accounts that machine learning happens in",
            configuration_policy={
                "securityHub": {
                    "serviceEnabled": True,
                    "enabledStandardIdentifiers": [standard.arn for standard in chosen],
                    # New controls come in by themselves.
                    "securityControlsConfiguration": {"disabledSecurityControlIdentifiers": list(disabled_controls)},
                }
            },
        )
        policy.add_resource_dependency(organization)
        for position, target_id in enumerate(target_ids):
            securityhub.CfnPolicyAssociation(
                self, f"Association{position}", configuration_policy_id=policy.attr_id, **_target(target_id)
            )


def _target(target_id: str) -> dict[str, Any]:
    kinds = {ROOT: "ROOT", UNIT: "ORGANIZATIONAL_UNIT"}
    kind = next((kind for prefix, kind in kinds.items() if target_id.startswith(prefix)), "ACCOUNT")
    return {"target_id": target_id, "target_type": kind}
