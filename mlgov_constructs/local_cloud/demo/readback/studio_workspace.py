"""The profile and the private space in Studio that a data scientist provisioned."""

from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.rows import equals, key_row, role_row, sagemaker_tags, tags_row
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet

_USER_TAG = "mlgov:user"


def read_studio_workspace(deployed: Deployed, outputs: Mapping[str, str]) -> Section:
    """Reads back a user profile and its space, and how the domain keeps them.

    Args:
        deployed: The environment that they must lie in.
        outputs: What the product told when it was provisioned.
    """
    sagemaker, domain_id = deployed.client("sagemaker"), deployed.ids("AWS::SageMaker::Domain")[0]
    domain = sagemaker.describe_domain(DomainId=domain_id)
    profile = sagemaker.describe_user_profile(DomainId=domain_id, UserProfileName=outputs["UserProfileName"])
    space = sagemaker.describe_space(DomainId=domain_id, SpaceName=outputs["SpaceName"])
    name, settings = profile["UserProfileName"], space["SpaceSettings"]
    tags = sagemaker_tags(deployed, profile["UserProfileArn"])
    rows = (
        Row((f"Profile {name}", profile["Status"])),
        role_row(deployed, profile["UserSettings"]["ExecutionRole"]),
        Row((f"Space {space['SpaceName']}", f"{space['Status']}, {settings['AppType']}, {_volume(settings)}")),
        equals("Owner", space["OwnershipSettings"]["OwnerUserProfileName"], name),
        equals("Sharing", space["SpaceSharingSettings"]["SharingType"], "Private"),
        equals("Network of the domain", domain["AppNetworkAccessType"], "VpcOnly"),
        key_row(deployed, "Home and volumes", domain.get("KmsKeyId")),
        tags_row(tags),
        Row(("Person", tags.get(_USER_TAG, "nobody")), unmet({"must be named": _USER_TAG in tags})),
    )
    return Section("Provisioned Studio workspace", ("What", "Read back"), rows, {})


def _volume(settings: Mapping[str, Any]) -> str:
    size = settings.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {}).get("EbsVolumeSizeInGb")
    return f"{size} GB" if size else "no volume of its own"
