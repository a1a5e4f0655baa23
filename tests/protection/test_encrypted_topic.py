from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import DataKey, EncryptedTopic
from tests.protection.policies import key_policy, text
from tests.templates import of_type


def statements(protection: dict[str, Any]) -> list[dict[str, Any]]:
    (policy,) = of_type(protection["topics"], "AWS::SNS::TopicPolicy").values()
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_topic_has_the_key(protection: dict[str, Any]) -> None:
    (topic,) = of_type(protection["topics"], "AWS::SNS::Topic").values()
    (key,) = of_type(protection["topics"], "AWS::KMS::Key")
    assert topic["Properties"]["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert topic["Metadata"]["mlgov"] == {"controls": list(EncryptedTopic.CONTROLS)}


def test_publishing_without_tls_is_refused(protection: dict[str, Any]) -> None:
    (deny,) = [s for s in statements(protection) if s["Effect"] == "Deny"]
    assert (deny["Action"], deny["Principal"]) == ("sns:Publish", "*")
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(("publisher", "source"), [("cloudwatch", ":cloudwatch:"), ("budgets", ":budgets::")])
def test_publishers_act_for_this_account_only(protection: dict[str, Any], publisher: str, source: str) -> None:
    (allow,) = [s for s in statements(protection) if s["Principal"] == {"Service": f"{publisher}.amazonaws.com"}]
    assert allow["Action"] == "sns:Publish"
    assert allow["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert source in text(allow["Condition"]["ArnLike"]["aws:SourceArn"])
    assert f"Service{publisher.capitalize()}" in key_policy(protection["topics"], "Key")


def test_people_are_subscribed(protection: dict[str, Any]) -> None:
    (subscription,) = of_type(protection["topics"], "AWS::SNS::Subscription").values()
    assert (subscription["Properties"]["Protocol"], subscription["Properties"]["Endpoint"]) == (
        "email",
        "team@example.org",
    )


@pytest.mark.parametrize("email", ["team", "team@", "@example.org", "a b@example.org", "team@example", ""])
def test_a_wrong_address_is_refused(email: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    key = DataKey(stack, "Key")
    with pytest.raises(ConstructError, match=r"^\[Stack/Topic\] .* is no e-mail address"):
        EncryptedTopic(stack, "Topic", encryption_key=key, emails=[email])
    assert stack.node.try_find_child("Topic") is None
