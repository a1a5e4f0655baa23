"""What a topic tells: a queue listens to it for a while."""

import json
import time
from types import TracebackType
from typing import Any, Self

from mlgov_constructs.local_cloud.demo.readback import Deployed

_QUEUE = "demo-notices"
_LONGEST_SECONDS = 5.0
_CHANGED = "SageMaker Model Package State Change"


class Notices:
    """The notices of changes in the registry of models, while it is open.

    Args:
        deployed: The environment, whose administrator listens.
    """

    def __init__(self, deployed: Deployed) -> None:
        self._sns, self._sqs = deployed.client("sns"), deployed.client("sqs")
        self.topic_arn = _topic(deployed)
        self._queue_url = self._subscription = ""

    @property
    def topic(self) -> str:
        """The name of the topic; nothing when no rule of the environment tells one."""
        return self.topic_arn.rsplit(":", 1)[-1]

    def __enter__(self) -> Self:
        self._queue_url = self._sqs.create_queue(QueueName=_QUEUE)["QueueUrl"]
        if self.topic_arn:
            queue = self._sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])
            arn = queue["Attributes"]["QueueArn"]
            policy = json.dumps({"Version": "2012-10-17", "Statement": [_delivery(self.topic_arn, arn)]})
            self._sqs.set_queue_attributes(QueueUrl=self._queue_url, Attributes={"Policy": policy})
            answer = self._sns.subscribe(TopicArn=self.topic_arn, Protocol="sqs", Endpoint=arn)
            self._subscription = answer["SubscriptionArn"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._subscription:
            self._sns.unsubscribe(SubscriptionArn=self._subscription)
        self._sqs.delete_queue(QueueUrl=self._queue_url)

    def statuses(self, count: int) -> list[str]:
        """Returns the approval statuses that were told, waiting a moment for as many as are expected.

        Args:
            count: How many.
        """
        found: list[str] = []
        deadline = time.monotonic() + _LONGEST_SECONDS
        while self.topic_arn and len(found) < count and time.monotonic() < deadline:
            answer = self._sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
                event = json.loads(json.loads(message["Body"])["Message"])
                found.append(str(event["detail"]["ModelApprovalStatus"]))
        return found


def _delivery(topic_arn: str, queue_arn: str) -> dict[str, Any]:
    """Returns the statement that lets a topic put its messages into a queue."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }


def _topic(deployed: Deployed) -> str:
    """Returns the topic that a rule of the environment tells of each change."""
    events: Any = deployed.client("events")
    for name in deployed.names("AWS::Events::Rule"):
        if _CHANGED not in events.describe_rule(Name=name).get("EventPattern", ""):
            continue
        for target in events.list_targets_by_rule(Rule=name)["Targets"]:
            if ":sns:" in target["Arn"]:
                return str(target["Arn"])
    return ""
