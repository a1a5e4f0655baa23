"""The ceiling of the one role that creates roles."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.catalog.launch_role import provisioning_statements
from mlgov_constructs.catalog.project.project_rights import project_statements
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.permissions_boundary import NEVER
from mlgov_constructs.identity.policy_size import LONGEST_POLICY, policy_size
from mlgov_constructs.identity.sagemaker_guardrails import deny
from mlgov_constructs.workspace import ParameterNames

# A bucket of a project needs what no job may have.
NEEDED = ("s3:Put*PublicAccessBlock", "s3:PutBucketPolicy")


class ProjectLaunchCeiling(iam.ManagedPolicy):
    """A permissions boundary under which projects can be created, and nothing else.

    ``PermissionsBoundary`` admits no creation of roles. This one does, on terms: a role is named
    after the environment, and carries the environment's boundary. It cannot pass a role, take a
    boundary away, or make users, access keys or identity providers.

    Controls: it is what ``MLG-IDN-01`` asks the launch role to have.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down.
        name_prefix: What the names of roles and budgets begin with.
        permissions_boundary: The boundary that every role of a project gets.

    Raises:
        ConstructError: The policy grows over IAM's limit of 6,144 characters.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html

    Cost: none.

    Example:
        ``ProjectProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        name_prefix: str,
        permissions_boundary: iam.IManagedPolicy,
    ) -> None:
        never = tuple(action for action in NEVER if action not in NEEDED)
        boundary_arn = permissions_boundary.managed_policy_arn
        statements: list[dict[str, Any]] = [
            *provisioning_statements(names),
            *project_statements(names, name_prefix, boundary_arn),
            {"Sid": "Never", "Effect": "Deny", "Action": ["iam:PassRole", "sts:AssumeRole", *never], "Resource": "*"},
            deny(
                "RolesGetTheBoundary",
                ("iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary"),
                {"StringNotEquals": {"iam:PermissionsBoundary": boundary_arn}},
            ),
        ]
        if (size := policy_size(statements)) > LONGEST_POLICY:
            raise ConstructError(
                scope,
                construct_id,
                f"the ceiling grows to {size} characters",
                f"IAM allows {LONGEST_POLICY}: shorten the prefix of the parameters, {names.prefix!r}.",
            )
        super().__init__(
            scope,
            construct_id,
            description="Ceiling of the role that creates projects",
            document=iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
        )
        resource = self.node.default_child
        assert isinstance(resource, iam.CfnManagedPolicy)  # noqa: S101 - iam.ManagedPolicy always has it
        claim(resource, ("MLG-IDN-02",))
