"""A person in a Studio domain."""

from __future__ import annotations

from typing import ClassVar

import jsii
from aws_cdk import Resource
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, USER_TAG
from mlgov_constructs.identity.grants import rights_of
from mlgov_constructs.identity.project import set_own_tags
from mlgov_constructs.workspace.studio.checks import check_name, project_of
from mlgov_constructs.workspace.studio.studio_auth import StudioAuth
from mlgov_constructs.workspace.studio.studio_domain import StudioDomain
from mlgov_constructs.workspace.studio.studio_properties import USER_PROFILE_CONTROLS, user_profile_properties


@jsii.implements(iam.IGrantable)
class UserProfile(Resource):
    """The user profile of one person in one project.

    It creates a ``AWS::SageMaker::UserProfile`` that works under the execution role of its
    project and carries the tags ``mlgov:project`` and ``mlgov:user``, by which a person may
    open this profile and no other (``OpenStudio``). Somebody who works in two projects has a
    profile in each.

    Controls: ``MLG-STU-09``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        domain: The domain.
        user_profile_name: The name of the profile, up to 63 letters, digits and hyphens. It
            cannot be changed, and it is what logs and jobs show.
        role: The execution role, a ``JobRole`` of type ``STUDIO``.
        project: The project; that of the ``JobRole`` when omitted.
        user: The person: the name of the session with which she opens Studio, in most
            companies her user name or mail address; the name of the profile when omitted.
        sso_user: The user name in Identity Center, where the domain authenticates there.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/domain-user-profile.html

    Cost: none.

    Example:
        ``docs/examples/studio.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = USER_PROFILE_CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: StudioDomain,
        user_profile_name: str,
        role: iam.IRole,
        project: str | None = None,
        user: str | None = None,
        sso_user: str | None = None,
    ) -> None:
        check_name(scope, construct_id, "user_profile_name", user_profile_name)
        owner = project_of(scope, construct_id, role, project)
        _check_sso(scope, construct_id, domain.auth, sso_user)
        super().__init__(scope, construct_id)
        person = user or sso_user or user_profile_name
        resource = sagemaker.CfnUserProfile(
            self,
            "Resource",
            **user_profile_properties(
                domain_id=domain.domain_id,
                user_profile_name=user_profile_name,
                project=owner,
                user=person,
                role_arn=role.role_arn,
                sso_user=sso_user,
            ),
        )
        claim(resource, self.CONTROLS)
        set_own_tags(resource, {PROJECT_TAG: owner, USER_TAG: person})
        resource.node.add_dependency(rights_of(role))
        domain.delete_before(resource)
        self.domain = domain
        self.project = owner
        self.role = role
        self.user = person
        self.user_profile_name = user_profile_name
        self.user_profile_arn = resource.attr_user_profile_arn

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The execution role, so that ``bucket.grant_read(profile)`` works."""
        return self.role

    def grant_open(self, grantee: iam.IGrantable) -> None:
        """Let a principal open this profile in Studio, whoever it is.

        Args:
            grantee: The principal; it acts in Studio as this person.
        """
        grantee.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["sagemaker:CreatePresignedDomainUrl"],
                resources=[
                    aws_tokens().arn("sagemaker", f"user-profile/{self.domain.domain_id}/{self.user_profile_name}")
                ],
            )
        )


def _check_sso(scope: Construct, construct_id: str, auth: StudioAuth, sso_user: str | None) -> None:
    if auth is StudioAuth.IAM and sso_user is not None:
        raise ConstructError(
            scope,
            construct_id,
            f"sso_user {sso_user!r} was given, but the domain authenticates by IAM",
            "Leave sso_user out, or make a domain with auth=StudioAuth.IDENTITY_CENTER.",
        )
    if auth is StudioAuth.IDENTITY_CENTER and sso_user is None:
        raise ConstructError(
            scope,
            construct_id,
            "sso_user is missing, and the domain authenticates at Identity Center",
            "Give the user name of the person in Identity Center.",
        )
