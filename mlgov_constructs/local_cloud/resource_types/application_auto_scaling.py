"""Application Auto Scaling."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)

_SERVICE = "application-autoscaling"
_TARGET = ("ServiceNamespace", "ResourceId", "ScalableDimension")
# What describes an action to CloudFormation in one list, and to the API one by one.
_LIMITS = ("MinCapacity", "MaxCapacity", "RoleARN", "SuspendedState")


class ScalableTarget(ResourceType):
    """The limits between which something scales, and the clock that changes them."""

    type_name = "AWS::ApplicationAutoScaling::ScalableTarget"
    create_only = ("ResourceId", "ScalableDimension", "ServiceNamespace")
    properties = (*create_only, *_LIMITS, "ScheduledActions", "Tags")
    tags = "list"

    def create(self, call: Call) -> str:
        """Registers the target; its physical id names all three parts of it."""
        tags = tag_map(call.tags) or None
        call.invoke(_SERVICE, "RegisterScalableTarget", **call.pick(*_TARGET, *_LIMITS), Tags=tags)
        return "|".join(call.properties[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets limits, scheduled actions and tags."""
        key = _key(physical_id)
        if old:
            call.invoke(_SERVICE, "RegisterScalableTarget", **call.pick(*_TARGET, *_LIMITS))
            self._retag(call, key, old)
        actions = call.properties.get("ScheduledActions") or []
        self._forget(call, key, old, keep={action["ScheduledActionName"] for action in actions})
        for action in actions:
            call.invoke(_SERVICE, "PutScheduledAction", **key, **action)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns its id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the scheduled actions and deregisters the target."""
        key = _key(physical_id)
        self._forget(call, key, call.properties, keep=set())
        call.invoke(_SERVICE, "DeregisterScalableTarget", **key)

    @staticmethod
    def _retag(call: Call, key: dict[str, str], old: Properties) -> None:
        if tag_map(call.tags) == tag_map(old.get("Tags")):
            return
        wanted = {"ServiceNamespace": key["ServiceNamespace"], "ResourceIds": [key["ResourceId"]]}
        (target,) = call.invoke(_SERVICE, "DescribeScalableTargets", **wanted)["ScalableTargets"]
        arn = target["ScalableTargetARN"]
        if removed := dropped_tags(old, call):
            call.invoke(_SERVICE, "UntagResource", ResourceARN=arn, TagKeys=removed)
        if call.tags:
            call.invoke(_SERVICE, "TagResource", ResourceARN=arn, Tags=tag_map(call.tags))

    @staticmethod
    def _forget(call: Call, key: dict[str, str], old: Properties, *, keep: set[str]) -> None:
        for action in old.get("ScheduledActions") or []:
            if (name := action["ScheduledActionName"]) not in keep:
                call.invoke(_SERVICE, "DeleteScheduledAction", **key, ScheduledActionName=name)


class ScalingPolicy(ResourceType):
    """How something scales."""

    type_name = "AWS::ApplicationAutoScaling::ScalingPolicy"
    create_only = ("PolicyName", "ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace")
    properties = (
        *create_only,
        "PolicyType",
        "StepScalingPolicyConfiguration",
        "TargetTrackingScalingPolicyConfiguration",
    )

    def create(self, call: Call) -> str:
        """Puts the policy; its physical id is its ARN."""
        return self._put(call)

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Puts the changed policy."""
        if old:
            self._put(call)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"Arn": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the policy."""
        call.invoke(_SERVICE, "DeleteScalingPolicy", **self._target(call), **call.pick("PolicyName"))

    def _put(self, call: Call) -> str:
        rest = call.pick(
            "PolicyName", "PolicyType", "StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration"
        )
        return str(call.invoke(_SERVICE, "PutScalingPolicy", **self._target(call), **rest)["PolicyARN"])

    @staticmethod
    def _target(call: Call) -> dict[str, str]:
        target = call.properties.get("ScalingTargetId")
        return _key(target) if target else {name: call.properties[name] for name in _TARGET}


def _key(physical_id: str) -> dict[str, str]:
    resource, dimension, namespace = physical_id.split("|")
    return {"ServiceNamespace": namespace, "ResourceId": resource, "ScalableDimension": dimension}
