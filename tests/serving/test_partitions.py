"""Serving in every partition: nothing says which one it is."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr as ecr

from mlgov_constructs.identity import JobEnvironment, PermissionsBoundary
from mlgov_constructs.serving import (
    BatchLocation,
    BatchTransformJob,
    ComponentEndpoint,
    ComponentResources,
    ContainerImage,
    DataCapture,
    InferenceComponent,
    RealTimeEndpoint,
    ServerlessEndpoint,
    ShadowTest,
)
from tests.serving.conftest import DIGEST, REASON, REGIONS, Ground, ground
from tests.templates import Template

LITERAL = re.compile(r"arn:aws(-cn|-us-gov)?:(?!aws:)")


def other_ways(base: Ground, endpoint: RealTimeEndpoint, image: ContainerImage) -> None:
    stack, key, topic = base.stack, base.key, base.topic
    boundary = PermissionsBoundary(stack, "Ceiling")
    shared = ComponentEndpoint(
        stack, "Shared", vpc=base.vpc, role=base.role, encryption_key=key, data_capture=DataCapture(base.bucket)
    )
    component = InferenceComponent(
        stack,
        "Component",
        endpoint=shared,
        model=endpoint.model,
        resources=ComponentResources(memory=cdk.Size.gibibytes(1)),
        alarm_topic=topic,
    )
    ServerlessEndpoint(
        stack,
        "Serverless",
        model=base.model("Outside", image=image, outside_vpc=REASON, outbound_network=REASON),
        outside_vpc=REASON,
        no_data_capture=REASON,
        alarm_topic=topic,
    )
    component.grant_invoke(base.job_role("Caller"))
    BatchTransformJob(
        stack,
        "Batch",
        model=endpoint.model,
        environment=JobEnvironment(vpc=base.vpc, encryption_key=key),
        permissions_boundary=boundary,
        source=BatchLocation(base.bucket, "churn/in"),
        results=BatchLocation(base.bucket, "churn/out"),
        schedule="rate(1 day)",
        failure_topic=topic,
    )
    ShadowTest(
        stack,
        "Test",
        endpoint=endpoint,
        challenger=base.model("Challenger", image=image),
        encryption_key=key,
        permissions_boundary=boundary,
        results=DataCapture(base.bucket, prefix="churn/shadow"),
        end=datetime.datetime(2030, 1, 14, tzinfo=datetime.UTC),
    )


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            base = ground(app, partition, env=cdk.Environment(region=region))
            image = ContainerImage.from_ecr_repository(ecr.Repository(base.stack, "Images"), DIGEST)
            endpoint = base.endpoint("Endpoint", model=base.model("Model", image=image))
            other_ways(base, endpoint, image)

    return synthesize(build)


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert LITERAL.findall(json.dumps(templates[partition])) == []


@pytest.mark.parametrize("partition", REGIONS)
def test_the_image_has_the_host_of_the_partition(templates: dict[str, Template], partition: str) -> None:
    text = json.dumps(templates[partition])
    assert "AWS::URLSuffix" in text
    assert f"{REGIONS[partition]}.amazonaws.com" not in text
