"""Events of SageMaker that tell of a changed state, and who hears of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.mlops.event_forwarding_role import EventForwardingRole
from mlgov_constructs.protection import EncryptedTopic

SOURCE = "aws.sagemaker"
VERSION_CHANGED = "SageMaker Model Package State Change"
CARD_CHANGED = "SageMaker Model Card State Change"


def pattern(
    detail_type: str, *, detail: Mapping[str, Any] | None = None, resources: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the pattern of a rule.

    Args:
        detail_type: What changed.
        detail: What the event says.
        resources: What it is about, by ARN.

    Example:
        >>> pattern(CARD_CHANGED)["source"]
        ['aws.sagemaker']
    """
    return {
        "source": [SOURCE],
        "detail-type": [detail_type],
        **({"resources": list(resources)} if resources else {}),
        **({"detail": dict(detail)} if detail else {}),
    }


def tell_topic(
    scope: Construct, construct_id: str, *, topic: sns.ITopic, event_pattern: Mapping[str, Any], description: str
) -> None:
    """Create a rule that tells a topic, and let EventBridge publish to it where the topic is ours.

    Not by ``targets.SnsTopic``, which opens the topic's key to EventBridge without a condition.

    Args:
        scope: The parent construct.
        construct_id: The id of the rule.
        topic: Who is told.
        event_pattern: Of what.
        description: The description of the rule.
    """
    events.CfnRule(
        scope,
        construct_id,
        description=description,
        event_pattern=event_pattern,
        targets=[events.CfnRule.TargetProperty(id="Topic", arn=topic.topic_arn)],
    )
    if isinstance(topic, EncryptedTopic):
        topic.allow_publish("events")


def send_to_bus(
    scope: Construct,
    construct_id: str,
    *,
    event_bus: events.IEventBus,
    event_pattern: Mapping[str, Any],
    description: str,
    permissions_boundary: iam.IManagedPolicy,
) -> None:
    """Create a rule that sends events to a bus, with a role that can do nothing else.

    Args:
        scope: The parent construct.
        construct_id: The id of the rule; that of its role ends with ``Role``.
        event_bus: The bus.
        event_pattern: Which events.
        description: The description of the rule.
        permissions_boundary: The ceiling of the role.
    """
    arn = event_bus.event_bus_arn
    role = EventForwardingRole(
        scope, f"{construct_id}Role", event_bus_arn=arn, permissions_boundary=permissions_boundary
    )
    events.CfnRule(
        scope,
        construct_id,
        description=description,
        event_pattern=event_pattern,
        targets=[events.CfnRule.TargetProperty(id="Bus", arn=arn, role_arn=role.role_arn)],
    )
