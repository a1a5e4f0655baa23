"""The role that launches user profiles and spaces of Studio, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.launch_role import LaunchRole
from mlgov_constructs.identity import PROJECT_TAG, USER_TAG, JobRole
from mlgov_constructs.workspace import ParameterNames


class StudioLaunchRole(LaunchRole):
    """The role under which Service Catalog creates, changes and deletes profiles and spaces of a domain.

    It holds only what :class:`StudioProduct` creates, beside the rights of a
    :class:`LaunchRole`: user profiles with the tags of a project and a person, private spaces,
    both in this domain, and giving SageMaker the Studio roles of these projects. It starts no
    app, opens no profile and cannot create a role.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-03`` (trust bound to the account), and those
    of its policy.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down.
        domain_id: The domain.
        studio_roles: The Studio role of each project.
        permissions_boundary: The ceiling of the role.
        role_name: A name, needed to launch by the role of that name in each account that the
            portfolio is shared with; CloudFormation makes one when omitted.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/constraints-launch.html

    Example:
        ``StudioProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        domain_id: str,
        studio_roles: Sequence[JobRole],
        permissions_boundary: iam.IManagedPolicy,
        role_name: str | None = None,
    ) -> None:
        projects = [role.project for role in studio_roles]
        profiles, spaces = (
            aws_tokens().arn("sagemaker", f"{kind}/{domain_id}/*") for kind in ("user-profile", "space")
        )
        super().__init__(
            scope,
            construct_id,
            description="Launches user profiles and spaces of Studio of the catalogue",
            names=names,
            permissions_boundary=permissions_boundary,
            statements=_profiles_and_spaces(projects, profiles, spaces),
            passed_roles=[role.role_arn for role in studio_roles],
            role_name=role_name,
        )
        # They grow with the projects, so each finds a policy with room.
        self.allow(LaunchRole.tag_changes("Profiles", profiles, projects))
        self.allow(LaunchRole.tag_changes("Spaces", spaces, projects))


def _profiles_and_spaces(projects: Sequence[str], profiles: str, spaces: str) -> list[dict[str, Any]]:
    of_projects = {f"aws:RequestTag/{PROJECT_TAG}": list(projects)}
    of_somebody = {"Null": {f"aws:RequestTag/{USER_TAG}": "false"}}
    return [
        {
            "Sid": "CreateProfiles",
            "Effect": "Allow",
            "Action": "sagemaker:CreateUserProfile",
            "Resource": profiles,
            "Condition": {"StringEquals": of_projects, **of_somebody},
        },
        {
            "Sid": "CreateSpaces",
            "Effect": "Allow",
            "Action": "sagemaker:CreateSpace",
            "Resource": spaces,
            "Condition": {
                "StringEquals": {**of_projects, "sagemaker:SpaceSharingType": "Private"},
                "ArnLike": {"sagemaker:OwnerUserProfileArn": profiles},
                **of_somebody,
            },
        },
        {
            "Sid": "TagNewProfilesAndSpaces",
            "Effect": "Allow",
            "Action": "sagemaker:AddTags",
            "Resource": [profiles, spaces],
            "Condition": {"StringEquals": {"sagemaker:TaggingAction": ["CreateSpace", "CreateUserProfile"]}},
        },
        {
            # CloudFormation looks until a deleted one is gone, and what is gone has no tags.
            "Sid": "SeeProfilesAndSpaces",
            "Effect": "Allow",
            "Action": ["sagemaker:DescribeSpace", "sagemaker:DescribeUserProfile", "sagemaker:ListTags"],
            "Resource": [profiles, spaces],
        },
        {
            "Sid": "LookAfterProfilesAndSpaces",
            "Effect": "Allow",
            "Action": [
                "sagemaker:DeleteSpace",
                "sagemaker:DeleteUserProfile",
                "sagemaker:UpdateSpace",
                "sagemaker:UpdateUserProfile",
            ],
            "Resource": [profiles, spaces],
            "Condition": {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": list(projects)}},
        },
    ]
