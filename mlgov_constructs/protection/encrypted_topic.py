"""The topic that notices about an environment go to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection.data_key import DataKey

EMAIL = re.compile(r"[^@\s]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


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
        emails: Who is subscribed; AWS asks each one to confirm.

    Raises:
        ConstructError: An e-mail address is none.

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
        emails: Sequence[str] = (),
    ) -> None:
        check_emails(scope, construct_id, emails)
        super().__init__(scope, construct_id, master_key=encryption_key, display_name=display_name, enforce_ssl=True)
        self._encryption_key = encryption_key
        claim(self, self.CONTROLS)
        for position, email in enumerate(emails):
            sns.CfnSubscription(self, f"Email{position}", protocol="email", endpoint=email, topic_arn=self.topic_arn)

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


def check_emails(scope: Construct, construct_id: str, emails: Sequence[str]) -> None:
    """Raise when one of the addresses cannot be an e-mail address.

    Args:
        scope: The parent of the construct that was given them.
        construct_id: Its id.
        emails: The addresses.

    Raises:
        ConstructError: The first address that is none.
    """
    for email in emails:
        if not EMAIL.fullmatch(email):
            raise ConstructError(
                scope, construct_id, f"{email!r} is no e-mail address", "Write it as in team@example.org."
            )
