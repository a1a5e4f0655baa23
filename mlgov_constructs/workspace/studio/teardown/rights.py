"""What the teardown may do: end one domain, and take its file system out of one VPC."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens, service_principal

Statement = dict[str, Any]

# SageMaker puts it on what it makes for a domain: the file system and its two security groups.
MANAGED_TAG = "ManagedByAmazonSageMakerResource"
# Beyond the ceiling of a PermissionsBoundary, which is made for ML work.
BOUNDARY_ACTIONS = (
    "ec2:DeleteSecurityGroup",
    "elasticfilesystem:DeleteMountTarget",
    "elasticfilesystem:Describe*",
    "xray:Get*",
    "xray:Put*",
)
DELETION_ACTIONS = ("elasticfilesystem:DeleteFileSystem",)
BACKUP_ACTIONS = (
    "backup:CopyIntoBackupVault",
    "backup:Describe*",
    "backup:StartBackupJob",
    "elasticfilesystem:Backup",
)


def teardown_statements(
    *, domain_id: str, domain_arn: str, file_system_arn: str, vpc_id: str, deletes_file_system: bool
) -> list[Statement]:
    """Return the rights of a pass.

    Args:
        domain_id: The domain.
        domain_arn: Its ARN.
        file_system_arn: The ARN of its file system.
        vpc_id: The VPC of the domain.
        deletes_file_system: Both keys are turned; without them no statement allows it.
    """
    tokens = aws_tokens()
    in_vpc = {"ArnEquals": {"ec2:Vpc": tokens.arn("ec2", f"vpc/{vpc_id}")}}
    on_file_system = ["elasticfilesystem:DeleteMountTarget", "elasticfilesystem:DescribeFileSystems"]
    deletion = list(DELETION_ACTIONS) if deletes_file_system else []
    return [
        {
            # These actions know no resource; see the service authorization reference.
            "Sid": "SeeWhatIsLeft",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeSecurityGroups",
                "sagemaker:ListApps",
                "sagemaker:ListSpaces",
                "sagemaker:ListUserProfiles",
            ],
            "Resource": "*",
        },
        {
            "Sid": "EndOwnDomain",
            "Effect": "Allow",
            "Action": ["sagemaker:DeleteDomain", "sagemaker:DescribeDomain"],
            "Resource": domain_arn,
        },
        *(
            {
                "Sid": f"End{action.rpartition(':Delete')[2]}sOfOwnDomain",
                "Effect": "Allow",
                "Action": action,
                "Resource": tokens.arn("sagemaker", f"{path}/{domain_id}/*"),
            }
            for action, path in (
                ("sagemaker:DeleteApp", "app"),
                ("sagemaker:DeleteSpace", "space"),
                ("sagemaker:DeleteUserProfile", "user-profile"),
            )
        ),
        {
            "Sid": "TakeFileSystemOutOfVpc",
            "Effect": "Allow",
            "Action": sorted([*on_file_system, "elasticfilesystem:DescribeMountTargets", *deletion]),
            "Resource": file_system_arn,
        },
        {
            # EFS removes the interface of a mount target in the name of who deletes it.
            "Sid": "RemoveInterfacesOfMountTargets",
            "Effect": "Allow",
            "Action": "ec2:DeleteNetworkInterface",
            "Resource": tokens.arn("ec2", "network-interface/*"),
            "Condition": in_vpc,
        },
        {
            "Sid": "RemoveSecurityGroupsOfSageMaker",
            "Effect": "Allow",
            "Action": [
                "ec2:DeleteSecurityGroup",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:RevokeSecurityGroupIngress",
            ],
            "Resource": tokens.arn("ec2", "security-group/*"),
            "Condition": {**in_vpc, "Null": {f"aws:ResourceTag/{MANAGED_TAG}": "false"}},
        },
    ]


def start_backup_statements(*, vault_arn: str, role_arn: str) -> list[Statement]:
    """Return the rights to start a backup and to see how it goes.

    Args:
        vault_arn: The vault.
        role_arn: The role that AWS Backup runs it under.
    """
    return [
        {"Sid": "StartBackup", "Effect": "Allow", "Action": "backup:StartBackupJob", "Resource": vault_arn},
        # The action knows no resource.
        {"Sid": "FollowBackup", "Effect": "Allow", "Action": "backup:DescribeBackupJob", "Resource": "*"},
        {
            "Sid": "PassBackupRole",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": role_arn,
            "Condition": {"StringEquals": {"iam:PassedToService": service_principal("backup")}},
        },
    ]


def backup_statements(*, vault_arn: str, file_system_arn: str) -> list[Statement]:
    """Return the rights of AWS Backup itself: one file system, one vault.

    Args:
        vault_arn: The vault.
        file_system_arn: The file system.
    """
    return [
        {
            "Sid": "ReadFileSystem",
            "Effect": "Allow",
            "Action": ["elasticfilesystem:Backup", "elasticfilesystem:DescribeTags"],
            "Resource": file_system_arn,
        },
        {
            "Sid": "FillVault",
            "Effect": "Allow",
            "Action": ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
            "Resource": vault_arn,
        },
    ]


def state_machine_statements(*, function_arn: str, key_arn: str) -> list[Statement]:
    """Return the rights of the state machine.

    Args:
        function_arn: The function that runs a pass.
        key_arn: The key of its definition and its executions.
    """
    tokens = aws_tokens()
    machine = tokens.arn("states", "stateMachine:*")
    return [
        {"Sid": "RunPass", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function_arn},
        {
            "Sid": "EncryptExecutions",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key_arn,
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:states:stateMachineArn": machine}},
        },
        {
            # These actions know no resource; they set up the delivery of the log.
            "Sid": "DeliverLogAndTraces",
            "Effect": "Allow",
            "Action": [*LOG_DELIVERY, *TRACES],
            "Resource": "*",
        },
    ]


# Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
LOG_DELIVERY: Sequence[str] = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
TRACES: Sequence[str] = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


def start_statements(*, state_machine_arn: str, stack_id: str) -> list[Statement]:
    """Return the rights to see whether the stack is deleted, and then to start the state machine.

    Args:
        state_machine_arn: The state machine.
        stack_id: The ARN of the stack.
    """
    return [
        {
            "Sid": "SeeWhetherStackGoes",
            "Effect": "Allow",
            "Action": "cloudformation:DescribeStacks",
            "Resource": stack_id,
        },
        {
            "Sid": "StartTeardown",
            "Effect": "Allow",
            "Action": "states:StartExecution",
            "Resource": state_machine_arn,
        },
    ]
