"""A serverless endpoint: no instances, and none of their protection."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import Size
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.grants import rights_of
from mlgov_constructs.identity.project import set_deployed_tags
from mlgov_constructs.serving.deployment_strategy import DeploymentStrategy
from mlgov_constructs.serving.endpoint_base import EndpointBase
from mlgov_constructs.serving.endpoint_properties import (
    ALARM_CONTROLS,
    endpoint_config_properties,
    endpoint_properties,
    error_alarm_properties,
)
from mlgov_constructs.serving.model import Model
from mlgov_constructs.serving.provisioned_concurrency import ProvisionedConcurrency
from mlgov_constructs.serving.rollback_rights import grant_rollback
from mlgov_constructs.serving.serverless_properties import (
    provisioned_policy_properties,
    provisioned_target_properties,
    serverless_variant_properties,
)

CONFIG_CONTROLS = ("MLG-SRV-07", "MLG-SRV-10", "MLG-SRV-14")
ENDPOINT_CONTROLS = ("MLG-SRV-09", "MLG-SRV-10")
INVOKE = ("sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream")
MEMORY_MIB = (1024, 2048, 3072, 4096, 5120, 6144)
MOST_CONCURRENCY = 200


@checked_arguments
class ServerlessEndpoint(EndpointBase):
    """A SageMaker endpoint without instances, for what may run outside the VPC.

    SageMaker gives serverless endpoints no VPC, no network isolation, no data capture and no key
    for their disks. So this endpoint refuses to be made until each of them is given up with a
    reason, which the template then carries: ``outside_vpc`` and ``outbound_network`` of the model,
    ``outside_vpc`` and ``no_data_capture`` here. An :class:`AsyncEndpoint` costs nothing while it
    is idle, too, and gives up none of them.

    It creates an endpoint configuration, an endpoint whose update goes back by an alarm on failed
    requests, and, where copies are kept ready, what scales them.

    Controls: ``MLG-SRV-09``, ``MLG-SRV-10``; of its alarm ``MLG-GOV-06``. It deviates from
    ``MLG-SRV-07`` and ``MLG-SRV-14``, its model from ``MLG-SRV-01`` and ``MLG-SRV-02``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        model: The model that answers, made with ``outside_vpc`` and ``outbound_network``.
        alarm_topic: Whom the alarm on failed requests tells; it must admit CloudWatch.
        outside_vpc: Why the endpoint may be outside the VPC.
        no_data_capture: Why nothing of requests and answers is kept.
        endpoint_name: A name; one made of the construct's path when omitted.
        memory: The memory of one copy, 1 to 6 GiB in steps of one; 2 GiB by default. Its
            processors follow the memory.
        max_concurrency: How many requests are answered at once, 1 to 200; 20 by default. More are
            refused, and nothing costs more than that many copies.
        provisioned: For how many requests a copy is kept ready; none by default.

    Raises:
        ConstructError: An argument cannot be used, or a reason is missing; the message says which.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html

    Cost:
        The milliseconds in which it works, by memory: with 2 GiB about 0.00004 USD a second; and
        what is provisioned, whether it is used or not. An alarm costs 0.10 USD a month.

    Example:
        ``docs/examples/serving_variants.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = tuple(sorted({*CONFIG_CONTROLS, *ENDPOINT_CONTROLS}))

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model: Model,
        alarm_topic: sns.ITopic,
        outside_vpc: Relaxation | None = None,
        no_data_capture: Relaxation | None = None,
        endpoint_name: str | None = None,
        memory: Size | None = None,
        max_concurrency: int = 20,
        provisioned: ProvisionedConcurrency | None = None,
    ) -> None:
        size = 2048 if memory is None else memory.to_mebibytes()
        _check_reasons(scope, construct_id, model, outside_vpc, no_data_capture)
        _check_size(scope, construct_id, size, max_concurrency, provisioned)
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
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            **endpoint_config_properties(
                project=self.project,
                kms_key_id=None,
                variant=serverless_variant_properties(
                    model_name=model.model_name,
                    memory_mib=size,
                    max_concurrency=max_concurrency,
                    provisioned=None if provisioned is None else provisioned.minimum,
                ),
            ),
        )
        claim(config, CONFIG_CONTROLS, {"MLG-SRV-07": no_data_capture, "MLG-SRV-14": outside_vpc})
        failures = cloudwatch.CfnAlarm(
            self,
            "ErrorAlarm",
            **error_alarm_properties(endpoint_name=self._name, actions=[alarm_topic.topic_arn]),
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
                # What an update may keep are instances and weights; here are none.
                scales=False,
            ),
        )
        claim(endpoint, ENDPOINT_CONTROLS)
        for resource in (config, endpoint):
            set_deployed_tags(resource, self.project)
        endpoint.node.add_dependency(rights_of(model.role), grant_rollback(self, model.role, [failures.attr_arn]))
        if provisioned is not None and provisioned.scales:
            self._scale(endpoint, provisioned)

    def metric_provisioned_utilization(self) -> cloudwatch.Metric:
        """Return which share of the provisioned concurrency is in use."""
        return self.metric("ServerlessProvisionedConcurrencyUtilization", statistic="Maximum")

    def metric_model_setup_time(self) -> cloudwatch.Metric:
        """Return how long new copies took to start, in microseconds."""
        return self.metric("ModelSetupTime", statistic="p99")

    def _scale(self, endpoint: sagemaker.CfnEndpoint, provisioned: ProvisionedConcurrency) -> None:
        name = endpoint.attr_endpoint_name
        target = appscaling.CfnScalableTarget(
            self, "ScalableTarget", **provisioned_target_properties(endpoint_name=name, provisioned=provisioned)
        )
        appscaling.CfnScalingPolicy(
            self,
            "ScalingPolicy",
            **provisioned_policy_properties(scaling_target_id=target.ref, provisioned=provisioned),
        )


