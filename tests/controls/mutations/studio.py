"""Faults of Studio domains, user profiles, spaces and images."""

from __future__ import annotations

from typing import Any

from tests.controls.mutations.faults import Mutation, with_value, without

DOMAIN, PROFILE, SPACE = "AWS::SageMaker::Domain", "AWS::SageMaker::UserProfile", "AWS::SageMaker::Space"
IMAGE, IMAGE_CONFIG, REPOSITORY = "AWS::SageMaker::Image", "AWS::SageMaker::AppImageConfig", "AWS::ECR::Repository"
USERS = "Properties/DefaultUserSettings"
SETTINGS = "Properties/DomainSettings"
IDLE = "AppLifecycleManagement/IdleSettings"


def private(resource: dict[str, Any]) -> bool:
    """The spaces of one person."""
    return bool(resource["Properties"]["SpaceSharingSettings"]["SharingType"] == "Private")


STUDIO = (
    Mutation(
        "MLG-STU-01",
        "reaches the internet",
        DOMAIN,
        with_value("Properties/AppNetworkAccessType", "PublicInternetOnly"),
    ),
    Mutation("MLG-STU-01", "says nothing of the internet", DOMAIN, without("Properties/AppNetworkAccessType")),
    Mutation("MLG-STU-01", "has no VPC", DOMAIN, without("Properties/VpcId")),
    Mutation("MLG-STU-01", "has no subnets", DOMAIN, without("Properties/SubnetIds")),
    Mutation("MLG-STU-01", "has an empty list of subnets", DOMAIN, with_value("Properties/SubnetIds", [])),
    Mutation("MLG-STU-02", "has no key", DOMAIN, without("Properties/KmsKeyId")),
    Mutation(
        "MLG-STU-02", "takes the key of AWS", DOMAIN, with_value("Properties/KmsKeyId", "alias/aws/elasticfilesystem")
    ),
    Mutation(
        "MLG-STU-03", "runs Docker", DOMAIN, with_value(f"{SETTINGS}/DockerSettings/EnableDockerAccess", "ENABLED")
    ),
    Mutation("MLG-STU-03", "says nothing of Docker", DOMAIN, without(f"{SETTINGS}/DockerSettings")),
    Mutation("MLG-STU-04", "says nothing of output", DOMAIN, without(f"{USERS}/SharingSettings")),
    Mutation(
        "MLG-STU-04",
        "shares output in the clear",
        DOMAIN,
        with_value(f"{USERS}/SharingSettings", {"NotebookOutputOption": "Allowed"}),
    ),
    *(
        Mutation("MLG-STU-05", f"{app}: {fault}", DOMAIN, change)
        for app in ("JupyterLab", "CodeEditor")
        for fault, change in (
            ("runs on", with_value(f"{USERS}/{app}AppSettings/{IDLE}/LifecycleManagement", "DISABLED")),
            ("stops at no time", without(f"{USERS}/{app}AppSettings/{IDLE}/IdleTimeoutInMinutes")),
            ("may run on", without(f"{USERS}/{app}AppSettings/{IDLE}/MaxIdleTimeoutInMinutes")),
        )
    ),
    Mutation("MLG-STU-06", "names nobody", DOMAIN, with_value(f"{SETTINGS}/ExecutionRoleIdentityConfig", "DISABLED")),
    Mutation("MLG-STU-06", "says nothing of people", DOMAIN, without(f"{SETTINGS}/ExecutionRoleIdentityConfig")),
    Mutation("MLG-STU-07", "keeps its tags", DOMAIN, with_value("Properties/TagPropagation", "DISABLED")),
    Mutation("MLG-STU-07", "has no tags", DOMAIN, without("Properties/Tags")),
    Mutation("MLG-STU-07", "has an empty list of tags", DOMAIN, with_value("Properties/Tags", [])),
    Mutation("MLG-STU-08", "is deleted when replaced", DOMAIN, without("UpdateReplacePolicy")),
    Mutation("MLG-STU-09", "has no role", PROFILE, without("Properties/UserSettings/ExecutionRole")),
    Mutation("MLG-STU-09", "has no tags", PROFILE, without("Properties/Tags")),
    Mutation("MLG-STU-09", "belongs to nobody", PROFILE, without("Properties/Tags/1")),
    Mutation("MLG-STU-09", "belongs to no project", PROFILE, without("Properties/Tags/0")),
    Mutation("MLG-STU-10", "has no owner", SPACE, without("Properties/OwnershipSettings")),
    Mutation("MLG-STU-10", "has no kind", SPACE, without("Properties/SpaceSharingSettings")),
    Mutation(
        "MLG-STU-10", "is reached from outside", SPACE, with_value("Properties/SpaceSettings/RemoteAccess", "ENABLED")
    ),
    Mutation("MLG-STU-10", "has no tags", SPACE, without("Properties/Tags")),
    Mutation("MLG-STU-10", "belongs to no project", SPACE, without("Properties/Tags/0")),
    Mutation("MLG-STU-10", "is private and nobody's", SPACE, without("Properties/Tags/1"), where=private),
    Mutation("MLG-STU-11", "has no limit", DOMAIN, without(f"{USERS}/SpaceStorageSettings")),
    Mutation("MLG-STU-12", "has no tags", IMAGE, without("Properties/Tags")),
    Mutation("MLG-STU-12", "has an empty list of tags", IMAGE, with_value("Properties/Tags", [])),
    Mutation("MLG-STU-12", "has no description", IMAGE, without("Properties/ImageDescription")),
    Mutation("MLG-STU-12", "has no tags", IMAGE_CONFIG, without("Properties/Tags")),
    Mutation("MLG-STU-12", "has an empty list of tags", IMAGE_CONFIG, with_value("Properties/Tags", [])),
    Mutation("MLG-STU-13", "moves tags", REPOSITORY, with_value("Properties/ImageTagMutability", "MUTABLE")),
    Mutation("MLG-STU-13", "scans nothing", REPOSITORY, without("Properties/ImageScanningConfiguration")),
    Mutation("MLG-STU-13", "has the key of AWS", REPOSITORY, without("Properties/EncryptionConfiguration")),
)
