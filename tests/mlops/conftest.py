"""One template with registries as they are by default and with every option."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from mlgov_constructs.mlops import ApprovalStatus, ModelRegistry
from mlgov_constructs.protection import DataKey, EncryptedTopic
from tests.templates import Template


def _registries(app: cdk.App) -> None:
    stack = cdk.Stack(app, "registries")
    topic = EncryptedTopic(stack, "Topic", encryption_key=DataKey(stack, "Key"))
    registry = ModelRegistry(stack, "Plain", project="churn")
    ModelRegistry(
        stack,
        "Full",
        project="churn",
        model_package_group_name="churn-next",
        description="Who is about to leave",
        reader_accounts=["111122223333", "444455556666"],
        organization_id="o-exampleorg1",
        state_change_topic=topic,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    ModelRegistry(
        stack, "Organization", project="churn", model_package_group_name="all", organization_id="o-exampleorg1"
    )
    for name in ("Reader", "Registrar", "Approver"):
        iam.Role(stack, name, assumed_by=iam.AccountRootPrincipal())
    reader, registrar, approver = (stack.node.find_child(name) for name in ("Reader", "Registrar", "Approver"))
    registry.grant_read(reader)
    registry.grant_register(registrar)
    registry.grant_approve(approver)
    plain_topic = sns.Topic.from_topic_arn(stack, "Given", "arn:aws:sns:us-east-1:111122223333:approvals")
    registry.on_state_change("Approved", target=targets.SnsTopic(plain_topic), approval_status=ApprovalStatus.APPROVED)


@pytest.fixture(scope="session")
def registries(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_registries)["registries"]
