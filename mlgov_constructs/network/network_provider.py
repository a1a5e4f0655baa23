"""The function behind the custom resources of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.inline_function import InlineFunction, write_own_log

TIMEOUT_SECONDS = 120


class NetworkProvider(Construct):
    """Closes default security groups, finds managed prefix lists and verifies isolation.

    CloudFormation has no resource for the three. The function is Python without
    dependencies, deployed inline, runs at deployment only, and may change the rules of
    the named security groups and of nothing else.

    Args:
        scope: The construct in whose scope to create it.
        construct_id: The id in that scope.
        encryption_key: The key of its log group.
        log_retention: How long its log is kept.
        closes: Ids of the security groups it may strip of their rules.

    Cost:
        Nothing to speak of: a few seconds of Lambda a deployment.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection.data_key import DataKey
        >>> stack = Stack(App(), "Stack")
        >>> provider = NetworkProvider(stack, "Provider", encryption_key=DataKey(stack, "Key"))
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
        closes: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(self, "Log", encryption_key=encryption_key, retention=log_retention)
        self._role = iam.Role(
            self,
            "Role",
            description="Runs the custom resources of the isolated network at deployment",
            assumed_by=iam.ServicePrincipal(service_principal("lambda")),
        )
        rights = iam.ManagedPolicy(self, "Rights", roles=[self._role], document=_policy(log_group, closes))
        claim(rights, ["MLG-IDN-02"])
        self._function = InlineFunction(
            self,
            "Function",
            description="Closes default security groups, finds prefix lists, verifies isolation",
            source=resources.files(__package__).joinpath("provider", "handler.py").read_text("utf-8"),
            role=self._role,
            rights=rights,
            log_group=log_group,
            timeout=Duration.seconds(TIMEOUT_SECONDS),
        )

    def resource(
        self,
        scope: Construct,
        construct_id: str,
        *,
        kind: str,
        properties: Mapping[str, Any],
    ) -> CustomResource:
        """Create a custom resource that this function handles.

        Args:
            scope: The construct in whose scope to create it.
            construct_id: The id in that scope.
            kind: ``DefaultSecurityGroupClosed``, ``ManagedPrefixLists`` or ``IsolationVerified``.
            properties: What the function is told.
        """
        return CustomResource(
            scope,
            construct_id,
            service_token=self._function.function_arn,
            resource_type=f"Custom::{kind}",
            service_timeout=Duration.minutes(5),
            properties=properties,
        )


def _policy(log_group: logs.ILogGroup, closes: Sequence[str]) -> iam.PolicyDocument:
    statements: list[dict[str, Any]] = [
        write_own_log(log_group),
        {
            # These actions know no resource; see the service authorization reference of EC2.
            "Sid": "ReadNetwork",
            "Effect": "Allow",
            "Action": ["ec2:DescribeManagedPrefixLists", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups"],
            "Resource": "*",
        },
    ]
    if closes:
        statements.append(
            {
                "Sid": "CloseDefaultSecurityGroup",
                "Effect": "Allow",
                "Action": ["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
                "Resource": [aws_tokens().arn("ec2", f"security-group/{group_id}") for group_id in closes],
            }
        )
    return iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements})
