"""What must be right before an endpoint is made."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.serving.data_capture import DataCapture
from mlgov_constructs.serving.deployment_strategy import DeploymentStrategy
from mlgov_constructs.serving.endpoint_scaling import EndpointScaling
from mlgov_constructs.serving.model import Model
from mlgov_constructs.serving.shadow_variant import ShadowVariant

MOST_ALARMS = 10


def check_zones(scope: Construct, construct_id: str, model: Model) -> None:
    """Raise when the model's VPC has one subnet only, so that all instances stand in one zone.

    Args:
        scope: The parent of the endpoint.
        construct_id: Its id.
        model: The model.

    Raises:
        ConstructError: There is one subnet, or none.
    """
    check_subnets(scope, construct_id, len(model.vpc.isolated_subnets))


def check_subnets(scope: Construct, construct_id: str, found: int) -> None:
    """Raise when there is one subnet only.

    Args:
        scope: The parent of the endpoint.
        construct_id: Its id.
        found: How many subnets there are.

    Raises:
        ConstructError: There is one subnet, or none.
    """
    if found < 2:
        raise ConstructError(
            scope,
            construct_id,
            f"the VPC of the model has {found} isolated subnet, so all instances would stand in one zone",
            "Give the VPC isolated subnets in two availability zones or more.",
        )


def check_capacity(
    scope: Construct,
    construct_id: str,
    instance_count: int,
    scaling: EndpointScaling,
    single_instance: Relaxation | None,
) -> None:
    """Raise when there are too few instances, or when the limits of the scaling contradict each other.

    Args:
        scope: The parent of the endpoint.
        construct_id: Its id.
        instance_count: How many instances at least.
        scaling: The scaling.
        single_instance: The permission to run one instance.

    Raises:
        ConstructError: The numbers cannot be used.
    """
    fewest = min(instance_count, scaling.lowest if scaling.lowest is not None else instance_count)
    if fewest < 1:
        raise ConstructError(scope, construct_id, f"{fewest} instances serve nobody", "Use 2 or more.")
    if fewest == 1 and single_instance is None:
        raise ConstructError(
            scope,
            construct_id,
            "one instance alone fails with its zone and with every restart (SageMaker.4)",
            "Use 2 or more, or give single_instance=Relaxation(...) in a sandbox.",
        )
    most = scaling.max_capacity
    if most is not None and most < instance_count:
        raise ConstructError(
            scope,
            construct_id,
            f"max_capacity {most} of the scaling is below instance_count {instance_count}",
            "Raise max_capacity.",
        )
    if (demanded := scaling.unreachable(most or 2 * instance_count)) is not None:
        raise ConstructError(
            scope,
            construct_id,
            f"a schedule demands {demanded} instances, more than max_capacity {most or 2 * instance_count} allows",
            "Raise max_capacity of the scaling, or give the schedule one.",
        )


def check_capture(
    scope: Construct, construct_id: str, data_capture: DataCapture | None, no_data_capture: Relaxation | None
) -> None:
    """Raise unless data is captured or there is a reason why not.

    Args:
        scope: The parent of the endpoint.
        construct_id: Its id.
        data_capture: Where it is captured.
        no_data_capture: Why not.

    Raises:
        ConstructError: Both are given, or neither is.
    """
    if (data_capture is None) == (no_data_capture is None):
        raise ConstructError(
            scope,
            construct_id,
            "nothing says where requests and answers are captured"
            if data_capture is None
            else "data_capture is given, and no_data_capture says that nothing is captured",
            "Give data_capture=DataCapture(bucket), or no_data_capture=Relaxation(...).",
        )


def check_deployment(
    scope: Construct,
    construct_id: str,
    strategy: DeploymentStrategy,
    *,
    instance_count: int,
    rollback_alarms: Sequence[cloudwatch.IAlarm] | None,
    no_rollback: Relaxation | None,
) -> None:
    """Raise when nothing watches an update, or when it has no instances to try first.

    Args:
        scope: The parent of the endpoint.
        construct_id: Its id.
        strategy: How traffic moves.
        instance_count: How many instances there are.
        rollback_alarms: What brings it back; the endpoint's own alarm when omitted.
        no_rollback: The permission to have none.

    Raises:
        ConstructError: The update cannot be done so.
    """
    if no_rollback is not None:
        if strategy.needs_alarm:
            raise ConstructError(
                scope,
                construct_id,
                f"a {strategy.kind.lower()} deployment without an alarm would go on whatever happens",
                "Leave no_rollback out, or use DeploymentStrategy.all_at_once().",
            )
        return
    if rollback_alarms is not None and not 1 <= len(rollback_alarms) < MOST_ALARMS:
        raise ConstructError(
            scope,
            construct_id,
            f"a {strategy.kind.lower()} deployment with {len(rollback_alarms)} rollback_alarms is not possible",
            f"Leave them out for the endpoint's own alarm, or give 1 to {MOST_ALARMS - 1}.",
        )
    if strategy.instances is not None and 2 * strategy.instances > instance_count:
        raise ConstructError(
            scope,
            construct_id,
            f"a canary of {strategy.instances} is more than half of {instance_count} instances",
            "Use more instances, a smaller canary, or DeploymentStrategy.all_at_once().",
        )
    if strategy.needs_alarm and instance_count == 1:
        raise ConstructError(
            scope,
            construct_id,
            f"one instance cannot be replaced step by step, as a {strategy.kind.lower()} deployment would",
            "Use DeploymentStrategy.all_at_once().",
        )


def check_alarm_topic(scope: Construct, construct_id: str, topic: sns.ITopic | None, *, needed: bool) -> None:
    """Raise when the endpoint makes alarms that tell nobody.

    Args:
        scope: The parent of the endpoint.
        construct_id: Its id.
        topic: Whom they tell.
        needed: Whether it makes any.

    Raises:
        ConstructError: They have no topic.
    """
    if needed and topic is None:
        raise ConstructError(
            scope,
            construct_id,
            "nobody is told when requests fail",
            "Give alarm_topic=..., an EncryptedTopic that admits CloudWatch, or rollback_alarms of your own.",
        )


def check_shadow(
    scope: Construct,
    construct_id: str,
    model: Model,
    shadow: ShadowVariant | None,
    single_instance: Relaxation | None,
) -> None:
    """Raise when the shadow is of another project or has one instance, or when one of the two holds many models.

    Args:
        scope: The parent of the endpoint.
        construct_id: Its id.
        model: The model that answers.
        shadow: What sees the same requests.
        single_instance: The permission to run one instance.

    Raises:
        ConstructError: They cannot stand behind one endpoint.
    """
    if shadow is None:
        return
    if shadow.model.project != model.project:
        raise ConstructError(
            scope,
            construct_id,
            f"the shadow is of project {shadow.model.project!r}, the model of {model.project!r}",
            "Use a model of the same project: it sees the same requests.",
        )
    if model.is_multi_model or shadow.model.is_multi_model:
        raise ConstructError(
            scope,
            construct_id,
            "SageMaker gives no shadow to an endpoint of many models",
            "Use models with one artifact each.",
        )
    if shadow.instance_count == 1 and single_instance is None:
        raise ConstructError(
            scope,
            construct_id,
            "a shadow on one instance alone misses requests with every restart of it (SageMaker.4)",
            "Use 2 or more, or give single_instance=Relaxation(...) in a sandbox.",
        )
