"""Monitors in every partition and region: nothing says which one it is, and the image is there or refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.monitoring import MonitoringImage
from tests.monitoring.conftest import REGIONS, ground
from tests.templates import Template, of_type

LITERAL = re.compile(r"arn:aws(-cn|-us-gov)?:(?!aws:)")
OWN_IMAGE = "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/analyzer"


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            base = ground(app, partition, region=region)
            own = {} if region in MonitoringImage.ANALYZER.registries else {"image_uri": OWN_IMAGE}
            monitor = base.data_quality("DataQuality", **own)
            monitor.start_pipeline_on_violation("Retrain", pipeline_name="p", permissions_boundary=base.boundary)
            base.explainability("Explainability")
        anywhere = ground(app, "anywhere", region=None)
        anywhere.every_kind()

    return synthesize(build)


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert LITERAL.findall(json.dumps(templates[partition])) == []


@pytest.mark.parametrize(
    ("partition", "account"), [("aws", "205585389593"), ("aws-us-gov", "598674086554"), ("aws-cn", "122526803553")]
)
def test_the_image_is_that_of_the_region(templates: dict[str, Template], partition: str, account: str) -> None:
    (definition,) = of_type(templates[partition], "AWS::SageMaker::ModelExplainabilityJobDefinition").values()
    image = definition["Properties"]["ModelExplainabilityAppSpecification"]["ImageUri"]["Fn::Join"][1]
    assert image == [
        f"{account}.dkr.ecr.{REGIONS[partition]}.",
        {"Ref": "AWS::URLSuffix"},
        "/sagemaker-clarify-processing:1.0",
    ]


def test_a_region_known_at_deployment_is_looked_up(templates: dict[str, Template]) -> None:
    anywhere = templates["anywhere"]
    for image in MonitoringImage:
        mapping = anywhere["Mappings"][f"MonitoringImage{image.name.capitalize()}"]
        assert {region: entry["Account"] for region, entry in mapping.items()} == image.registries
    (definition,) = of_type(anywhere, "AWS::SageMaker::DataQualityJobDefinition").values()
    parts = definition["Properties"]["DataQualityAppSpecification"]["ImageUri"]["Fn::Join"][1]
    assert parts[0] == {"Fn::FindInMap": ["MonitoringImageAnalyzer", {"Ref": "AWS::Region"}, "Account"]}
    assert parts[1:3] == [".dkr.ecr.", {"Ref": "AWS::Region"}]


def test_a_region_without_the_image_is_refused() -> None:
    base = ground(cdk.App(), "Stack", region="us-gov-west-1")
    message = "AWS publishes no account of sagemaker-model-monitor-analyzer in region 'us-gov-west-1'"
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Monitor] {message}")):
        base.data_quality("Monitor")


@pytest.mark.parametrize("image", MonitoringImage)
def test_accounts_are_accounts(image: MonitoringImage) -> None:
    assert all(re.fullmatch(r"\d{12}", account) for account in image.registries.values())
    assert all(re.fullmatch(r"[a-z]{2}(-gov)?-[a-z]+-\d", region) for region in image.registries)
