"""The flow logs of a VPC."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim


class FlowLogs(Construct):
    """Logs all traffic of a VPC to an encrypted log group.

    It creates the flow log (one-minute aggregation), the log group, and a role that only the
    flow logs of this account may take and that can write to this group alone.

    Controls: ``MLG-NET-03``, ``MLG-PRT-15`` (log group), ``MLG-IDN-02`` (rights).

    Args:
        scope: The construct in whose scope to create it.
        construct_id: The id in that scope.
        vpc_id: The VPC.
        encryption_key: The key of the log group; it must admit CloudWatch Logs.
        retention: How long the logs are kept; one year by default.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html

    Cost: 0.50 USD a GB of logs.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection import DataKey
        >>> stack = Stack(App(), "Stack")
        >>> logs = FlowLogs(stack, "FlowLogs", vpc_id="vpc-0a1b2c3d4e5f67890", encryption_key=DataKey(stack, "Key"))
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-NET-03",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc_id: str,
        encryption_key: kms.IKey,
        retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(self, "Group", encryption_key=encryption_key, retention=retention)
        claim(log_group, ["MLG-PRT-15"])
        tokens = aws_tokens()
        role = iam.Role(
            self,
            "Role",
            description="Delivers the flow logs of the isolated VPC",
            assumed_by=iam.ServicePrincipal(
                service_principal("vpc-flow-logs"),
                conditions={
                    "StringEquals": {"aws:SourceAccount": tokens.account},
                    "ArnLike": {"aws:SourceArn": tokens.arn("ec2", "vpc-flow-log/*")},
                },
            ),
        )
        rights = iam.ManagedPolicy(
            self,
            "Rights",
            roles=[role],
            document=iam.PolicyDocument.from_json(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                            "Resource": log_group.log_group_arn,
                        }
                    ],
                }
            ),
        )
        claim(rights, ["MLG-IDN-02"])
        flow_log = ec2.CfnFlowLog(
            self,
            "Resource",
            resource_id=vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            max_aggregation_interval=60,
            log_destination_type="cloud-watch-logs",
            log_group_name=log_group.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
        )
        flow_log.node.add_dependency(rights)
        claim(flow_log, self.CONTROLS)
