"""The table of the local cloud: one class for each CloudFormation type that it models."""

from mlgov_constructs.local_cloud.resource_types import ec2_network, ec2_security, ecr, iam, kms, logs, s3, ssm
from mlgov_constructs.local_cloud.resource_types.resource_type import Call, ResourceType

__all__ = ["RESOURCE_TYPES", "Call", "ResourceType"]

_MODULES = (ec2_network, ec2_security, ecr, iam, kms, logs, s3, ssm)

RESOURCE_TYPES: dict[str, ResourceType] = {
    row.type_name: row()
    for module in _MODULES
    for row in vars(module).values()
    if isinstance(row, type) and issubclass(row, ResourceType) and row is not ResourceType
}
"""Every modelled type by its CloudFormation name."""
