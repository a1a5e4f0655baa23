"""Where apps of Studio run and keep their files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import Resource, Size, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, USER_TAG
from mlgov_constructs.identity.activities.run_studio_apps import DOMAIN
from mlgov_constructs.identity.project import OWN_TAG_PRIORITY, set_own_tags
from mlgov_constructs.workspace.studio.checks import check_gib, check_instance_type, check_name
from mlgov_constructs.workspace.studio.studio_app import StudioApp
from mlgov_constructs.workspace.studio.studio_properties import SPACE_CONTROLS, space_properties
from mlgov_constructs.workspace.studio.user_profile import UserProfile


class StudioSpace(Resource):
    """A space of a user profile: private by default, or shared in the project.

    It creates a ``AWS::SageMaker::Space`` with a volume of its own. A private space belongs to
    the owner's person; its apps work under the role of her profile. A shared space works
    under the domain's ``space_role``, the one role that SageMaker lets shared spaces have, so
    it must be of that role's project.

    Controls: ``MLG-STU-10``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        owner: The user profile that owns the space.
        space_name: The name, up to 63 letters, digits and hyphens; it cannot be changed.
        shared: Whether the people of the project share it.
        app: The kind of app, JupyterLab by default.
        instance_type: The type that the app runs on, ``ml.t3.medium`` by default.
        allowed_instance_types: The types that may be used; those of the domain when omitted.
        volume_size: The volume, from 5 GiB, the default, to the domain's maximum. It can grow
            later, not shrink.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-spaces.html

    Cost:
        The volume costs 0.14 USD a GB and month, an ``ml.t3.medium`` 0.05 USD an hour while an
        app runs.

    Example:
        ``docs/examples/studio.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = SPACE_CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        owner: UserProfile,
        space_name: str,
        shared: bool = False,
        app: StudioApp = StudioApp.JUPYTER_LAB,
        instance_type: str = "ml.t3.medium",
        allowed_instance_types: Sequence[str] | None = None,
        volume_size: Size | None = None,
    ) -> None:
        domain = owner.domain
        check_name(scope, construct_id, "space_name", space_name)
        check_instance_type(scope, construct_id, instance_type, allowed_instance_types or domain.allowed_instance_types)
        gib = check_gib(scope, construct_id, "volume_size", volume_size or Size.gibibytes(5))
        if gib > domain.maximum_volume_gib:
            raise ConstructError(
                scope,
                construct_id,
                f"volume_size of {gib:g} GiB is over the {domain.maximum_volume_gib:g} GiB of the domain",
                "Ask for less, or raise maximum_volume_size of the domain.",
            )
        if shared:
            _check_shared(scope, construct_id, owner)
        super().__init__(scope, construct_id)
        person = None if shared else owner.user
        resource = sagemaker.CfnSpace(
            self,
            "Resource",
            **space_properties(
                domain_id=domain.domain_id,
                space_name=space_name,
                owner=owner.user_profile_name,
                project=owner.project,
                user=person,
                app=app.value,
                instance_type=instance_type,
                volume_gib=gib,
            ),
        )
        claim(resource, self.CONTROLS)
        # The name alone is no reference: the space is made after its owner, and goes before her.
        resource.node.add_dependency(owner)
        domain.delete_before(resource)
        set_own_tags(resource, {PROJECT_TAG: owner.project})
        if person is None:
            # A person's tag of the app would make the shared space look like hers.
            Tags.of(resource).remove(USER_TAG, priority=OWN_TAG_PRIORITY)
        else:
            set_own_tags(resource, {USER_TAG: person})
        self.owner = owner
        self.project = owner.project
        self.shared = shared
        self.space_name = space_name
        self.space_arn = resource.attr_space_arn

    def grant_use(self, grantee: iam.IGrantable) -> None:
        """Let the people who work under an execution role run apps in this shared space.

        The owner of a private space needs no grant, and nobody else can get one.

        Args:
            grantee: The execution role of user profiles of the project.

        Raises:
            ConstructError: The space is private.
        """
        if not self.shared:
            raise ConstructError(
                self, None, "the space is private, so nobody but its owner may use it", "Make it with shared=True."
            )
        grantee.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["sagemaker:CreateApp", "sagemaker:DeleteApp"],
                resources=[aws_tokens().arn("sagemaker", f"app/{DOMAIN}/{self.space_name}/*")],
                conditions={"StringEquals": {"sagemaker:SpaceSharingType": "Shared"}},
            )
        )


def _check_shared(scope: Construct, construct_id: str, owner: UserProfile) -> None:
    role = owner.domain.space_role
    if role is None or role.project != owner.project:
        found = "has no space_role" if role is None else f"has a space_role of project {role.project!r}"
        raise ConstructError(
            scope,
            construct_id,
            f"a shared space of project {owner.project!r} was asked for, and its domain {found}",
            "Give the domain a space_role of the project; SageMaker lets a domain have one, so projects that share "
            "spaces have domains of their own.",
        )
