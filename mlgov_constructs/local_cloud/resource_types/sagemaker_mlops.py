"""Amazon SageMaker AI: the registry of models and the pipelines that fill it."""

import json
from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)


class ModelPackageGroup(ResourceType):
    """A group of model packages, with its policy."""

    type_name = "AWS::SageMaker::ModelPackageGroup"
    create_only = ("ModelPackageGroupDescription", "ModelPackageGroupName")
    properties = (*create_only, "ModelPackageGroupPolicy", "Tags")
    name_property = "ModelPackageGroupName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the group."""
        answer = call.invoke(
            "sagemaker",
            "CreateModelPackageGroup",
            Tags=call.tags or None,
            **call.pick(*self.create_only),
        )
        return str(answer["ModelPackageGroupArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets policy and tags."""
        key = {"ModelPackageGroupName": _name(physical_id)}
        policy, before = call.properties.get("ModelPackageGroupPolicy"), old.get("ModelPackageGroupPolicy")
        if policy and policy != before:
            text = policy if isinstance(policy, str) else json.dumps(policy)
            call.invoke("sagemaker", "PutModelPackageGroupPolicy", ResourcePolicy=text, **key)
        elif before and not policy:
            call.invoke("sagemaker", "DeleteModelPackageGroupPolicy", **key)
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN, state and time of creation."""
        found = call.invoke("sagemaker", "DescribeModelPackageGroup", ModelPackageGroupName=_name(physical_id))
        return {
            "CreationTime": str(found["CreationTime"]),
            "ModelPackageGroupArn": physical_id,
            "ModelPackageGroupStatus": found["ModelPackageGroupStatus"],
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the group."""
        call.invoke("sagemaker", "DeleteModelPackageGroup", ModelPackageGroupName=_name(physical_id))


class Pipeline(ResourceType):
    """A pipeline."""

    type_name = "AWS::SageMaker::Pipeline"
    create_only = ("PipelineName",)
    properties = (
        *create_only,
        "ParallelismConfiguration",
        "PipelineDefinition",
        "PipelineDescription",
        "PipelineDisplayName",
        "RoleArn",
        "Tags",
    )
    name_property = "PipelineName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the pipeline; its physical id is its name."""
        rest = call.without("PipelineDefinition", "Tags")
        call.invoke("sagemaker", "CreatePipeline", Tags=call.tags or None, **_definition(call), **rest)
        return str(call.properties["PipelineName"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes the pipeline and its tags."""
        if not old:
            return
        rest = call.without("PipelineDefinition", "PipelineName", "Tags")
        call.invoke("sagemaker", "UpdatePipeline", PipelineName=physical_id, **_definition(call), **rest)
        found = call.invoke("sagemaker", "DescribePipeline", PipelineName=physical_id)
        _retag(call, found["PipelineArn"], old)

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the pipeline."""
        call.invoke("sagemaker", "DeletePipeline", PipelineName=physical_id)


def _definition(call: Call) -> dict[str, Any]:
    definition = call.properties["PipelineDefinition"]
    if "PipelineDefinitionBody" in definition:
        return {"PipelineDefinition": definition["PipelineDefinitionBody"]}
    place = definition["PipelineDefinitionS3Location"]
    names = {"Bucket": "Bucket", "Key": "ObjectKey", "Version": "VersionId"}
    return {"PipelineDefinitionS3Location": {names[name]: value for name, value in place.items() if name in names}}


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


def _retag(call: Call, arn: str, old: Properties) -> None:
    if not old:
        return
    if removed := dropped_tags(old, call):
        call.invoke("sagemaker", "DeleteTags", ResourceArn=arn, TagKeys=removed)
    if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
        call.invoke("sagemaker", "AddTags", ResourceArn=arn, Tags=call.tags)
