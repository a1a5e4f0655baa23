"""The same registry, card and version in every partition: nothing says which one it is."""

from __future__ import annotations

import json
from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events

from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.mlops import ModelCard, ModelRegistry, RegisteredModel
from mlgov_constructs.protection import DataKey, GovernedBucket
from tests.mlops.test_model_card import FULL
from tests.mlops.test_partitions import LITERAL, REGIONS
from tests.mlops.test_registered_model import REASON, arguments
from tests.templates import Template, of_type


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            stack = cdk.Stack(app, partition, env=cdk.Environment(region=region))
            key = DataKey(stack, "Key")
            bucket = GovernedBucket(stack, "Data", encryption_key=key, organization_id="o-exampleorg1")
            registry = ModelRegistry(
                stack,
                "Registry",
                project="churn",
                reader_accounts=["111122223333"],
                organization_id="o-exampleorg1",
            )
            registry.share_artifacts(bucket=bucket, encryption_key=key, prefix="churn/models/", reason=REASON)
            ModelCard(stack, "Card", registry=registry, encryption_key=key, content=FULL, model_version=1)
            RegisteredModel(stack, "Model", registry=registry, encryption_key=key, **arguments(stack))
            bus = events.EventBus.from_event_bus_name(stack, "Bus", "models")
            registry.forward("Forward", event_bus=bus, permissions_boundary=PermissionsBoundary(stack, "Boundary"))

    return synthesize(build)


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_and_no_host_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert LITERAL.findall(json.dumps(templates[partition])) == []


@pytest.mark.parametrize("partition", REGIONS)
def test_a_version_and_its_card_are_there(templates: dict[str, Template], partition: str) -> None:
    for kind in ("ModelCard", "ModelPackage"):
        assert len(of_type(templates[partition], f"AWS::SageMaker::{kind}")) == 1
