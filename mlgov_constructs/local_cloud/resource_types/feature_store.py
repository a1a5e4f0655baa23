"""Amazon SageMaker Feature Store."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType


class FeatureGroup(ResourceType):
    """A feature group."""

    type_name = "AWS::SageMaker::FeatureGroup"
    create_only = (
        "Description",
        "EventTimeFeatureName",
        "FeatureGroupName",
        "OfflineStoreConfig",
        "OnlineStoreConfig/EnableOnlineStore",
        "OnlineStoreConfig/SecurityConfig",
        "OnlineStoreConfig/StorageType",
        "RecordIdentifierFeatureName",
        "RoleArn",
        "Tags",
    )
    properties = (
        *(name for name in create_only if "/" not in name),
        "FeatureDefinitions",
        "OnlineStoreConfig",
        "ThroughputConfig",
    )
    name_property = "FeatureGroupName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the feature group; its physical id is its name."""
        call.invoke("sagemaker", "CreateFeatureGroup", Tags=call.tags or None, **call.without("Tags"))
        return str(call.properties["FeatureGroupName"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Adds features, and sets time to live and throughput."""
        if not old:
            return
        before, after = _definitions(old), _definitions(call.properties)
        if changed := sorted(name for name, kind in before.items() if after.get(name) != kind):
            raise ValueError(f"Feature {changed[0]} cannot be changed or removed: features can only be added.")
        changes: dict[str, Any] = {}
        if additions := [each for each in call.properties["FeatureDefinitions"] if each["FeatureName"] not in before]:
            changes["FeatureAdditions"] = additions
        ttl = call.properties.get("OnlineStoreConfig", {}).get("TtlDuration")
        if ttl != old.get("OnlineStoreConfig", {}).get("TtlDuration"):
            if ttl is None:
                raise ValueError("The time to live of a feature group can be changed, not removed.")
            changes["OnlineStoreConfig"] = {"TtlDuration": ttl}
        if call.properties.get("ThroughputConfig") != old.get("ThroughputConfig"):
            changes["ThroughputConfig"] = call.properties.get("ThroughputConfig", {"ThroughputMode": "OnDemand"})
        if changes:
            call.invoke("sagemaker", "UpdateFeatureGroup", FeatureGroupName=physical_id, **changes)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the status and when it was created."""
        found = call.invoke("sagemaker", "DescribeFeatureGroup", FeatureGroupName=physical_id)
        return {"FeatureGroupStatus": found["FeatureGroupStatus"], "CreationTime": found["CreationTime"].isoformat()}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the feature group; the offline store and its table stay."""
        call.invoke("sagemaker", "DeleteFeatureGroup", FeatureGroupName=physical_id)


def _definitions(properties: Properties) -> dict[str, str]:
    return {each["FeatureName"]: each["FeatureType"] for each in properties["FeatureDefinitions"]}
