"""AWS Control Tower."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)


class EnabledControl(ResourceType):
    """A control that is on for a unit of the organisation."""

    type_name = "AWS::ControlTower::EnabledControl"
    create_only = ("ControlIdentifier", "TargetIdentifier")
    properties = (*create_only, "Parameters", "Tags")
    tags = "list"

    def create(self, call: Call) -> str:
        """Turns the control on; its physical id is the unit and the control, as CloudFormation's is."""
        properties = call.properties
        call.invoke(
            "controltower",
            "EnableControl",
            controlIdentifier=properties["ControlIdentifier"],
            targetIdentifier=properties["TargetIdentifier"],
            parameters=_parameters(properties) or None,
            tags=tag_map(properties.get("Tags")) or None,
        )
        return f"{properties['TargetIdentifier']}|{properties['ControlIdentifier']}"

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets parameters and tags."""
        if not old:
            return
        arn = _arn(call, physical_id)
        if _parameters(old) != _parameters(call.properties):
            parameters = _parameters(call.properties)
            call.invoke("controltower", "UpdateEnabledControl", enabledControlIdentifier=arn, parameters=parameters)
        if removed := dropped_tags(old, call):
            call.invoke("controltower", "UntagResource", resourceArn=arn, tagKeys=removed)
        if call.tags:
            tags = tag_map(call.properties.get("Tags"))
            call.invoke("controltower", "TagResource", resourceArn=arn, tags=tags)

    def delete(self, call: Call, physical_id: str) -> None:
        """Turns the control off."""
        call.invoke("controltower", "DisableControl", enabledControlIdentifier=_arn(call, physical_id))


def _arn(call: Call, physical_id: str) -> str:
    unit, control = physical_id.split("|")
    listed = call.invoke("controltower", "ListEnabledControls", targetIdentifier=unit)["enabledControls"]
    return str(next(each["arn"] for each in listed if each["controlIdentifier"] == control))


def _parameters(properties: Properties) -> list[dict[str, Any]]:
    return [{"key": each["Key"], "value": each["Value"]} for each in properties.get("Parameters") or []]
