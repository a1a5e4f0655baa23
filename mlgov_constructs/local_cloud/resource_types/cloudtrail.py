"""AWS CloudTrail."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType, dropped_tags

_SELECTORS = ("AdvancedEventSelectors", "EventSelectors")
_SETTINGS = (
    "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn",
    "EnableLogFileValidation",
    "IncludeGlobalServiceEvents",
    "IsMultiRegionTrail",
    "IsOrganizationTrail",
    "KMSKeyId",
    "S3BucketName",
    "S3KeyPrefix",
    "SnsTopicName",
)


class Trail(ResourceType):
    """A trail."""

    type_name = "AWS::CloudTrail::Trail"
    properties = (*_SETTINGS, *_SELECTORS, "IsLogging", "Tags", "TrailName")
    create_only = ("TrailName",)
    name_property = "TrailName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the trail."""
        name = call.name("TrailName", max_length=128)
        call.invoke("cloudtrail", "CreateTrail", Name=name, TagsList=call.tags or None, **call.pick(*_SETTINGS))
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets delivery, event selectors, whether it logs, and tags."""
        # Also right after creation: the emulator's CreateTrail forgets some of the settings.
        call.invoke("cloudtrail", "UpdateTrail", Name=physical_id, **call.pick(*_SETTINGS))
        if selectors := call.pick(*_SELECTORS):
            call.invoke("cloudtrail", "PutEventSelectors", TrailName=physical_id, **_management(selectors))
        operation = "StartLogging" if call.flag("IsLogging") else "StopLogging"
        call.invoke("cloudtrail", operation, Name=physical_id)
        if old:
            self._retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARNs of the trail and of its topic."""
        trail = call.invoke("cloudtrail", "GetTrail", Name=physical_id)["Trail"]
        return {"Arn": trail["TrailARN"], "SnsTopicArn": trail.get("SnsTopicARN", "")}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the trail."""
        call.invoke("cloudtrail", "DeleteTrail", Name=physical_id)

    def _retag(self, call: Call, physical_id: str, old: Properties) -> None:
        arn = self.attributes(call, physical_id)["Arn"]
        if removed := dropped_tags(old, call):
            tags = [{"Key": key} for key in removed]
            call.invoke("cloudtrail", "RemoveTags", ResourceId=arn, TagsList=tags)
        if call.tags:
            call.invoke("cloudtrail", "AddTags", ResourceId=arn, TagsList=call.tags)


def _management(selectors: dict[str, Any]) -> dict[str, Any]:
    """Writes out the defaults of a basic event selector, which the API applies and the emulator does not."""
    defaults = {"IncludeManagementEvents": True, "ReadWriteType": "All"}
    basic = [{**defaults, **selector} for selector in selectors.get("EventSelectors") or []]
    return {**selectors, "EventSelectors": basic} if basic else selectors
