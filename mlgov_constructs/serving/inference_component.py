"""A model that shares the instances of an endpoint with others."""

from __future__ import annotations

import re
from typing import ClassVar

from aws_cdk import CfnTag, Duration, Names, Resource, Token
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.identity.project import set_own_tags
from mlgov_constructs.serving.component_endpoint import INVOKE, ComponentEndpoint
from mlgov_constructs.serving.component_properties import (
    DIMENSION,
    component_alarm_properties,
    rolling_update_properties,
    specification_properties,
)
from mlgov_constructs.serving.component_resources import ComponentResources
from mlgov_constructs.serving.endpoint_properties import (
    ALARM_CONTROLS,
    NAMESPACE,
    VARIANT,
    scalable_target_properties,
    scaling_policy_properties,
)
from mlgov_constructs.serving.endpoint_scaling import EndpointScaling
from mlgov_constructs.serving.model import Model
from mlgov_constructs.serving.rollback_rights import grant_rollback

CONTROLS = ("MLG-SRV-10", "MLG-SRV-16", "MLG-SRV-18")
NAME = re.compile(r"[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
LONGEST_WAIT = 3600


@checked_arguments
class InferenceComponent(Resource):
    """Copies of one model on the instances of a :class:`ComponentEndpoint`.

    It creates a ``AWS::SageMaker::InferenceComponent`` with what one copy takes, the target and the
    policy that add and remove copies after the load, and the alarm on failed requests that brings
    the old copies back when an update is bad. An update replaces half of the copies at a time.

    Controls: ``MLG-SRV-10`` (project), ``MLG-SRV-16`` (bad updates go back), ``MLG-SRV-18`` (two
    copies); of its alarm ``MLG-GOV-06``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        endpoint: The endpoint whose instances it uses.
        model: The model, of the endpoint's project and role.
        resources: What one copy takes of its instance.
        alarm_topic: Whom the alarm on failed requests tells; it must admit CloudWatch.
        component_name: A name; one made of the construct's path when omitted.
        copies: How many copies at the start, and at least; 2 by default.
        scaling: How their number follows the load, with limits in copies and requests a copy; up
            to twice ``copies`` by default.
        bake_time: How long the alarm watches each step of an update; 5 minutes by default.
        single_copy: Run one copy only, for a sandbox.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-inferencecomponent.html

    Cost: none beside the instances of its endpoint; an alarm costs 0.10 USD a month.

    Example:
        ``docs/examples/serving_variants.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint: ComponentEndpoint,
        model: Model,
        resources: ComponentResources,
        alarm_topic: sns.ITopic,
        component_name: str | None = None,
        copies: int = 2,
        scaling: EndpointScaling | None = None,
        bake_time: Duration | None = None,
        single_copy: Relaxation | None = None,
    ) -> None:
        scaling = scaling or EndpointScaling()
        wait = 300 if bake_time is None else bake_time.to_seconds()
        _check_model(scope, construct_id, endpoint, model)
        _check_copies(scope, construct_id, copies, scaling, single_copy)
        _check_wait(scope, construct_id, wait)
        _check_name(scope, construct_id, component_name)
        super().__init__(scope, construct_id)
        self.endpoint = endpoint
        self.model = model
        self.project = model.project
        self._name = component_name or Names.unique_resource_name(self, max_length=63, separator="-")
        alarm = cloudwatch.CfnAlarm(
            self,
            "ErrorAlarm",
            **component_alarm_properties(
                endpoint_name=endpoint.endpoint_name, component_name=self._name, actions=[alarm_topic.topic_arn]
            ),
        )
        claim(alarm, ALARM_CONTROLS)
        component = sagemaker.CfnInferenceComponent(
            self,
            "Resource",
            inference_component_name=self._name,
            endpoint_name=endpoint.deployed_name,
            variant_name=VARIANT,
            specification=specification_properties(model_name=model.model_name, resources=resources),
            runtime_config={"copyCount": copies},
            deployment_config=rolling_update_properties(alarm_names=[alarm.ref], wait_seconds=wait),
            tags=[CfnTag(key=PROJECT_TAG, value=self.project)],
        )
        claim(component, self.CONTROLS, {"MLG-SRV-18": single_copy if copies == 1 else None})
        set_own_tags(component, {PROJECT_TAG: self.project})
        component.node.add_dependency(grant_rollback(self, endpoint.role, [alarm.attr_arn]))
        self._component = component
        self._scale(scaling, copies)

    @property
    def component_name(self) -> str:
        """The name of the component, which callers give as ``InferenceComponentName``."""
        return self._name

    @property
    def component_arn(self) -> str:
        """The ARN of the component; SageMaker writes the name in lower case there."""
        name = self._name if Token.is_unresolved(self._name) else self._name.lower()
        return aws_tokens().arn("sagemaker", f"inference-component/{name}")

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a principal ask this component for predictions, and no other of its endpoint.

        Args:
            grantee: The principal.
        """
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=list(INVOKE), resource_arns=[self.endpoint.endpoint_arn, self.component_arn]
        )

    def metric(self, metric_name: str, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Return a metric of the component.

        Args:
            metric_name: The name, for example ``Invocations``.
            statistic: The statistic; the sum by default.
            period: The period; 5 minutes by default.
        """
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=metric_name,
            dimensions_map={"InferenceComponentName": self._name},
            statistic=statistic,
            period=period,
        )

    def _scale(self, scaling: EndpointScaling, copies: int) -> None:
        limits = scalable_target_properties(
            endpoint_name=self.endpoint.endpoint_name,
            min_capacity=copies,
            max_capacity=scaling.max_capacity or 2 * copies,
            schedule=scaling.schedule,
        )
        scaled = {"resource_id": f"inference-component/{self._name}", "scalable_dimension": DIMENSION}
        target = appscaling.CfnScalableTarget(self, "ScalableTarget", **{**limits, **scaled})
        # The name is written into the template, so nothing else says that the component comes first.
        target.node.add_dependency(self._component)
        policy = scaling_policy_properties(
            scaling_target_id=target.ref,
            policy_name="requests",
            target=scaling.invocations_per_instance,
            scale_in_seconds=(scaling.scale_in_cooldown or Duration.minutes(5)).to_seconds(),
            scale_out_seconds=(scaling.scale_out_cooldown or Duration.minutes(1)).to_seconds(),
            metric="SageMakerInferenceComponentInvocationsPerCopy",
        )
        appscaling.CfnScalingPolicy(self, "ScalingPolicy", **policy)


def _check_model(scope: Construct, construct_id: str, endpoint: ComponentEndpoint, model: Model) -> None:
    if model.project != endpoint.project:
        raise ConstructError(
            scope,
            construct_id,
            f"the model is of project {model.project!r}, the endpoint of {endpoint.project!r}",
            "Use a model of the same project: components share instances.",
        )
    if model.role is not endpoint.role:
        raise ConstructError(
            scope,
            construct_id,
            "the model has another role than the endpoint, under which its container would run",
            "Give model and endpoint the same role.",
        )
    if model.is_multi_model:
        raise ConstructError(
            scope,
            construct_id,
            "the model has many artifacts",
            "Use a model with one, and a component for each; or a MultiModelEndpoint.",
        )


def _check_copies(
    scope: Construct, construct_id: str, copies: int, scaling: EndpointScaling, single_copy: Relaxation | None
) -> None:
    fewest = min(copies, copies if scaling.lowest is None else scaling.lowest)
    if fewest < 1:
        raise ConstructError(scope, construct_id, f"{fewest} copies serve nobody", "Use 2 or more.")
    if fewest == 1 and single_copy is None:
        raise ConstructError(
            scope,
            construct_id,
            "one copy alone fails with its instance and with every update",
            "Use 2 or more, or give single_copy=Relaxation(...).",
        )
    if scaling.max_capacity is not None and scaling.max_capacity < copies:
        raise ConstructError(
            scope,
            construct_id,
            f"max_capacity {scaling.max_capacity} of the scaling is below copies {copies}",
            "Raise max_capacity.",
        )
    most = scaling.max_capacity or 2 * copies
    if (demanded := scaling.unreachable(most)) is not None:
        raise ConstructError(
            scope,
            construct_id,
            f"a schedule demands {demanded} copies, more than max_capacity {most} allows",
            "Raise max_capacity of the scaling, or give the schedule one.",
        )


def _check_wait(scope: Construct, construct_id: str, wait: float) -> None:
    if not Token.is_unresolved(wait) and not 0 <= wait <= LONGEST_WAIT:
        raise ConstructError(scope, construct_id, f"bake_time of {wait:g} seconds is too long", "Use up to an hour.")


def _check_name(scope: Construct, construct_id: str, name: str | None) -> None:
    if name is not None and not Token.is_unresolved(name) and not NAME.fullmatch(name):
        raise ConstructError(
            scope,
            construct_id,
            f"component_name {name!r} is no name of a component",
            "Use up to 63 letters, digits and hyphens.",
        )
