"""Where jobs must run: the network and the key that every job of an environment uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aws_cdk import aws_kms as kms

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.network import ClusterSecurityGroup, IIsolatedVpc


@dataclass(frozen=True)
class JobEnvironment:
    """The network and the key that jobs are bound to.

    Attributes:
        vpc: The VPC; jobs run in its isolated subnets, with its workload security group.
        encryption_key: The key of volumes and output.
        cluster_security_group: The group by which the machines of one job reach each other, if they
            have several; without it, jobs have one machine.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.network import IsolatedVpc
        >>> from mlgov_constructs.protection import DataKey
        >>> stack = Stack(App(), "Foundation")
        >>> environment = JobEnvironment(vpc=IsolatedVpc(stack, "Vpc"), encryption_key=DataKey(stack, "Key"))
    """

    vpc: IIsolatedVpc
    encryption_key: kms.IKey
    cluster_security_group: ClusterSecurityGroup | None = None

    @cached_property
    def subnet_ids(self) -> list[str]:
        """The ids of the subnets, fetched once: each costs calls into the CDK's process."""
        return [subnet.subnet_id for subnet in self.vpc.isolated_subnets]

    @cached_property
    def security_group_id(self) -> str:
        """The id of the workload security group."""
        return self.vpc.workload_security_group.security_group_id

    @cached_property
    def cluster_security_group_id(self) -> str | None:
        """The id of the group of the machines of one job, if there is one."""
        return self.cluster_security_group.security_group_id if self.cluster_security_group else None

    @cached_property
    def security_group_ids(self) -> list[str]:
        """The ids of all groups that a job may have."""
        return [each for each in (self.security_group_id, self.cluster_security_group_id) if each is not None]

    @cached_property
    def key_arn(self) -> str:
        """The ARN of the key."""
        return self.encryption_key.key_arn

    def network_condition(self) -> dict[str, dict[str, Any]]:
        """Return the condition that a request names subnets and groups of this environment only.

        ``ForAllValues`` alone admits a request without the key, so ``Null`` demands it.
        """
        return {
            "ForAllValues:StringEquals": {
                "sagemaker:VpcSubnets": list(self.subnet_ids),
                "sagemaker:VpcSecurityGroupIds": list(self.security_group_ids),
            },
            "Null": {"sagemaker:VpcSubnets": "false", "sagemaker:VpcSecurityGroupIds": "false"},
        }

    def interface_statements(self) -> list[dict[str, Any]]:
        """Return what a role needs so that SageMaker attaches interfaces in these subnets only."""
        tokens = aws_tokens()
        interfaces = tokens.arn("ec2", "network-interface/*")
        subnets = [tokens.arn("ec2", f"subnet/{subnet_id}") for subnet_id in self.subnet_ids]
        groups = [tokens.arn("ec2", f"security-group/{group_id}") for group_id in self.security_group_ids]
        return [
            {
                "Sid": "CreateInterfaces",
                "Effect": "Allow",
                "Action": "ec2:CreateNetworkInterface",
                "Resource": [interfaces, *subnets, *groups],
            },
            {
                "Sid": "AttachInterfaces",
                "Effect": "Allow",
                "Action": [
                    "ec2:CreateNetworkInterfacePermission",
                    "ec2:DeleteNetworkInterface",
                    "ec2:DeleteNetworkInterfacePermission",
                ],
                "Resource": interfaces,
                "Condition": {"ArnEquals": {"ec2:Subnet": subnets}},
            },
            {
                # EC2 knows no resource for these.
                "Sid": "SeeNetwork",
                "Effect": "Allow",
                "Action": [
                    "ec2:DescribeDhcpOptions",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                ],
                "Resource": "*",
            },
        ]

    def volume_statements(self) -> list[dict[str, Any]]:
        """Return what a principal needs of the key so that SageMaker encrypts a volume with it."""
        tokens = aws_tokens()
        via = {"kms:ViaService": f"sagemaker.{tokens.region}.{tokens.url_suffix}"}
        key = self.key_arn
        return [
            {
                "Sid": "VolumeKey",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"],
                "Resource": key,
                "Condition": {"StringEquals": via},
            },
            {
                "Sid": "VolumeKeyGrants",
                "Effect": "Allow",
                "Action": "kms:CreateGrant",
                "Resource": key,
                "Condition": {"StringEquals": via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ]
