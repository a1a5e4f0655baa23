"""The one place where a notebook instance is hardened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnTag
from aws_cdk import aws_sagemaker as sagemaker

from mlgov_constructs.identity import PROJECT_TAG

PLATFORM = "notebook-al2023-v1"
# The instance types that a notebook may have unless told otherwise, with USD an hour in us-east-1.
HOURLY_USD = {
    "ml.t3.medium": 0.05,
    "ml.t3.large": 0.10,
    "ml.t3.xlarge": 0.20,
    "ml.t3.2xlarge": 0.399,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.m5.4xlarge": 0.922,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
    "ml.c5.4xlarge": 0.816,
    "ml.r5.large": 0.151,
    "ml.r5.xlarge": 0.302,
    "ml.r5.2xlarge": 0.605,
    "ml.g4dn.xlarge": 0.736,
    "ml.g5.xlarge": 1.408,
    "ml.g5.2xlarge": 1.515,
}
INSTANCE_TYPES = tuple(HOURLY_USD)
SMALLEST_GIB, LARGEST_GIB = 5, 16_384
CONTROLS = (
    "MLG-WSP-01",
    "MLG-WSP-02",
    "MLG-WSP-03",
    "MLG-WSP-04",
    "MLG-WSP-05",
    "MLG-WSP-06",
    "MLG-WSP-07",
    "MLG-WSP-08",
)


def notebook_properties(
    *,
    project: str,
    role_arn: str,
    kms_key_id: str,
    subnet_id: str,
    security_group_ids: list[str],
    lifecycle_config_name: str | None,
    instance_type: str,
    volume_gib: float,
    default_code_repository: str | None = None,
    notebook_instance_name: str | None = None,
    direct_internet_access: bool = False,
    root_access: bool = False,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return every property of a hardened notebook instance, as ``CfnNotebookInstance`` takes them.

    ``NotebookInstance`` and the template of ``NotebookProduct`` both use it, so a provisioned
    notebook is hardened as one that a stack creates. Values may be tokens and dynamic references.

    Args:
        project: The project, which becomes a tag.
        role_arn: The role of the instance.
        kms_key_id: The key of the volume.
        subnet_id: The isolated subnet.
        security_group_ids: The security groups.
        lifecycle_config_name: The lifecycle configuration that stops it when idle.
        instance_type: The instance type, with ``ml.``.
        volume_gib: The size of the volume in GiB.
        default_code_repository: The Git repository to open.
        notebook_instance_name: A name; CloudFormation makes one when omitted.
        direct_internet_access: Leave the VPC; a recorded relaxation of the caller.
        root_access: Let users be root; a recorded relaxation of the caller.
        tags: More tags.
    """
    return {
        "notebook_instance_name": notebook_instance_name,
        "instance_type": instance_type,
        "volume_size_in_gb": volume_gib,
        "platform_identifier": PLATFORM,
        "role_arn": role_arn,
        "kms_key_id": kms_key_id,
        "subnet_id": subnet_id,
        "security_group_ids": security_group_ids,
        "lifecycle_config_name": lifecycle_config_name,
        "default_code_repository": default_code_repository,
        "direct_internet_access": "Enabled" if direct_internet_access else "Disabled",
        "root_access": "Enabled" if root_access else "Disabled",
        "instance_metadata_service_configuration": (
            sagemaker.CfnNotebookInstance.InstanceMetadataServiceConfigurationProperty(
                minimum_instance_metadata_service_version="2"
            )
        ),
        "tags": [CfnTag(key=key, value=value) for key, value in {**(tags or {}), PROJECT_TAG: project}.items()],
    }
