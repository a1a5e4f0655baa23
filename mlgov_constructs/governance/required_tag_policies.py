"""The required tags of an organization, attached to its units and accounts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import aws_organizations as organizations
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.organization_limits import ROLE, TARGET, check_form
from mlgov_constructs.governance.required_tags import RequiredTags

# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
LONGEST_TAG_POLICY, LONGEST_SERVICE_CONTROL_POLICY = 10_000, 5_120
ENFORCED = re.compile(r"[a-z0-9-]+:([a-z0-9-]+|\*|ALL_SUPPORTED)")


@checked_arguments
class RequiredTagPolicies(Construct):
    """Holds the accounts of an organization to the required tags.

    It creates a tag policy (how keys are written, and what values they have) and a service
    control policy (no model, endpoint, notebook or job of SageMaker without them). It belongs to a
    stack of the management account, or of the delegated administrator of AWS Organizations, with both
    kinds of policies enabled. Try it on a unit for tests first: it denies.

    Controls: MLG-GOV-30 (attached), 31 (exemptions have names).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        required_tags: The declaration.
        target_ids: The units and accounts that the policies are attached to.
        enforced_for: Resource types whose tags are refused when they have other values, as in ``s3:bucket``.
        exempt_roles: ARN patterns of the roles that the service control policy does not hold, for emergencies.
        name_prefix: What the names of the policies begin with.

    Attributes:
        policies: The tag policy and the service control policy.

    Raises:
        ConstructError: There is no target, one or a type is none, a pattern of roles fits all, or a policy is longer
            than AWS Organizations allows.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies.html

    Cost: none.

    Example:
        >>> from aws_cdk import App, Stack
        >>> policies = RequiredTagPolicies(
        ...     Stack(App(), "Organization"),
        ...     "Tags",
        ...     required_tags=RequiredTags({"cost-center": ["ml-0001"]}),
        ...     target_ids=["ou-ab12-11111111"],
        ... )
        >>> len(policies.policies)
        2
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-30", "MLG-GOV-31")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        required_tags: RequiredTags,
        target_ids: Sequence[str],
        enforced_for: Sequence[str] = (),
        exempt_roles: Sequence[str] = (),
        name_prefix: str = "mlgov",
    ) -> None:
        if not target_ids:
            raise ConstructError(scope, construct_id, "target_ids is empty", "Name one at least.")
        check_form(scope, construct_id, target_ids, TARGET)
        if wrong := [each for each in enforced_for if not ENFORCED.fullmatch(each)]:
            raise ConstructError(
                scope, construct_id, f"enforced_for holds {wrong[0]!r}, which is no type", "Write it as in 's3:bucket'."
            )
        check_form(scope, construct_id, exempt_roles, ROLE)
        refusal = required_tags.service_control_policy(exempt_roles=exempt_roles)
        documents = {
            "TAG_POLICY": (required_tags.tag_policy(enforced_for=enforced_for), LONGEST_TAG_POLICY),
            "SERVICE_CONTROL_POLICY": (refusal, LONGEST_SERVICE_CONTROL_POLICY),
        }
        for kind, (document, longest) in documents.items():
            if (size := len(json.dumps(document, separators=(",", ":")))) > longest:
                raise ConstructError(
                    scope,
                    construct_id,
                    f"the {kind.lower().replace('_', ' ')} takes {size} characters",
                    f"AWS Organizations allows {longest}: require fewer tags, or fewer values.",
                )
        super().__init__(scope, construct_id)
        self.policies: list[organizations.CfnPolicy] = []
        for name, (kind, (document, _)) in zip(("Tags", "Refusal"), documents.items(), strict=True):
            policy = organizations.CfnPolicy(
                self,
                name,
                name=f"{name_prefix}-required-tags-{name.lower()}",
                description="Required tags of machine learning accounts",
                type=kind,
                content=document,
                target_ids=list(target_ids),
            )
            # AWS Organizations changes one policy at a time and refuses the second.
            if self.policies:
                policy.add_resource_dependency(self.policies[-1])
            self.policies.append(policy)
        tags, refusing = self.policies
        claim(tags, ["MLG-GOV-30"])
        claim(refusing, self.CONTROLS)
