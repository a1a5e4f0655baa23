"""AWS KMS."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    is_true,
    tag_map,
)


class Key(ResourceType):
    """A KMS key."""

    type_name = "AWS::KMS::Key"
    properties = (
        "BypassPolicyLockoutSafetyCheck",
        "Description",
        "EnableKeyRotation",
        "Enabled",
        "KeyPolicy",
        "KeySpec",
        "KeyUsage",
        "MultiRegion",
        "PendingWindowInDays",
        "RotationPeriodInDays",
        "Tags",
    )
    create_only = ("KeySpec", "KeyUsage", "MultiRegion")
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the key."""
        answer = call.invoke(
            "kms",
            "CreateKey",
            Policy=call.properties.get("KeyPolicy"),
            Tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in call.tags] or None,
            **call.pick("BypassPolicyLockoutSafetyCheck", "Description", "KeySpec", "KeyUsage", "MultiRegion"),
        )
        return str(answer["KeyMetadata"]["KeyId"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets state, rotation, policy, description and tags."""
        new = call.properties
        if old and new.get("KeyPolicy") != old.get("KeyPolicy"):
            call.invoke("kms", "PutKeyPolicy", KeyId=physical_id, PolicyName="default", Policy=new.get("KeyPolicy"))
        if old and new.get("Description") != old.get("Description"):
            description = new.get("Description", "")
            call.invoke("kms", "UpdateKeyDescription", KeyId=physical_id, Description=description)
        if old and new.get("Tags") != old.get("Tags"):
            _retag(call, physical_id, old)
        self._set_rotation(call, physical_id)
        if call.flag("Enabled", default=True) != is_true(old.get("Enabled", True)):
            operation = "EnableKey" if call.flag("Enabled", default=True) else "DisableKey"
            call.invoke("kms", operation, KeyId=physical_id)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN and the id."""
        metadata = call.invoke("kms", "DescribeKey", KeyId=physical_id)["KeyMetadata"]
        return {"Arn": metadata["Arn"], "KeyId": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Schedules the key's deletion, as CloudFormation does: no key disappears at once."""
        window = call.properties.get("PendingWindowInDays", 30)
        call.invoke("kms", "ScheduleKeyDeletion", KeyId=physical_id, PendingWindowInDays=window)

    @staticmethod
    def _set_rotation(call: Call, key_id: str) -> None:
        if call.flag("EnableKeyRotation"):
            call.invoke("kms", "EnableKeyRotation", KeyId=key_id, **call.pick("RotationPeriodInDays"))
        elif call.properties.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT":
            call.invoke("kms", "DisableKeyRotation", KeyId=key_id)


class Alias(ResourceType):
    """A key's alias."""

    type_name = "AWS::KMS::Alias"
    properties = ("AliasName", "TargetKeyId")
    create_only = ("AliasName",)

    def create(self, call: Call) -> str:
        """Creates the alias."""
        call.invoke("kms", "CreateAlias", **call.properties)
        return str(call.properties["AliasName"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Points the alias at another key."""
        if old:
            call.invoke("kms", "UpdateAlias", **call.properties)

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the alias."""
        call.invoke("kms", "DeleteAlias", AliasName=physical_id)


def _retag(call: Call, key_id: str, old: Properties) -> None:
    if removed := dropped_tags(old, call):
        call.invoke("kms", "UntagResource", KeyId=key_id, TagKeys=removed)
    tags = [{"TagKey": key, "TagValue": value} for key, value in tag_map(call.properties.get("Tags")).items()]
    if tags:
        call.invoke("kms", "TagResource", KeyId=key_id, Tags=tags)
