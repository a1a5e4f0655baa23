"""State machines and backup vaults, as their services describe them."""

from __future__ import annotations

import json
from typing import Any

from tests.local_cloud.conftest import Cloud

DEFINITION = {
    "StartAt": "Wait",
    "States": {"Wait": {"Type": "Wait", "Seconds": 30, "Next": "End"}, "End": {"Type": "Succeed"}},
}
KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
ROLE = "arn:aws:iam::123456789012:role/machine"
MACHINE: dict[str, Any] = {
    "Type": "AWS::StepFunctions::StateMachine",
    "Properties": {
        "DefinitionString": json.dumps(DEFINITION),
        "RoleArn": ROLE,
        "EncryptionConfiguration": {
            "Type": "CUSTOMER_MANAGED_KMS_KEY",
            "KmsKeyId": KEY,
            "KmsDataKeyReusePeriodSeconds": 300,
        },
        "LoggingConfiguration": {
            "Level": "ALL",
            "IncludeExecutionData": False,
            "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Log", "Arn"]}}}],
        },
        "TracingConfiguration": {"Enabled": True},
        "Tags": [{"Key": "mlgov:project", "Value": "churn"}],
    },
}


def changed(**properties: Any) -> dict[str, Any]:
    return {**MACHINE, "Properties": {**MACHINE["Properties"], **properties}}


def test_a_state_machine_has_what_it_was_asked_for_and_is_updated_in_place(cloud: Cloud) -> None:
    stack = cloud.stack(Log={"Type": "AWS::Logs::LogGroup"}, Machine=MACHINE)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    states, arn = cloud.client("stepfunctions"), stack.id("Machine")
    found = states.describe_state_machine(stateMachineArn=arn)
    assert json.loads(found["definition"]) == DEFINITION
    assert found["roleArn"] == ROLE
    assert found["encryptionConfiguration"]["kmsKeyId"] == KEY
    assert found["loggingConfiguration"]["level"] == "ALL"
    assert found["loggingConfiguration"]["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"].endswith(":*")
    assert found["tracingConfiguration"] == {"enabled": True}
    assert states.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "mlgov:project", "value": "churn"}]
    assert stack.update(Machine=changed(TracingConfiguration={"Enabled": False})) == "UPDATE_COMPLETE"
    assert stack.id("Machine") == arn
    assert states.describe_state_machine(stateMachineArn=arn)["tracingConfiguration"] == {"enabled": False}
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_vault_goes_only_when_it_is_empty(cloud: Cloud) -> None:
    stack = cloud.stack(
        Vault={
            "Type": "AWS::Backup::BackupVault",
            "Properties": {"BackupVaultName": "kept", "EncryptionKeyArn": KEY, "BackupVaultTags": {"a": "b"}},
        }
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    backup = cloud.client("backup")
    vault = backup.describe_backup_vault(BackupVaultName="kept")
    assert vault["EncryptionKeyArn"] == KEY
    assert backup.list_tags(ResourceArn=vault["BackupVaultArn"])["Tags"] == {"a": "b"}
    file_system = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1"
    backup.start_backup_job(BackupVaultName="kept", ResourceArn=file_system, IamRoleArn=ROLE)
    assert stack.delete() == "DELETE_FAILED"
    assert "contains recovery points" in stack.failures()
