"""The IAM condition keys of SageMaker, taken from a request.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SageMaker AI".
"""

from collections.abc import Iterator, Mapping
from typing import Any

_VOLUME_KEYS = ("VolumeKmsKeyId",)
_OUTPUT_STRUCTURES = ("OutputDataConfig", "ProcessingOutputConfig", "TransformOutput", "OutputConfig")
_METADATA = "CustomerMetadataProperties"

# Members that stand for a condition key wherever they are in the request.
_DIRECT = {
    "DirectInternetAccess": "DirectInternetAccess",
    "MaxRuntimeInSeconds": "MaxRuntimeInSeconds",
    "MinimumInstanceMetadataServiceVersion": "MinimumInstanceMetadataServiceVersion",
    "RootAccess": "RootAccess",
    "AppNetworkAccessType": "AppNetworkAccessType",
    "HomeEfsFileSystemKmsKeyId": "HomeEfsFileSystemKmsKey",
    "ModelApprovalStatus": "ModelApprovalStatus",
    "S3KmsKeyId": "DomainSharingOutputKmsKey",
}
_FLAGS = {
    "EnableInterContainerTrafficEncryption": "InterContainerTrafficEncryption",
    "EnableNetworkIsolation": "NetworkIsolation",
}
_LISTS = {
    "AcceleratorTypes": "AcceleratorTypes",
    "InstanceType": "InstanceTypes",
    "SecurityGroupIds": "VpcSecurityGroupIds",
    "SecurityGroups": "VpcSecurityGroupIds",
    "SubnetId": "VpcSubnets",
    "SubnetIds": "VpcSubnets",
    "Subnets": "VpcSubnets",
}


def condition_keys(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the condition keys of a request and their values; a key that the request does not set is absent.

    Args:
        operation: The operation, for example ``CreateNotebookInstance``.
        parameters: Its parameters.
    """
    keys: dict[str, Any] = {}
    for parent, name, value in _members(parameters, ""):
        if name in _DIRECT:
            keys[f"sagemaker:{_DIRECT[name]}"] = str(value)
        elif parent == "ModelLifeCycle" and name in ("Stage", "StageStatus"):
            keys[f"sagemaker:ModelLifeCycle:{name}"] = str(value)
        elif name == _METADATA:
            keys |= {f"sagemaker:{name}/{key}": str(each) for key, each in value.items()}
        elif name == f"{_METADATA}ToRemove":
            keys[f"sagemaker:{name}"] = value
        elif name in _FLAGS:
            keys[f"sagemaker:{_FLAGS[name]}"] = str(value).lower()
        elif name in _LISTS:
            items = value if isinstance(value, list) else [value]
            known: list[str] = keys.setdefault(f"sagemaker:{_LISTS[name]}", [])
            known += [item for item in items if item not in known]
        elif name in _VOLUME_KEYS or (name == "KmsKeyId" and parent == ""):
            keys["sagemaker:VolumeKmsKey"] = keys["sagemaker:VolumeKmsKeyArn"] = value
        elif name == "KmsKeyId" and parent in _OUTPUT_STRUCTURES:
            keys["sagemaker:OutputKmsKey"] = keys["sagemaker:OutputKmsKeyArn"] = value
    tags = parameters.get("Tags") or []
    keys |= {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags}
    if tags or parameters.get("TagKeys"):
        keys["aws:TagKeys"] = [tag["Key"] for tag in tags] or parameters["TagKeys"]
    return keys


def _members(value: Any, parent: str) -> Iterator[tuple[str, str, Any]]:
    """Yields every member of a request with the name of the structure that holds it."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name == "Tags":
                continue
            yield parent, name, item
            yield from _members(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _members(item, parent)
