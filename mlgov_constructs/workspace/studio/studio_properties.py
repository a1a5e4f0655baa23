"""The one place where domains, user profiles and spaces of Studio are hardened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import CfnTag

from mlgov_constructs.identity import PROJECT_TAG, USER_TAG
from mlgov_constructs.workspace.studio.studio_app import StudioApp

DOMAIN_CONTROLS = (
    "MLG-STU-01",
    "MLG-STU-02",
    "MLG-STU-03",
    "MLG-STU-04",
    "MLG-STU-05",
    "MLG-STU-06",
    "MLG-STU-07",
    "MLG-STU-08",
    "MLG-STU-11",
)
USER_PROFILE_CONTROLS = ("MLG-STU-09",)
SPACE_CONTROLS = ("MLG-STU-10",)
SHORTEST_IDLE, LONGEST_IDLE = 60, 525_600  # minutes
SMALLEST_GIB, LARGEST_GIB = 5, 16_384
# Canvas and RStudio store data elsewhere and cost by themselves; the others are of the old Studio.
HIDDEN_APP_TYPES = ("Canvas", "JupyterServer", "RStudioServerPro", "TensorBoard")
# They fetch from outside, or start clusters and products of others that nobody has governed yet.
HIDDEN_ML_TOOLS = (
    "Comet",
    "DeepchecksLLMEvaluation",
    "EmrClusters",
    "Fiddler",
    "HyperPodClusters",
    "JumpStart",
    "LakeraGuard",
)


def domain_properties(
    *,
    domain_name: str,
    auth_mode: str,
    vpc_id: str,
    subnet_ids: Sequence[str],
    security_group_ids: Sequence[str],
    kms_key_id: str,
    execution_role_arn: str,
    instance_type: str,
    idle_minutes: int,
    longest_idle_minutes: int,
    default_volume_gib: float,
    maximum_volume_gib: float,
    tags: Mapping[str, str],
    lifecycles: Sequence[tuple[StudioApp, str]] = (),
    custom_images: Sequence[tuple[StudioApp, str, str]] = (),
    sharing_path: str | None = None,
    sharing_key_id: str | None = None,
    docker_access: bool = False,
    hidden_app_types: Sequence[str] = HIDDEN_APP_TYPES,
    hidden_ml_tools: Sequence[str] = HIDDEN_ML_TOOLS,
    space_role_arn: str | None = None,
) -> dict[str, Any]:
    """Return every property of a hardened Studio domain, as ``CfnDomain`` takes them.

    Args:
        domain_name: The name.
        auth_mode: ``IAM`` or ``SSO``.
        vpc_id: The VPC.
        subnet_ids: The isolated subnets.
        security_group_ids: The groups of apps.
        kms_key_id: The key of the home file system and of volumes.
        execution_role_arn: The role of a user profile that names none.
        instance_type: What an app runs on when nobody chooses.
        idle_minutes: After this time without work an app stops.
        longest_idle_minutes: How far users may raise it.
        default_volume_gib: The volume of a new space.
        maximum_volume_gib: How far users may raise it.
        tags: The tags of the domain.
        lifecycles: The kinds of app and the ARNs of their lifecycle configurations.
        custom_images: The kinds of app, and image and app image configuration by name.
        sharing_path: Where notebook output is stored to be shared, as ``s3://...``.
        sharing_key_id: The key of that output.
        docker_access: Give apps Docker; a recorded relaxation of the caller.
        hidden_app_types: Apps that Studio does not show.
        hidden_ml_tools: Tools that Studio does not show.
        space_role_arn: The role of shared spaces; ``execution_role_arn`` when omitted.
    """
    idle = _idle(idle_minutes, longest_idle_minutes)
    apps = {f"{app.setting}AppSettings": _app(app, idle, instance_type, lifecycles, custom_images) for app in StudioApp}
    sharing = (
        {"notebookOutputOption": "Disabled"}
        if sharing_path is None
        else {"notebookOutputOption": "Allowed", "s3OutputPath": sharing_path, "s3KmsKeyId": sharing_key_id}
    )
    volumes = {
        "defaultEbsStorageSettings": {
            "defaultEbsVolumeSizeInGb": default_volume_gib,
            "maximumEbsVolumeSizeInGb": maximum_volume_gib,
        }
    }
    return {
        "app_network_access_type": "VpcOnly",
        "auth_mode": auth_mode,
        "default_space_settings": {
            "executionRole": space_role_arn or execution_role_arn,
            "jupyterLabAppSettings": apps["jupyterLabAppSettings"],
            "securityGroups": list(security_group_ids),
            "spaceStorageSettings": volumes,
        },
        "default_user_settings": {
            **apps,
            "defaultLandingUri": "studio::",
            "executionRole": execution_role_arn,
            "securityGroups": list(security_group_ids),
            "sharingSettings": sharing,
            "spaceStorageSettings": volumes,
            "studioWebPortal": "ENABLED",
            "studioWebPortalSettings": {
                "hiddenAppTypes": list(hidden_app_types),
                "hiddenMlTools": list(hidden_ml_tools),
            },
        },
        "domain_name": domain_name,
        "domain_settings": {
            "dockerSettings": {
                "enableDockerAccess": "ENABLED" if docker_access else "DISABLED",
                "vpcOnlyTrustedAccounts": [],
            },
            "executionRoleIdentityConfig": "USER_PROFILE_NAME",
        },
        "kms_key_id": kms_key_id,
        "subnet_ids": list(subnet_ids),
        "tag_propagation": "ENABLED",
        "tags": _tags(tags),
        "vpc_id": vpc_id,
    }


def user_profile_properties(
    *,
    domain_id: str,
    user_profile_name: str,
    project: str,
    user: str,
    role_arn: str,
    sso_user: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return every property of a user profile, as ``CfnUserProfile`` takes them.

    ``UserProfile`` and the template of the catalogue's product both use it. All else comes from
    the domain. Values may be tokens and dynamic references.

    Args:
        domain_id: The domain.
        user_profile_name: The name of the profile.
        project: The project, which becomes a tag.
        user: The person, by the name of the session that she opens Studio with; a tag too.
        role_arn: The execution role of the project.
        sso_user: The user name in Identity Center, when the domain authenticates there.
        tags: More tags.
    """
    sso = {"single_sign_on_user_identifier": "UserName", "single_sign_on_user_value": sso_user} if sso_user else {}
    return {
        "domain_id": domain_id,
        "user_profile_name": user_profile_name,
        "user_settings": {"executionRole": role_arn},
        "tags": _tags({**(tags or {}), PROJECT_TAG: project, USER_TAG: user}),
        **sso,
    }


