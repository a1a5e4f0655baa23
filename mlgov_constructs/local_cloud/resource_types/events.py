"""Amazon EventBridge."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType, dropped_tags

_BUS = "EventBusName"


class Rule(ResourceType):
    """A rule with its targets."""

    type_name = "AWS::Events::Rule"
    properties = (
        "Description",
        "EventBusName",
        "EventPattern",
        "Name",
        "RoleArn",
        "ScheduleExpression",
        "State",
        "Tags",
        "Targets",
    )
    create_only = ("EventBusName", "Name")
    name_property = "Name"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the rule; its physical id is its name."""
        name = call.name("Name", max_length=64)
        call.invoke("events", "PutRule", Name=name, Tags=call.tags or None, **call.without("Name", "Tags", "Targets"))
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets pattern, targets and tags."""
        bus = call.pick(_BUS)
        if old:
            call.invoke("events", "PutRule", Name=physical_id, **call.without("Name", "Tags", "Targets"))
            self._retag(call, physical_id, old)
        targets = call.properties.get("Targets") or []
        wanted = {target["Id"] for target in targets}
        if gone := [target["Id"] for target in old.get("Targets") or [] if target["Id"] not in wanted]:
            call.invoke("events", "RemoveTargets", Rule=physical_id, Ids=gone, **bus)
        if targets:
            answer = call.invoke("events", "PutTargets", Rule=physical_id, Targets=targets, **bus)
            if answer.get("FailedEntryCount"):
                raise ValueError(f"Targets were refused: {answer['FailedEntries']}")

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and name."""
        rule = call.invoke("events", "DescribeRule", Name=physical_id, **call.pick(_BUS))
        return {"Arn": rule["Arn"], "RuleName": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Removes the targets and deletes the rule."""
        bus = call.pick(_BUS)
        targets = call.invoke("events", "ListTargetsByRule", Rule=physical_id, **bus)["Targets"]
        if targets:
            ids = [target["Id"] for target in targets]
            call.invoke("events", "RemoveTargets", Rule=physical_id, Ids=ids, **bus)
        call.invoke("events", "DeleteRule", Name=physical_id, **bus)

    def _retag(self, call: Call, physical_id: str, old: Properties) -> None:
        arn = self.attributes(call, physical_id)["Arn"]
        if removed := dropped_tags(old, call):
            call.invoke("events", "UntagResource", ResourceARN=arn, TagKeys=removed)
        if call.tags:
            call.invoke("events", "TagResource", ResourceARN=arn, Tags=call.tags)
