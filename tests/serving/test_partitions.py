"""Serving in every partition: nothing says which one it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr as ecr

from mlgov_constructs.serving import ContainerImage
from tests.serving.conftest import DIGEST, REGIONS, ground
from tests.templates import Template

LITERAL = re.compile(r"arn:aws(-cn|-us-gov)?:(?!aws:)")


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            base = ground(app, partition, env=cdk.Environment(region=region))
            image = ContainerImage.from_ecr_repository(ecr.Repository(base.stack, "Images"), DIGEST)
            base.endpoint("Endpoint", model=base.model("Model", image=image))

    return synthesize(build)


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert LITERAL.findall(json.dumps(templates[partition])) == []


@pytest.mark.parametrize("partition", REGIONS)
def test_the_image_has_the_host_of_the_partition(templates: dict[str, Template], partition: str) -> None:
    text = json.dumps(templates[partition])
    assert "AWS::URLSuffix" in text
    assert f"{REGIONS[partition]}.amazonaws.com" not in text