def _check_reasons(
    scope: Construct,
    construct_id: str,
    model: Model,
    outside_vpc: Relaxation | None,
    no_data_capture: Relaxation | None,
) -> None:
    why = "a serverless endpoint takes no"
    if outside_vpc is None:
        problem, fix = f"{why} VPC", "Give outside_vpc=Relaxation(...), or use an AsyncEndpoint."
    elif no_data_capture is None:
        problem, fix = f"{why} data capture", "Give no_data_capture=Relaxation(...), or use an AsyncEndpoint."
    elif model.is_in_vpc:
        problem, fix = f"{why} VPC, and the model is in one", "Give the model outside_vpc=Relaxation(...)."
    elif model.is_isolated:
        problem, fix = f"{why} isolated model", "Give the model outbound_network=Relaxation(...)."
    elif model.is_multi_model:
        problem, fix = f"{why} model of many artifacts", "Use a model with one artifact, or a MultiModelEndpoint."
    else:
        return
    raise ConstructError(scope, construct_id, problem, fix)


def _check_size(
    scope: Construct,
    construct_id: str,
    memory_mib: float,
    max_concurrency: int,
    provisioned: ProvisionedConcurrency | None,
) -> None:
    if memory_mib not in MEMORY_MIB:
        raise ConstructError(
            scope, construct_id, f"memory of {memory_mib:g} MiB is no size", "Use 1, 2, 3, 4, 5 or 6 GiB."
        )
    if not 1 <= max_concurrency <= MOST_CONCURRENCY:
        raise ConstructError(
            scope,
            construct_id,
            f"max_concurrency {max_concurrency} is out of range",
            f"Use 1 to {MOST_CONCURRENCY}.",
        )
    if provisioned is not None and provisioned.most > max_concurrency:
        raise ConstructError(
            scope,
            construct_id,
            f"provisioned concurrency of {provisioned.most} is more than max_concurrency {max_concurrency}",
            "Raise max_concurrency.",
        )
