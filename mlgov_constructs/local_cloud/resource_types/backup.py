"""AWS Backup."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    tag_map,
)

_TAGS = "BackupVaultTags"


class BackupVault(ResourceType):
    """A vault of recovery points."""

    type_name = "AWS::Backup::BackupVault"
    properties = ("BackupVaultName", _TAGS, "EncryptionKeyArn")
    create_only = ("BackupVaultName", "EncryptionKeyArn")
    name_property = "BackupVaultName"

    def create(self, call: Call) -> str:
        """Creates the vault; its physical id is its name."""
        name = call.name("BackupVaultName", max_length=50)
        tags = tag_map(call.properties.get(_TAGS)) or None
        call.invoke(
            "backup", "CreateBackupVault", BackupVaultName=name, BackupVaultTags=tags, **call.pick("EncryptionKeyArn")
        )
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes the tags."""
        if not old:
            return
        arn = self.attributes(call, physical_id)["BackupVaultArn"]
        new, before = tag_map(call.properties.get(_TAGS)), tag_map(old.get(_TAGS))
        if removed := sorted(before.keys() - new.keys()):
            call.invoke("backup", "UntagResource", ResourceArn=arn, TagKeyList=removed)
        if new and new != before:
            call.invoke("backup", "TagResource", ResourceArn=arn, Tags=new)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns name and ARN."""
        vault = call.invoke("backup", "DescribeBackupVault", BackupVaultName=physical_id)
        return {"BackupVaultArn": vault["BackupVaultArn"], "BackupVaultName": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the vault if it is empty: AWS keeps one that has recovery points."""
        vault = call.invoke("backup", "DescribeBackupVault", BackupVaultName=physical_id)
        if vault["NumberOfRecoveryPoints"]:
            raise ValueError(f"Backup vault {physical_id} cannot be deleted because it contains recovery points.")
        call.invoke("backup", "DeleteBackupVault", BackupVaultName=physical_id)
