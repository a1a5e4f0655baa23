"""Amazon EventBridge Scheduler."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)


class Schedule(ResourceType):
    """What is called at times."""

    type_name = "AWS::Scheduler::Schedule"
    properties = (
        "Description",
        "EndDate",
        "FlexibleTimeWindow",
        "GroupName",
        "KmsKeyArn",
        "Name",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartDate",
        "State",
        "Target",
    )
    create_only = ("Name",)
    name_property = "Name"

    def create(self, call: Call) -> str:
        """Creates the schedule; its physical id is its name."""
        name = call.name("Name", max_length=64)
        call.invoke("scheduler", "CreateSchedule", Name=name, **call.without("Name"))
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Updates the schedule; in another group it is made anew."""
        if not old:
            return
        if call.properties.get("GroupName") == old.get("GroupName"):
            call.invoke("scheduler", "UpdateSchedule", Name=physical_id, **call.without("Name"))
            return
        call.invoke("scheduler", "CreateSchedule", Name=physical_id, **call.without("Name"))
        call.invoke("scheduler", "DeleteSchedule", Name=physical_id, GroupName=old.get("GroupName"))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        found = call.invoke("scheduler", "GetSchedule", Name=physical_id, **call.pick("GroupName"))
        return {"Arn": found["Arn"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the schedule."""
        call.invoke("scheduler", "DeleteSchedule", Name=physical_id, **call.pick("GroupName"))


class ScheduleGroup(ResourceType):
    """Schedules that are watched and tagged together."""

    type_name = "AWS::Scheduler::ScheduleGroup"
    properties = ("Name", "Tags")
    create_only = ("Name",)
    name_property = "Name"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the group; its physical id is its name."""
        name = call.name("Name", max_length=64)
        call.invoke("scheduler", "CreateScheduleGroup", Name=name, Tags=call.tags or None)
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets the tags."""
        if not old or tag_map(call.tags) == tag_map(old.get("Tags")):
            return
        arn = self.attributes(call, physical_id)["Arn"]
        if removed := dropped_tags(old, call):
            call.invoke("scheduler", "UntagResource", ResourceArn=arn, TagKeys=removed)
        if call.tags:
            call.invoke("scheduler", "TagResource", ResourceArn=arn, Tags=call.tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and state."""
        found = call.invoke("scheduler", "GetScheduleGroup", Name=physical_id)
        return {"Arn": found["Arn"], "State": found["State"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the group, and with it what is left in it."""
        call.invoke("scheduler", "DeleteScheduleGroup", Name=physical_id)
