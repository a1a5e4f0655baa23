"""AWS Systems Manager Parameter Store."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_list,
)


class Parameter(ResourceType):
    """A parameter."""

    type_name = "AWS::SSM::Parameter"
    properties = ("AllowedPattern", "DataType", "Description", "Name", "Tags", "Tier", "Type", "Value")
    create_only = ("Name",)
    name_property = "Name"
    tags = "map"

    def create(self, call: Call) -> str:
        """Creates the parameter."""
        name = call.name("Name", max_length=1011)
        call.invoke("ssm", "PutParameter", Name=name, **call.without("Name", "Tags"))
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Puts a changed value and sets tags."""
        if old and call.without("Tags") != {key: value for key, value in old.items() if key != "Tags"}:
            call.invoke("ssm", "PutParameter", Name=physical_id, Overwrite=True, **call.without("Name", "Tags"))
        key = {"ResourceType": "Parameter", "ResourceId": physical_id}
        if removed := dropped_tags(old, call):
            call.invoke("ssm", "RemoveTagsFromResource", TagKeys=removed, **key)
        if tags := tag_list(call.properties.get("Tags")):
            call.invoke("ssm", "AddTagsToResource", Tags=tags, **key)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns type, value and ARN."""
        parameter = call.invoke("ssm", "GetParameter", Name=physical_id)["Parameter"]
        return {"Arn": parameter["ARN"], "Type": parameter["Type"], "Value": parameter["Value"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the parameter."""
        call.invoke("ssm", "DeleteParameter", Name=physical_id)
