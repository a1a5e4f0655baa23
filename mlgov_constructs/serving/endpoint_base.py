"""What every endpoint offers to whoever calls and watches it."""

from __future__ import annotations

import re
from typing import Any

import jsii
from aws_cdk import Duration, Names, Resource, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.grants import give, statement
from mlgov_constructs.serving.data_capture import DataCapture
from mlgov_constructs.serving.endpoint_properties import NAMESPACE, VARIANT, capture_properties

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


@jsii.implements(iam.IGrantable, ec2.IConnectable)
class EndpointBase(Resource):
    """An endpoint with a name that is known before it exists, its grants and its metrics.

    The name is needed first: the alarms that guard the endpoint's update watch it by name.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        project: The project that it belongs to.
        role: The role of the containers.
        connections: The security groups of the containers.
        endpoint_name: A name; one made of the construct's path when omitted.
        invoke_actions: The actions that callers need.

    Raises:
        ConstructError: The name is none.

    Example:
        :class:`RealTimeEndpoint` is one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        project: str,
        role: iam.IRole,
        connections: ec2.Connections,
        endpoint_name: str | None,
        invoke_actions: tuple[str, ...],
    ) -> None:
        if endpoint_name is not None and not Token.is_unresolved(endpoint_name) and not NAME.fullmatch(endpoint_name):
            raise ConstructError(
                scope,
                construct_id,
                f"endpoint_name {endpoint_name!r} is no name of an endpoint",
                "Use up to 63 letters, digits and hyphens.",
            )
        super().__init__(scope, construct_id)
        self.project = project
        self.role = role
        self.data_capture: DataCapture | None = None
        self.connections = connections
        self._name = endpoint_name or Names.unique_resource_name(self, max_length=63, separator="-")
        self._invoke_actions = list(invoke_actions)

    @property
    def endpoint_name(self) -> str:
        """The name of the endpoint."""
        return self._name

    @property
    def endpoint_arn(self) -> str:
        """The ARN of the endpoint; SageMaker writes the name in lower case there."""
        name = self._name if Token.is_unresolved(self._name) else self._name.lower()
        return aws_tokens().arn("sagemaker", f"endpoint/{name}")

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role of the containers, so that ``bucket.grant_read(endpoint)`` works."""
        return self.role

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a principal ask this endpoint for predictions.

        Args:
            grantee: The principal.
        """
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=self._invoke_actions, resource_arns=[self.endpoint_arn]
        )

    def metric(
        self, metric_name: str, *, statistic: str = "Sum", period: Duration | None = None, namespace: str = NAMESPACE
    ) -> cloudwatch.Metric:
        """Return a metric of the endpoint.

        Args:
            metric_name: The name, for example ``Invocations``.
            statistic: The statistic; the sum by default.
            period: The period; 5 minutes by default.
            namespace: ``AWS/SageMaker``, or ``/aws/sagemaker/Endpoints`` for what instances use.
        """
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=metric_name,
            dimensions_map={"EndpointName": self._name, "VariantName": VARIANT},
            statistic=statistic,
            period=period,
        )

    def metric_invocations(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many requests came.

        Args:
            period: The period; 5 minutes by default.
        """
        return self.metric("Invocations", period=period)

    def metric_invocation_4xx_errors(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many requests were the caller's mistake.

        Args:
            period: The period; 5 minutes by default.
        """
        return self.metric("Invocation4XXErrors", period=period)

    def metric_invocation_5xx_errors(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many requests failed.

        Args:
            period: The period; 5 minutes by default.
        """
        return self.metric("Invocation5XXErrors", period=period)

    def metric_model_latency(self, *, statistic: str = "p99", period: Duration | None = None) -> cloudwatch.Metric:
        """Return how long the model takes, in microseconds.

        Args:
            statistic: The statistic; one answer in a hundred is slower by default.
            period: The period; 5 minutes by default.
        """
        return self.metric("ModelLatency", statistic=statistic, period=period)

    def metric_cpu_utilization(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how busy the processors are, in percent of one of them.

        Args:
            period: The period; 5 minutes by default.
        """
        return self.metric("CPUUtilization", statistic="Average", period=period, namespace="/aws/sagemaker/Endpoints")

    def _capture(self, capture: DataCapture) -> dict[str, Any]:
        prefix, key = capture.prefix_of(self.project), capture.bucket.encryption_key
        assert key is not None  # noqa: S101 - DataCapture demands it
        write = statement(["s3:AbortMultipartUpload", "s3:PutObject"], capture.bucket.arn_for_objects(f"{prefix}/*"))
        give(self.role, [write, statement(["kms:Decrypt", "kms:GenerateDataKey"], key.key_arn)])
        self.data_capture = capture
        return capture_properties(
            destination=f"s3://{capture.bucket.bucket_name}/{prefix}",
            kms_key_id=key.key_arn,
            percentage=capture.percentage,
            answers=capture.answers,
        )
