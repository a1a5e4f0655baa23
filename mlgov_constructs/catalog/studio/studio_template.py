"""The CloudFormation template that a data scientist launches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from aws_cdk import CfnCondition, CfnDeletionPolicy, Fn
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.product_parameter import MACHINE, WORK, ProductParameter
from mlgov_constructs.catalog.product_template import ProductTemplate
from mlgov_constructs.identity import USER_TAG, JobType
from mlgov_constructs.workspace import ParameterNames, StudioApp, StudioAuth
from mlgov_constructs.workspace.studio.studio_properties import (
    SHORTEST_IDLE,
    SMALLEST_GIB,
    SPACE_CONTROLS,
    USER_PROFILE_CONTROLS,
    space_properties,
    user_profile_properties,
)

LONGEST_PROFILE_NAME = 63
# What a session may be named, without which nobody could open the profile; it begins and ends as a profile's name.
USER_PATTERN = r"^[a-zA-Z0-9]([a-zA-Z0-9+=,.@_-]*[a-zA-Z0-9])?$"
NOT_IN_NAMES = "+=,.@_"


@dataclass(frozen=True, slots=True)
class StudioLimits:
    """What a domain lets people choose.

    Attributes:
        auth: How people come in.
        default_gib: The volume of a space when nobody chooses.
        largest_gib: The upper limit of the volume.
        idle_minutes: After this time without work an app stops when nobody chooses.
        longest_idle_minutes: How far users may raise it.

    Example:
        >>> StudioLimits(StudioAuth.IAM, 5, 100, 60, 60).largest_gib
        100
    """

    auth: StudioAuth
    default_gib: float
    largest_gib: float
    idle_minutes: int
    longest_idle_minutes: int

    @property
    def has_idle_choice(self) -> bool:
        """Whether the domain leaves people a choice; by default it does not."""
        return self.longest_idle_minutes > SHORTEST_IDLE


class StudioTemplate(ProductTemplate):
    """A template with the user profile of one person in one project, and her private space.

    Profile and space have one name, the project's and the person's: people who work in two
    projects have a profile in each. What cannot be changed in place (project, person) makes
    new ones, and keeps the old with their files. The tool of a space cannot be changed at all:
    SageMaker refuses it, and the update is rolled back.

    Controls: ``MLG-STU-09`` and ``MLG-STU-10``, by the same code as ``UserProfile`` and ``StudioSpace``.

    Args:
        scope: The stack of the product.
        construct_id: The id in that scope.
        product_id: What the version files call the product.
        version: The version, for example ``v1``.
        names: Where the workspace is written down.
        projects: The projects that may be chosen.
        sizes: The sizes that may be chosen, with their instance types; the first is the default.
        limits: What the domain lets people choose.
        project_sizes: The sizes that a project may choose, where it may not choose all.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SpaceSettings.html

    Example:
        ``StudioProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product_id: str,
        version: str,
        names: ParameterNames,
        projects: Sequence[str],
        sizes: Mapping[str, str],
        limits: StudioLimits,
        project_sizes: Mapping[str, Sequence[str]],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            product_id=product_id,
            version=version,
            description="A user profile of Studio and a private space",
            names=names,
            parameters=_parameters(projects, sizes, limits),
        )
        user = self.text("UserName")
        # A profile's name has no such characters.
        slug = reduce(lambda text, letter: Fn.join("-", Fn.split(letter, text)), NOT_IN_NAMES, user)
        name = f"{self.project}-{slug}"
        profile = sagemaker.CfnUserProfile(
            self,
            "Profile",
            **user_profile_properties(
                domain_id=self.reference(names.studio_domain_id),
                user_profile_name=name,
                project=self.project,
                user=user,
                role_arn=self.reference(names.job_role_arn("${Project}", JobType.STUDIO)),
                sso_user=user if limits.auth is StudioAuth.IDENTITY_CENTER else None,
            ),
        )
        self.govern(profile, USER_PROFILE_CONTROLS, tags={USER_TAG: user})
        space = self._space(name, user, self.instance_type(sizes, project_sizes), limits)
        self.govern(space, SPACE_CONTROLS, tags={USER_TAG: user})
        space.node.add_dependency(profile)
        for resource in (profile, space):
            resource.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
            resource.cfn_options.deletion_policy = CfnDeletionPolicy.DELETE
        self._tell(name, profile, limits.auth)

    def _space(self, name: str, user: str, instance_type: str, limits: StudioLimits) -> sagemaker.CfnSpace:
        tool = self.text("Tool")
        properties = {
            app: space_properties(
                domain_id=self.reference(self.names.studio_domain_id),
                space_name=name,
                owner=name,
                project=self.project,
                user=user,
                app=app.value,
                instance_type=instance_type,
                volume_gib=self.number("VolumeInGB"),
                idle_minutes=self.number("IdleMinutes") if limits.has_idle_choice else None,
            )
            for app in StudioApp
        }
        space = sagemaker.CfnSpace(self, "Space", **properties[StudioApp.JUPYTER_LAB])
        space.add_property_override("SpaceSettings.AppType", tool)
        # A space has the settings of its own tool only.
        for app, found in properties.items():
            chosen = CfnCondition(self, f"Is{app.value}", expression=Fn.condition_equals(tool, app.value))
            settings = _as_in_templates(found["space_settings"][f"{app.setting}AppSettings"])
            either = {"Fn::If": [chosen.logical_id, settings, {"Ref": "AWS::NoValue"}]}
            space.add_property_override(f"SpaceSettings.{app.value}AppSettings", either)
        return space

    def _tell(self, name: str, profile: sagemaker.CfnUserProfile, auth: StudioAuth) -> None:
        self.output("UserProfileName", name, "Your profile in Studio; jobs and logs show it")
        self.output(
            "SpaceName",
            name,
            "Your space with your files. Stop its app in Studio before you terminate the product; the files go with it",
        )
        if auth is StudioAuth.IDENTITY_CENTER:
            self.output("OpenStudio", "Open Studio in the access portal of your company", "How to come in")
            return
        # The reference to a profile is of two parts; its ARN names the domain that the launch has found.
        domain_id = Fn.select(1, Fn.split("/", profile.attr_user_profile_arn))
        region = aws_tokens().region
        self.output(
            "OpenStudio",
            f"aws sagemaker create-presigned-domain-url --region {region} --domain-id {domain_id} "
            f"--user-profile-name {name} --query AuthorizedUrl --output text",
            "Run it, and open the address that it prints within five minutes",
        )


