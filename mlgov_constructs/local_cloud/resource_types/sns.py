"""Amazon SNS."""

import json
from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType, dropped_tags

_TOPIC_ATTRIBUTES = ("ContentBasedDeduplication", "DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")
_SUBSCRIPTION_ATTRIBUTES = (
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
)


class Topic(ResourceType):
    """A topic."""

    type_name = "AWS::SNS::Topic"
    properties = (*_TOPIC_ATTRIBUTES, "FifoTopic", "Subscription", "Tags", "TopicName")
    create_only = ("FifoTopic", "TopicName")
    name_property = "TopicName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the topic."""
        suffix = ".fifo" if call.flag("FifoTopic") else ""
        name = str(call.properties.get("TopicName") or call.make_name(256 - len(suffix), False) + suffix)
        attributes = {"FifoTopic": "true"} if suffix else None
        answer = call.invoke("sns", "CreateTopic", Name=name, Attributes=attributes, Tags=call.tags or None)
        return str(answer["TopicArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets encryption and the other attributes, subscriptions and tags."""
        for name in _TOPIC_ATTRIBUTES:
            if call.properties.get(name) != old.get(name):
                value = call.properties.get(name, "")
                call.invoke("sns", "SetTopicAttributes", TopicArn=physical_id, AttributeName=name, AttributeValue=value)
        before, after = old.get("Subscription") or [], call.properties.get("Subscription") or []
        for item in after:
            if item not in before:
                call.invoke("sns", "Subscribe", TopicArn=physical_id, ReturnSubscriptionArn=True, **item)
        if gone := [item for item in before if item not in after]:
            _unsubscribe(call, physical_id, gone)
        if old:
            _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and name."""
        return {"TopicArn": physical_id, "TopicName": physical_id.rsplit(":", 1)[-1]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the topic."""
        call.invoke("sns", "DeleteTopic", TopicArn=physical_id)


class TopicPolicy(ResourceType):
    """A policy on topics."""

    type_name = "AWS::SNS::TopicPolicy"
    properties = ("PolicyDocument", "Topics")

    def create(self, call: Call) -> str:
        """Returns the policy's id; the policy itself is put by ``configure``."""
        return call.make_name(128, False)

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Puts the policy on its topics and takes it from those that left."""
        for arn in set(old.get("Topics") or []) - set(call.properties["Topics"]):
            _set_policy(call, arn, _owner_policy(arn))
        for arn in call.properties["Topics"]:
            _set_policy(call, arn, call.properties["PolicyDocument"])

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Gives the topics the policy back that a new topic has."""
        sns = call.client("sns")
        for arn in call.properties["Topics"]:
            try:
                _set_policy(call, arn, _owner_policy(arn))
            except sns.exceptions.NotFoundException:
                continue  # the topic went first


class Subscription(ResourceType):
    """A subscription to a topic."""

    type_name = "AWS::SNS::Subscription"
    properties = (*_SUBSCRIPTION_ATTRIBUTES, "Endpoint", "Protocol", "TopicArn")
    create_only = ("Endpoint", "Protocol", "TopicArn")

    def create(self, call: Call) -> str:
        """Subscribes."""
        answer = call.invoke("sns", "Subscribe", ReturnSubscriptionArn=True, **call.pick(*self.create_only))
        return str(answer["SubscriptionArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets filter, delivery and redrive policies."""
        for name in _SUBSCRIPTION_ATTRIBUTES:
            if call.properties.get(name) != old.get(name):
                call.invoke(
                    "sns",
                    "SetSubscriptionAttributes",
                    SubscriptionArn=physical_id,
                    AttributeName=name,
                    AttributeValue=call.properties.get(name, "{}"),
                )

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"Arn": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Unsubscribes."""
        call.invoke("sns", "Unsubscribe", SubscriptionArn=physical_id)


def _owner_policy(arn: str) -> dict[str, Any]:
    partition, account = arn.split(":")[1], arn.split(":")[4]
    principal = {"AWS": f"arn:{partition}:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sns:*", "Resource": arn}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _set_policy(call: Call, arn: str, document: Any) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    call.invoke("sns", "SetTopicAttributes", TopicArn=arn, AttributeName="Policy", AttributeValue=text)


def _unsubscribe(call: Call, arn: str, gone: list[dict[str, str]]) -> None:
    known = call.invoke("sns", "ListSubscriptionsByTopic", TopicArn=arn)["Subscriptions"]
    for item in known:
        if {"Endpoint": item["Endpoint"], "Protocol": item["Protocol"]} in gone:
            call.invoke("sns", "Unsubscribe", SubscriptionArn=item["SubscriptionArn"])


def _retag(call: Call, arn: str, old: Properties) -> None:
    if removed := dropped_tags(old, call):
        call.invoke("sns", "UntagResource", ResourceArn=arn, TagKeys=removed)
    if call.tags:
        call.invoke("sns", "TagResource", ResourceArn=arn, Tags=call.tags)
