"""Studio in every partition: nothing says which one it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import aws_cdk as cdk
import pytest

from mlgov_constructs.workspace import StudioSpace
from tests.templates import Template, of_type
from tests.workspace.studio.conftest import REGIONS, ground

LITERAL = re.compile(r"arn:aws(-cn|-us-gov)?:(?!aws:)")


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            base = ground(app, partition, env=cdk.Environment(region=region))
            owner = base.profile(base.domain(images=[base.image()]))
            StudioSpace(base.stack, "Work", owner=owner, space_name="work")

    return synthesize(build)


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert of_type(templates[partition], "AWS::SageMaker::Domain")
    assert LITERAL.findall(json.dumps(templates[partition])) == []
