"""The topic that notices about an environment go to."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.controls import claim
from mlgov_constructs.protection.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.protection.data_key import DataKey


class EncryptedTopic(sns.Topic):
    """A topic with a customer managed key that refuses to be published to without TLS.

    It is an ``sns.Topic``. A service publishes once :meth:`allow_publish` names it.

    Controls: MLG-PRT-16.

    Cost: 0.50 USD per million notices, 2 USD per 100,000 e-mails.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        encryption_key: The key of the topic. A :class:`~mlgov_constructs.protection.DataKey`
            learns of its publishers by itself; another key must admit them.
        display_name: The name in e-mails; none when omitted.

    Source:
        https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> stack = Stack(App(), "Governance")
        >>> topic = EncryptedTopic(stack, "Alarms", encryption_key=DataKey(stack, "Key"))
        >>> topic.allow_publish("cloudwatch")
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRT-16",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey,
        display_name: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id, master_key=encryption_key, display_name=display_name, enforce_ssl=True)
        self._encryption_key = encryption_key
        resource = self.node.default_child
        assert isinstance(resource, sns.CfnTopic)  # noqa: S101 - sns.Topic always has it
        claim(resource, self.CONTROLS)

    def allow_publish(self, publisher: str) -> None:
        """Let a service publish, on behalf of this account only.

        Args:
            publisher: The service as in its principal: ``cloudwatch`` for alarms, ``budgets``, ...
        """
        tokens = aws_tokens()
        statement = {
            "Sid": f"Allow{publisher.capitalize()}",
            "Effect": "Allow",
            "Principal": {"Service": service_principal(publisher)},
            "Action": "sns:Publish",
            "Resource": self.topic_arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": tokens.account},
                "ArnLike": {"aws:SourceArn": tokens.source_arn(publisher)},
            },
        }
        self.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
        if isinstance(self._encryption_key, DataKey):
            self._encryption_key.allow_sns(publisher)
