"""A real-time endpoint that survives a zone, a bad version and a busy day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import Duration
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_cloudwatch as cloudwatch
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
from mlgov_constructs.serving.data_capture import DataCapture
from mlgov_constructs.serving.deployment_strategy import DeploymentStrategy
from mlgov_constructs.serving.endpoint_base import EndpointBase
from mlgov_constructs.serving.endpoint_checks import (
    check_alarm_topic,
    check_capacity,
    check_capture,
    check_deployment,
    check_shadow,
    check_zones,
)
from mlgov_constructs.serving.endpoint_properties import (
    ALARM_CONTROLS,
    CONFIG_CONTROLS,
    ENDPOINT_CONTROLS,
    SHADOW,
    endpoint_config_properties,
    endpoint_properties,
    error_alarm_properties,
    latency_alarm_properties,
    scalable_target_properties,
    scaling_policy_properties,
    variant_properties,
)
from mlgov_constructs.serving.endpoint_scaling import EndpointScaling
from mlgov_constructs.serving.instance_types import INSTANCE_TYPES, check_instance_type
from mlgov_constructs.serving.model import Model
from mlgov_constructs.serving.rollback_rights import grant_rollback
from mlgov_constructs.serving.shadow_variant import ShadowVariant

INVOKE = ("sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream")


@checked_arguments
class RealTimeEndpoint(EndpointBase):
    """A SageMaker endpoint that satisfies every published control.

    It creates an endpoint configuration, an endpoint, the target and the policy of its scaling,
    and the alarm that guards its updates: two instances or more over the zones of the VPC, volumes
    with a customer managed key, requests and answers captured, the number of instances after the
    load, and updates that try one instance first and go back by themselves when requests fail.

    Each change makes a new endpoint configuration, to which CloudFormation updates the endpoint.

    Controls: ``MLG-SRV-05`` to ``MLG-SRV-10``, which cover Security Hub SageMaker.4; of its alarms
    ``MLG-GOV-06``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        model: The model that answers.
        encryption_key: The key of the volumes.
        data_capture: Where requests and answers are kept.
        endpoint_name: A name; one made of the construct's path when omitted.
        instance_type: The type, ``ml.m5.large`` by default.
        allowed_instance_types: The types that may be used; a list of common ones by default.
        instance_count: How many instances at the start, and at least; 2 by default.
        scaling: How their number follows the load; up to twice ``instance_count`` by default.
        shadow: A model that sees the same requests.
        deployment: How traffic moves in an update; one instance first by default.
        rollback_alarms: What brings traffic back; an alarm on failed requests when omitted.
        maximum_latency: What one answer in a hundred may take; an alarm brings traffic back.
        alarm_topic: Whom the endpoint's own alarms tell; it must admit CloudWatch, as
            ``EncryptedTopic.allow_publish("cloudwatch")`` lets it.
        single_instance: Run one instance only, for a sandbox.
        fixed_capacity: Do not scale.
        local_storage: Use instances whose disks take no key.
        no_data_capture: Keep nothing of requests and answers.
        no_rollback: Update without an alarm that brings traffic back.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html

    Cost:
        Two ``ml.m5.large`` cost about 168 USD a month; an update runs both fleets while it lasts.
        Captured data is stored; an alarm costs 0.10 USD a month.

    Example:
        ``docs/examples/serving.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = tuple(sorted({*CONFIG_CONTROLS, *ENDPOINT_CONTROLS}))

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model: Model,
        encryption_key: kms.IKey,
        data_capture: DataCapture | None = None,
        endpoint_name: str | None = None,
        instance_type: str = "ml.m5.large",
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        instance_count: int = 2,
        scaling: EndpointScaling | None = None,
        shadow: ShadowVariant | None = None,
        deployment: DeploymentStrategy | None = None,
        rollback_alarms: Sequence[cloudwatch.IAlarm] | None = None,
        maximum_latency: Duration | None = None,
        alarm_topic: sns.ITopic | None = None,
        single_instance: Relaxation | None = None,
        fixed_capacity: Relaxation | None = None,
        local_storage: Relaxation | None = None,
        no_data_capture: Relaxation | None = None,
        no_rollback: Relaxation | None = None,
    ) -> None:
        scaling = scaling or EndpointScaling()
        strategy = deployment or _default_deployment(instance_count, no_rollback)
        types = {instance_type, *([shadow.instance_type] if shadow and shadow.instance_type else [])}
        for each in sorted(types):
            check_instance_type(
                scope,
                construct_id,
                each,
                allowed_instance_types,
                local_storage=local_storage,
                scales=fixed_capacity is None,
            )
        check_zones(scope, construct_id, model)
        check_capacity(scope, construct_id, instance_count, scaling, single_instance)
        check_capture(scope, construct_id, data_capture, no_data_capture)
        check_deployment(
            scope,
            construct_id,
            strategy,
            instance_count=instance_count,
            rollback_alarms=rollback_alarms,
            no_rollback=no_rollback,
        )
        makes_alarms = no_rollback is None and (rollback_alarms is None or maximum_latency is not None)
        check_alarm_topic(scope, construct_id, alarm_topic if makes_alarms else None, needed=makes_alarms)
        check_shadow(scope, construct_id, model, shadow, single_instance)
        if maximum_latency is not None and maximum_latency.to_milliseconds() <= 0:
            raise ConstructError(
                scope, construct_id, "no answer takes maximum_latency of 0", "Use a millisecond or more."
            )
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
        self.has_shadow = shadow is not None
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            **endpoint_config_properties(
                project=self.project,
                kms_key_id=None if any(has_local_storage(each) for each in types) else encryption_key.key_arn,
                variant=variant_properties(
                    model_name=model.model_name, instance_type=instance_type, instance_count=instance_count
                ),
                shadow=None
                if shadow is None
                else variant_properties(
                    name=SHADOW,
                    model_name=shadow.model.model_name,
                    instance_type=shadow.instance_type or instance_type,
                    instance_count=shadow.instance_count or instance_count,
                    weight=shadow.percentage / 100,
                ),
                capture=None if data_capture is None else self._capture(data_capture),
            ),
        )
        claim(
            config,
            CONFIG_CONTROLS,
            {
                "MLG-SRV-05": local_storage if any(has_local_storage(each) for each in types) else None,
                "MLG-SRV-06": single_instance if 1 in (instance_count, shadow and shadow.instance_count) else None,
                "MLG-SRV-07": no_data_capture,
            },
        )
        alarms, alarm_arns = self._alarms(rollback_alarms, maximum_latency, alarm_topic, no_rollback)
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Resource",
            **endpoint_properties(
                project=self.project,
                endpoint_name=self._name,
                endpoint_config_name=config.attr_endpoint_config_name,
                update_policy=strategy.to_properties(),
                alarm_names=alarms,
                scales=fixed_capacity is None,
            ),
        )
        claim(endpoint, ENDPOINT_CONTROLS, {"MLG-SRV-08": fixed_capacity, "MLG-SRV-09": no_rollback})
        for resource in (config, endpoint):
            set_deployed_tags(resource, self.project)
        # Instances start with the rights that the role has then.
        endpoint.node.add_dependency(rights_of(model.role), grant_rollback(self, model.role, alarm_arns))
        if fixed_capacity is None:
            self._scale(endpoint, scaling, instance_count)

    def _alarms(
        self,
        given: Sequence[cloudwatch.IAlarm] | None,
        maximum_latency: Duration | None,
        topic: sns.ITopic | None,
        no_rollback: Relaxation | None,
    ) -> tuple[list[str], list[str]]:
        """Return the names and the ARNs of the alarms that bring traffic back."""
        if no_rollback is not None:
            return [], []
        actions = [topic.topic_arn] if topic else []
        own: list[cloudwatch.CfnAlarm] = []
        if given is None:
            errors = error_alarm_properties(endpoint_name=self._name, actions=actions)
            own.append(cloudwatch.CfnAlarm(self, "ErrorAlarm", **errors))
        if maximum_latency is not None:
            limit = maximum_latency.to_milliseconds()
            slow = latency_alarm_properties(endpoint_name=self._name, milliseconds=limit, actions=actions)
            own.append(cloudwatch.CfnAlarm(self, "LatencyAlarm", **slow))
        for alarm in own:
            claim(alarm, ALARM_CONTROLS)
        names = [*(alarm.alarm_name for alarm in given or ()), *(alarm.ref for alarm in own)]
        arns = [*(alarm.alarm_arn for alarm in given or ()), *(alarm.attr_arn for alarm in own)]
        return names, arns

    def _scale(self, endpoint: sagemaker.CfnEndpoint, scaling: EndpointScaling, instance_count: int) -> None:
        limits = scalable_target_properties(
            endpoint_name=endpoint.attr_endpoint_name,
            min_capacity=instance_count,
            max_capacity=scaling.max_capacity or 2 * instance_count,
            schedule=scaling.schedule,
        )
        target = appscaling.CfnScalableTarget(self, "ScalableTarget", **limits)
        appscaling.CfnScalingPolicy(
            self,
            "ScalingPolicy",
            **scaling_policy_properties(
                scaling_target_id=target.ref,
                policy_name="requests",
                target=scaling.invocations_per_instance,
                scale_in_seconds=(scaling.scale_in_cooldown or Duration.minutes(5)).to_seconds(),
                scale_out_seconds=(scaling.scale_out_cooldown or Duration.minutes(1)).to_seconds(),
            ),
        )


def _default_deployment(instance_count: int, no_rollback: Relaxation | None) -> DeploymentStrategy:
    watched = instance_count > 1 and no_rollback is None
    return DeploymentStrategy.canary(instances=1) if watched else DeploymentStrategy.all_at_once()
