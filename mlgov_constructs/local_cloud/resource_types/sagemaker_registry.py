"""Amazon SageMaker AI: versions of models, and model cards."""

import json
import re
from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)

# Whose keys are names that an author chose, not names of the schema.
_OF_THE_AUTHOR = ("CustomDetails", "Metadata")
_METADATA = "CustomerMetadataProperties"


class ModelCard(ResourceType):
    """A model card."""

    type_name = "AWS::SageMaker::ModelCard"
    create_only = ("ModelCardName", "SecurityConfig")
    properties = (*create_only, "Content", "ModelCardStatus", "Tags")
    name_property = "ModelCardName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the card; its physical id is its name."""
        given = call.pick("ModelCardName", "ModelCardStatus", "SecurityConfig")
        call.invoke("sagemaker", "CreateModelCard", Content=_content(call), Tags=call.tags or None, **given)
        return str(call.properties["ModelCardName"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes text, status and tags; the service takes text and status one at a time."""
        if not old:
            return
        key = {"ModelCardName": physical_id}
        if call.properties["Content"] != old.get("Content"):
            call.invoke("sagemaker", "UpdateModelCard", Content=_content(call), **key)
        if call.properties["ModelCardStatus"] != old.get("ModelCardStatus"):
            call.invoke("sagemaker", "UpdateModelCard", **call.pick("ModelCardStatus"), **key)
        arn = self.attributes(call, physical_id)["ModelCardArn"]
        if removed := dropped_tags(old, call):
            call.invoke("sagemaker", "DeleteTags", ResourceArn=arn, TagKeys=removed)
        if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
            call.invoke("sagemaker", "AddTags", ResourceArn=arn, Tags=call.tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN, version and times."""
        found = call.invoke("sagemaker", "DescribeModelCard", ModelCardName=physical_id)
        times = {name: str(found[name]) for name in ("CreationTime", "LastModifiedTime")}
        return {"ModelCardArn": found["ModelCardArn"], "ModelCardVersion": found["ModelCardVersion"], **times}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the card."""
        call.invoke("sagemaker", "DeleteModelCard", ModelCardName=physical_id)


class ModelPackage(ResourceType):
    """A version of a model."""

    type_name = "AWS::SageMaker::ModelPackage"
    create_only = (
        "ClientToken",
        "Domain",
        "DriftCheckBaselines",
        "InferenceSpecification",
        "MetadataProperties",
        "ModelCard",
        "ModelMetrics",
        "ModelPackageDescription",
        "ModelPackageGroupName",
        "SamplePayloadUrl",
        "SecurityConfig",
        "SourceUri",
        "Task",
    )
    properties = (*create_only, "ApprovalDescription", _METADATA, "ModelApprovalStatus", "SkipModelValidation", "Tags")

    def create(self, call: Call) -> str:
        """Registers the version; its physical id is its ARN."""
        rest = call.without("ApprovalDescription", "Tags")
        return str(call.invoke("sagemaker", "CreateModelPackage", Tags=call.tags or None, **rest)["ModelPackageArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes what is decided and the metadata."""
        if not old:
            return
        gone = sorted((old.get(_METADATA) or {}).keys() - (call.properties.get(_METADATA) or {}).keys())
        call.invoke(
            "sagemaker",
            "UpdateModelPackage",
            ModelPackageArn=physical_id,
            CustomerMetadataPropertiesToRemove=gone or None,
            **call.pick("ApprovalDescription", _METADATA, "ModelApprovalStatus"),
        )

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN, state and time of creation."""
        found = call.invoke("sagemaker", "DescribeModelPackage", ModelPackageName=physical_id)
        return {
            "CreationTime": str(found["CreationTime"]),
            "ModelPackageArn": physical_id,
            "ModelPackageStatus": found["ModelPackageStatus"],
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the version."""
        call.invoke("sagemaker", "DeleteModelPackage", ModelPackageName=physical_id)


def _content(call: Call) -> str:
    return json.dumps(_in_schema(call.properties["Content"]))


def _in_schema(value: Any) -> Any:
    """What a card says by the names of the schema, which a template writes otherwise."""
    if isinstance(value, dict):
        return {_snake(name): each if name in _OF_THE_AUTHOR else _in_schema(each) for name, each in value.items()}
    return [_in_schema(each) for each in value] if isinstance(value, list) else value


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
