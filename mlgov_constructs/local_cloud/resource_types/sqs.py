"""Amazon SQS."""

import json
from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)

_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
)


class Queue(ResourceType):
    """A queue."""

    type_name = "AWS::SQS::Queue"
    properties = (*_ATTRIBUTES, "QueueName", "Tags")
    create_only = ("FifoQueue", "QueueName")
    name_property = "QueueName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the queue."""
        suffix = ".fifo" if call.flag("FifoQueue") else ""
        name = str(call.properties.get("QueueName") or call.make_name(80 - len(suffix), False) + suffix)
        attributes = {key: _text(value) for key, value in call.pick(*_ATTRIBUTES).items()}
        tags = tag_map(call.properties.get("Tags"))
        answer = call.invoke("sqs", "CreateQueue", QueueName=name, Attributes=attributes, tags=tags or None)
        return str(answer["QueueUrl"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets the changed attributes and tags."""
        if not old:
            return
        names = [name for name in _ATTRIBUTES if call.properties.get(name) != old.get(name)]
        if attributes := {name: _text(call.properties.get(name, "")) for name in names}:
            call.invoke("sqs", "SetQueueAttributes", QueueUrl=physical_id, Attributes=attributes)
        if removed := dropped_tags(old, call):
            call.invoke("sqs", "UntagQueue", QueueUrl=physical_id, TagKeys=removed)
        if tags := tag_map(call.properties.get("Tags")):
            call.invoke("sqs", "TagQueue", QueueUrl=physical_id, Tags=tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN, name and address."""
        names = ["QueueArn"]
        found = call.invoke("sqs", "GetQueueAttributes", QueueUrl=physical_id, AttributeNames=names)["Attributes"]
        name = physical_id.rsplit("/", 1)[-1]
        return {"Arn": found["QueueArn"], "QueueName": name, "QueueUrl": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the queue."""
        call.invoke("sqs", "DeleteQueue", QueueUrl=physical_id)


class QueuePolicy(ResourceType):
    """A policy on queues."""

    type_name = "AWS::SQS::QueuePolicy"
    properties = ("PolicyDocument", "Queues")

    def create(self, call: Call) -> str:
        """Returns the policy's id; the policy itself is put by ``configure``."""
        return call.make_name(128, False)

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Puts the policy on its queues and takes it from those that left."""
        for url in set(old.get("Queues") or []) - set(call.properties["Queues"]):
            _set_policy(call, url, "")
        for url in call.properties["Queues"]:
            _set_policy(call, url, _text(call.properties["PolicyDocument"]))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Takes the policy from its queues."""
        sqs = call.client("sqs")
        for url in call.properties["Queues"]:
            try:
                _set_policy(call, url, "")
            except sqs.exceptions.QueueDoesNotExist:
                continue  # the queue went first


def _set_policy(call: Call, url: str, text: str) -> None:
    call.invoke("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": text})


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)