def _as_in_templates(value: Any) -> Any:
    """Return a property with the keys of CloudFormation: the CDK does not look into functions."""
    if isinstance(value, Mapping):
        return {f"{key[0].upper()}{key[1:]}": _as_in_templates(entry) for key, entry in value.items()}
    return value


def _parameters(
    projects: Sequence[str], sizes: Mapping[str, str], limits: StudioLimits
) -> tuple[ProductParameter, ...]:
    idle = ProductParameter(
        "IdleMinutes",
        "Minutes until idle",
        MACHINE,
        "The machine stops after this time without work; your files stay",
        type="Number",
        min_value=SHORTEST_IDLE,
        max_value=limits.longest_idle_minutes,
        default=limits.idle_minutes,
    )
    return (
        ProductParameter.project(projects),
        ProductParameter(
            "UserName",
            "Your user name",
            WORK,
            "Your name as AWS sees you: what stands behind the last / of the Arn in aws sts get-caller-identity. "
            "Nobody else can open the profile, and with another name you cannot",
            allowed_pattern=USER_PATTERN,
            constraint_description="Give your user name: letters, digits and +=,.@_-, with a letter or digit first "
            "and last",
            max_length=longest_user_name(projects),
        ),
        ProductParameter(
            "Tool",
            "Tool",
            WORK,
            "What you work in; it cannot be changed later",
            allowed_values=[app.value for app in StudioApp],
            default=StudioApp.JUPYTER_LAB.value,
        ),
        ProductParameter.size(sizes),
        ProductParameter(
            "VolumeInGB",
            "Volume in GB",
            MACHINE,
            f"Space for your files, {SMALLEST_GIB} to {limits.largest_gib:g} GB; it never shrinks",
            type="Number",
            min_value=SMALLEST_GIB,
            max_value=limits.largest_gib,
            default=limits.default_gib,
        ),
        *((idle,) if limits.has_idle_choice else ()),
    )


def longest_user_name(projects: Sequence[str]) -> int:
    """Return how long a user name may be, so that the name of a profile holds project and user.

    Args:
        projects: The projects that may be chosen.

    Example:
        >>> longest_user_name(["churn", "fraud"])
        57
    """
    return LONGEST_PROFILE_NAME - max(len(project) for project in projects) - 1