def space_properties(
    *,
    domain_id: str,
    space_name: str,
    owner: str,
    project: str,
    user: str | None,
    app: str,
    instance_type: str,
    volume_gib: float,
    idle_minutes: float | None = None,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return every property of a space, as ``CfnSpace`` takes them.

    Args:
        domain_id: The domain.
        space_name: The name of the space.
        owner: The name of the user profile that owns it.
        project: The project, which becomes a tag.
        user: The person that a private space belongs to; ``None`` for a shared space.
        app: The kind of app, ``JupyterLab`` or ``CodeEditor``.
        instance_type: The instance type of the app, with ``ml.``.
        volume_gib: The size of the volume in GiB.
        idle_minutes: After this time without work the app stops, within the limits of the domain;
            its default when omitted.
        tags: More tags.
    """
    person = {} if user is None else {USER_TAG: user}
    settings: dict[str, Any] = {"defaultResourceSpec": {"instanceType": instance_type}}
    if idle_minutes is not None:
        settings["appLifecycleManagement"] = {"idleSettings": {"idleTimeoutInMinutes": idle_minutes}}
    return {
        "domain_id": domain_id,
        "space_name": space_name,
        "ownership_settings": {"ownerUserProfileName": owner},
        "space_sharing_settings": {"sharingType": "Shared" if user is None else "Private"},
        "space_settings": {
            "appType": app,
            f"{StudioApp(app).setting}AppSettings": settings,
            "remoteAccess": "DISABLED",
            "spaceStorageSettings": {"ebsStorageSettings": {"ebsVolumeSizeInGb": volume_gib}},
        },
        "tags": _tags({**(tags or {}), PROJECT_TAG: project, **person}),
    }


def _app(
    app: StudioApp,
    idle: Mapping[str, Any],
    instance_type: str,
    lifecycles: Sequence[tuple[StudioApp, str]],
    custom_images: Sequence[tuple[StudioApp, str, str]],
) -> dict[str, Any]:
    arns = [arn for kind, arn in lifecycles if kind is app]
    images = [
        {"imageName": image, "appImageConfigName": config} for kind, image, config in custom_images if kind is app
    ]
    first = {"lifecycleConfigArn": arns[0]} if arns else {}
    return {
        "appLifecycleManagement": {"idleSettings": dict(idle)},
        "defaultResourceSpec": {"instanceType": instance_type, **first},
        **({"lifecycleConfigArns": arns} if arns else {}),
        **({"customImages": images} if images else {}),
    }


def _idle(minutes: int, longest: int) -> dict[str, Any]:
    return {
        "lifecycleManagement": "ENABLED",
        "idleTimeoutInMinutes": minutes,
        "minIdleTimeoutInMinutes": SHORTEST_IDLE,
        "maxIdleTimeoutInMinutes": longest,
    }


def _tags(tags: Mapping[str, str]) -> list[CfnTag]:
    return [CfnTag(key=key, value=value) for key, value in tags.items()]
