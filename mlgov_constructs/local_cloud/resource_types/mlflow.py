"""Amazon SageMaker AI: managed MLflow."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)


class MlflowTrackingServer(ResourceType):
    """A tracking server."""

    type_name = "AWS::SageMaker::MlflowTrackingServer"
    create_only = ("TrackingServerName",)
    properties = (
        *create_only,
        "ArtifactStoreUri",
        "AutomaticModelRegistration",
        "MlflowVersion",
        "RoleArn",
        "Tags",
        "TrackingServerSize",
        "WeeklyMaintenanceWindowStart",
    )
    name_property = "TrackingServerName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the server."""
        call.invoke("sagemaker", "CreateMlflowTrackingServer", Tags=call.tags or None, **call.without("Tags"))
        return str(call.properties["TrackingServerName"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes what the API can change; role and version are refused, as the API knows no such parameter."""
        if not old:
            return
        changes = {name: value for name, value in call.without("Tags").items() if value != old.get(name)}
        if changes:
            call.invoke("sagemaker", "UpdateMlflowTrackingServer", TrackingServerName=physical_id, **changes)
        _retag(call, self.attributes(call, physical_id)["TrackingServerArn"], old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        found = call.invoke("sagemaker", "DescribeMlflowTrackingServer", TrackingServerName=physical_id)
        return {"TrackingServerArn": found["TrackingServerArn"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the server."""
        call.invoke("sagemaker", "DeleteMlflowTrackingServer", TrackingServerName=physical_id)


class MlflowApp(ResourceType):
    """An MLflow app."""

    type_name = "AWS::SageMaker::MlflowApp"
    create_only = ("Name", "RoleArn")
    properties = (
        *create_only,
        "ArtifactStoreUri",
        "ModelRegistrationMode",
        "Tags",
        "WeeklyMaintenanceWindowStart",
    )
    name_property = "Name"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the app."""
        answer = call.invoke("sagemaker", "CreateMlflowApp", Tags=call.tags or None, **call.without("Tags"))
        return str(answer["Arn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes the app."""
        if not old:
            return
        changes = {name: value for name, value in call.without("Tags").items() if value != old.get(name)}
        if changes:
            call.invoke("sagemaker", "UpdateMlflowApp", Arn=physical_id, **changes)
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN, id, state and version."""
        found = call.invoke("sagemaker", "DescribeMlflowApp", Arn=physical_id)
        return {
            "Arn": physical_id,
            "CreationTime": str(found["CreationTime"]),
            "LastModifiedTime": str(found["LastModifiedTime"]),
            "MlflowAppId": physical_id.rpartition("/")[2],
            "MlflowVersion": found["MlflowVersion"],
            "Status": found["Status"],
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the app."""
        call.invoke("sagemaker", "DeleteMlflowApp", Arn=physical_id)


def _retag(call: Call, arn: str, old: Properties) -> None:
    if removed := dropped_tags(old, call):
        call.invoke("sagemaker", "DeleteTags", ResourceArn=arn, TagKeys=removed)
    if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
        call.invoke("sagemaker", "AddTags", ResourceArn=arn, Tags=call.tags)
