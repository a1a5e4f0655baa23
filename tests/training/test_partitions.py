"""The same steps and repositories in every partition: nothing says which one it is."""

from __future__ import annotations

import json
from collections.abc import Callable

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.steps import JobImage
from mlgov_constructs.steps.image_registries import ImageRegistries
from mlgov_constructs.training import DebuggerRule, IntegerRange, TrainingImage, TrainingStep, TuningStep
from tests.mlops.pipelines import IMAGE, definition, flat, ground, step
from tests.mlops.test_partitions import LITERAL, REGIONS
from tests.templates import Template
from tests.training.conftest import DATA, DIGEST, SCRIPT

REASON = Relaxation("Debugger watches this job only, approved in RISK-7")
DEBUGGER = {"aws": "929884845733", "aws-us-gov": "515509971035", "aws-cn": "618459771430"}
TORCH = {"aws": "763104351884", "aws-us-gov": "442386744353", "aws-cn": "727897471807"}


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            base = ground(app, partition, env=cdk.Environment(region=region))
            TrainingImage(base.stack, "Images", encryption_key=base.environment.encryption_key)
            torch = JobImage.deep_learning(base.stack, repository="pytorch-training", digest=DIGEST, accelerator=None)
            rule = DebuggerRule.built_in(base.stack, "Overfit", not_isolated=REASON, stops_training=True)
            train = TrainingStep("Train", image=torch, script=SCRIPT, inputs=DATA, debugger_rules=[rule])
            tune = TuningStep("Tune", image=IMAGE, inputs=DATA, objective="auc", ranges={"depth": IntegerRange(1, 9)})
            base.pipeline("Pipeline", steps=[train, tune])

    return synthesize(build)


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_and_no_host_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert LITERAL.findall(json.dumps(templates[partition])) == []


@pytest.mark.parametrize("partition", REGIONS)
def test_images_are_those_of_the_region(templates: dict[str, Template], partition: str) -> None:
    document = definition(templates[partition], "Pipeline")
    (image,) = (each["DefaultValue"] for each in document["Parameters"] if each["Name"] == "TrainImage")
    assert image.startswith(f"{TORCH[partition]}.dkr.ecr.")
    (rule,) = step(document, "Train")["Arguments"]["DebugRuleConfigurations"]
    assert rule["RuleEvaluatorImage"].startswith(f"{DEBUGGER[partition]}.dkr.ecr.")


@pytest.mark.parametrize("family", ImageRegistries)
def test_accounts_have_twelve_digits(family: ImageRegistries) -> None:
    assert all(len(account) == 12 and account.isdecimal() for account in family.accounts().values())
    assert set(REGIONS.values()) <= family.accounts().keys()


def test_without_a_region_the_stack_maps_regions_to_registries(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, "anywhere")
        image = JobImage.deep_learning(stack, repository="pytorch-training", digest=DIGEST)
        cdk.CfnOutput(stack, "Uri", value=image.uri)

    template = synthesize(build)["anywhere"]
    mapping = template["Mappings"]["DeepLearningRegistries"]
    assert {region: each["Account"] for region, each in mapping.items()} == ImageRegistries.DEEP_LEARNING.accounts()
    assert "<DeepLearningRegistries.<AWS::Region>.Account>" in flat(template["Outputs"]["Uri"]["Value"])
