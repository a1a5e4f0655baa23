"""A small function of Python without dependencies, as the custom resources need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IDependable

RUNTIME = "python3.14"
HANDLER = "index.handler"
MEMORY_MIB = 256


class InlineFunction(Construct):
    """A Lambda function whose source stands in the template.

    It creates one ``AWS::Lambda::Function``. Nothing is uploaded, so the template works in an
    account that cannot read a bootstrap bucket. The source may use the standard library and the
    ``boto3`` of the runtime.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        description: What it is for.
        source: The source of the module, up to 4 MB; it defines ``handler(event, context)``.
        role: The role that it runs under.
        rights: What gives the role its rights: a custom resource may run as soon as the function
            exists, so the function waits for them.
        log_group: Where it logs, encrypted with a customer managed key.
        timeout: How long one run may take, up to 15 minutes.
        environment: Environment variables; no secrets.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-code.html

    Cost: next to nothing: it runs at deployment.

    Example:
        >>> from aws_cdk import App, Stack
        >>> stack = Stack(App(), "Stack")
        >>> role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
        >>> function = InlineFunction(
        ...     stack,
        ...     "Function",
        ...     description="Does nothing",
        ...     source="def handler(event, context): pass",
        ...     role=role,
        ...     rights=role,
        ...     log_group=logs.LogGroup(stack, "Log"),
        ...     timeout=Duration.minutes(1),
        ... )
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        source: str,
        role: iam.IRole,
        rights: IDependable,
        log_group: logs.ILogGroup,
        timeout: Duration,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        function = lambda_.CfnFunction(
            self,
            "Default",
            description=description,
            code={"zipFile": source},
            handler=HANDLER,
            runtime=RUNTIME,
            role=role.role_arn,
            timeout=timeout.to_seconds(),
            memory_size=MEMORY_MIB,
            logging_config={"logGroup": log_group.log_group_name},
            environment={"variables": dict(environment)} if environment else None,
        )
        function.node.add_dependency(rights)
        self.function_arn: str = function.attr_arn
        self.function_name: str = function.ref


def write_own_log(log_group: logs.ILogGroup) -> dict[str, Any]:
    """Return the policy statement that lets a function write its log.

    Args:
        log_group: The log group of the function.
    """
    return {
        "Sid": "WriteOwnLog",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": log_group.log_group_arn,
    }
