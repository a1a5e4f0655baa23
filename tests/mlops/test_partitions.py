"""The same registry and pipeline in every partition: nothing says which one it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import aws_cdk as cdk
import pytest

from mlgov_constructs.mlops import RegisterModelStep
from mlgov_constructs.steps import JobImage
from mlgov_constructs.training import TrainingStep
from tests.mlops.pipelines import definition, ground
from tests.mlops.test_stored_definition import LONG
from tests.templates import Template

REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
ACCOUNTS = {"aws": "141502667606", "aws-us-gov": "414596584902", "aws-cn": "450853457545"}
# A service principal keeps its domain everywhere; a host name does not.
LITERAL = re.compile(r"arn:aws(-cn|-us-gov)?:(?!aws:)|\.amazonaws\.com\.cn|dkr\.ecr\.[a-z0-9-]+\.amazonaws")


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            base = ground(app, partition, env=cdk.Environment(region=region))
            train = TrainingStep("Train", image=JobImage.xgboost(base.stack), inputs={"train": "s3://data/churn"})
            register = RegisterModelStep("Register", training=train, model_package_group_name="churn")
            base.pipeline("Pipeline", steps=[train, register], registry=base.registry)
            base.pipeline("Long", steps=LONG)

    return synthesize(build)


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_and_no_host_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert LITERAL.findall(json.dumps(templates[partition])) == []


@pytest.mark.parametrize("partition", REGIONS)
def test_the_image_is_that_of_the_region(templates: dict[str, Template], partition: str) -> None:
    (image,) = (
        each["DefaultValue"]
        for each in definition(templates[partition], "Pipeline")["Parameters"]
        if each["Name"] == "TrainImage"
    )
    registry = f"{ACCOUNTS[partition]}.dkr.ecr.<AWS::Region>.<AWS::URLSuffix>"
    assert image.replace(REGIONS[partition], "<AWS::Region>") == f"{registry}/sagemaker-xgboost:1.7-1"
