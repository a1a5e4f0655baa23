"""An asynchronous endpoint: long requests in a queue, and no instance while it is empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.grants import rights_of
from mlgov_constructs.identity.project import set_deployed_tags
from mlgov_constructs.instance_types import has_local_storage
from mlgov_constructs.serving.async_properties import (
    FAILURES,
    WAITING,
    async_properties,
    backlog_policy_properties,
    queue_alarm_properties,
    queue_target_properties,
    wake_policy_properties,
)
from mlgov_constructs.serving.async_results import AsyncResults
from mlgov_constructs.serving.deployment_strategy import DeploymentStrategy
from mlgov_constructs.serving.endpoint_base import EndpointBase
from mlgov_constructs.serving.endpoint_checks import check_zones
from mlgov_constructs.serving.endpoint_properties import (
    ALARM_CONTROLS,
    ENDPOINT_CONTROLS,
    endpoint_config_properties,
    endpoint_properties,
    variant_properties,
)
from mlgov_constructs.serving.instance_types import INSTANCE_TYPES, check_instance_type
from mlgov_constructs.serving.model import Model
from mlgov_constructs.serving.rollback_rights import grant_rollback

CONFIG_CONTROLS = ("MLG-SRV-05", "MLG-SRV-06", "MLG-SRV-10", "MLG-SRV-11")
INVOKE = ("sagemaker:InvokeEndpointAsync",)
MOST_CONCURRENCY = 1000
QUEUED = Relaxation("Requests wait in a queue of SageMaker while no instance runs, so the loss of one loses none")


@checked_arguments
class AsyncEndpoint(EndpointBase):
    """A SageMaker endpoint that takes requests of up to 1 GB and an hour, and costs nothing while it is idle.

    It creates an endpoint configuration with its results encrypted by the bucket's key, an
    endpoint, and what scales it: from zero by an alarm on requests that wait without an instance,
    then by the length of the queue, and back to zero. An update goes back by an alarm on failed
    requests. One instance is enough, because requests wait; the deviation from ``MLG-SRV-06`` is
    recorded with that reason.

    Controls: ``MLG-SRV-05``, ``MLG-SRV-08`` to ``MLG-SRV-11``; of its alarms ``MLG-GOV-06``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        model: The model that answers.
        encryption_key: The key of the volumes.
        results: Where requests and results lie.
        alarm_topic: Whom the alarm on failed requests tells; it must admit CloudWatch.
        endpoint_name: A name; one made of the construct's path when omitted.
        instance_type: The type, ``ml.m5.large`` by default.
        allowed_instance_types: The types that may be used; a list of common ones by default.
        max_capacity: The most instances; 2 by default.
        backlog_per_instance: Waiting requests that one instance should have; 5 by default.
        concurrency: How many requests one instance works on at once, 1 to 1,000; SageMaker chooses when
            omitted.
        one_instance: Why one instance is enough.
        local_storage: Use instances whose disks take no key.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html

    Cost:
        The hours of its instances while the queue is not empty and some minutes after.

    Example:
        ``AsyncEndpoint(stack, "Scoring", model=model, encryption_key=key, results=AsyncResults(bucket), ...)``
    """

    CONTROLS: ClassVar[tuple[str, ...]] = tuple(sorted({*CONFIG_CONTROLS, *ENDPOINT_CONTROLS}))

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model: Model,
        encryption_key: kms.IKey,
        results: AsyncResults,
        alarm_topic: sns.ITopic,
        endpoint_name: str | None = None,
        instance_type: str = "ml.m5.large",
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        max_capacity: int = 2,
        backlog_per_instance: float = 5,
        concurrency: int | None = None,
        one_instance: Relaxation = QUEUED,
        local_storage: Relaxation | None = None,
    ) -> None:
        check_instance_type(
            scope, construct_id, instance_type, allowed_instance_types, local_storage=local_storage, scales=True
        )
        check_zones(scope, construct_id, model)
        _check_numbers(scope, construct_id, max_capacity, backlog_per_instance, concurrency)
        super().__init__(
            scope,
            construct_id,
            project=model.project,
            role=model.role,
            connections=model.connections,
            endpoint_name=endpoint_name,
            invoke_actions=INVOKE,
        )
        self.model = model
        self.results = results
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            **endpoint_config_properties(
                project=self.project,
                kms_key_id=None if has_local_storage(instance_type) else encryption_key.key_arn,
                variant=variant_properties(model_name=model.model_name, instance_type=instance_type, instance_count=1),
                asynchronous=self._asynchronous(concurrency),
            ),
        )
        keyless = local_storage if has_local_storage(instance_type) else None
        claim(config, CONFIG_CONTROLS, {"MLG-SRV-05": keyless, "MLG-SRV-06": one_instance})
        failures = cloudwatch.CfnAlarm(
            self,
            "ErrorAlarm",
            **queue_alarm_properties(
                endpoint_name=self._name,
                metric_name=FAILURES,
                description=f"Requests to the endpoint {self._name} fail",
                actions=[alarm_topic.topic_arn],
            ),
        )
        claim(failures, ALARM_CONTROLS)
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Resource",
            **endpoint_properties(
                project=self.project,
                endpoint_name=self._name,
                endpoint_config_name=config.attr_endpoint_config_name,
                update_policy=DeploymentStrategy.all_at_once().to_properties(),
                alarm_names=[failures.ref],
                # An update starts with one instance, though the queue may have been empty.
                scales=False,
            ),
        )
        claim(endpoint, ENDPOINT_CONTROLS)
        for resource in (config, endpoint):
            set_deployed_tags(resource, self.project)
        endpoint.node.add_dependency(rights_of(model.role), grant_rollback(self, model.role, [failures.attr_arn]))
        self._scale(endpoint, max_capacity, backlog_per_instance)

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a principal put requests under ``input``, ask the endpoint, and read what came of them.

        Args:
            grantee: The principal.
        """
        prefix = self.results.prefix_of(self.project)
        self.results.bucket.grant_put(grantee, f"{prefix}/input/*")
        for part in ("output", "failures"):
            self.results.bucket.grant_read(grantee, f"{prefix}/{part}/*")
        return super().grant_invoke(grantee)

    def metric_backlog(self) -> cloudwatch.Metric:
        """Return how many requests wait."""
        return cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name="ApproximateBacklogSize",
            dimensions_map={"EndpointName": self._name},
            statistic="Average",
        )

    def _asynchronous(self, concurrency: int | None) -> dict[str, object]:
        bucket, prefix, role = self.results.bucket, self.results.prefix_of(self.project), self.model.role
        key = bucket.encryption_key
        assert key is not None  # noqa: S101 - AsyncResults demands it
        bucket.grant_read(role, f"{prefix}/input/*")
        for part in ("output", "failures"):
            bucket.grant_put(role, f"{prefix}/{part}/*")
        success, error = self.results.success_topic, self.results.error_topic
        for topic in (success, error):
            if topic is not None:
                topic.grant_publish(role)
        return async_properties(
            place=f"s3://{bucket.bucket_name}/{prefix}",
            kms_key_id=key.key_arn,
            success_topic=success.topic_arn if success else None,
            error_topic=error.topic_arn if error else None,
            concurrency=concurrency,
        )

    def _scale(self, endpoint: sagemaker.CfnEndpoint, max_capacity: int, backlog: float) -> None:
        name = endpoint.attr_endpoint_name
        limits = queue_target_properties(endpoint_name=name, max_capacity=max_capacity)
        target = appscaling.CfnScalableTarget(self, "ScalableTarget", **limits)
        appscaling.CfnScalingPolicy(
            self,
            "ScalingPolicy",
            **backlog_policy_properties(endpoint_name=name, scaling_target_id=target.ref, target=backlog),
        )
        wake = appscaling.CfnScalingPolicy(self, "WakePolicy", **wake_policy_properties(scaling_target_id=target.ref))
        waiting = cloudwatch.CfnAlarm(
            self,
            "WaitingAlarm",
            **queue_alarm_properties(
                endpoint_name=name,
                metric_name=WAITING,
                description=f"Requests to the endpoint {self._name} wait, and no instance runs",
                actions=[wake.ref],
            ),
        )
        claim(waiting, ALARM_CONTROLS)


def _check_numbers(
    scope: Construct, construct_id: str, max_capacity: int, backlog: float, concurrency: int | None
) -> None:
    if max_capacity < 1:
        raise ConstructError(scope, construct_id, f"max_capacity {max_capacity} serves nobody", "Use 1 or more.")
    if backlog <= 0:
        raise ConstructError(scope, construct_id, f"backlog_per_instance {backlog:g} is not positive", "Use 1 or more.")
    if concurrency is not None and not 1 <= concurrency <= MOST_CONCURRENCY:
        raise ConstructError(
            scope, construct_id, f"concurrency {concurrency} is out of range", f"Use 1 to {MOST_CONCURRENCY}."
        )
