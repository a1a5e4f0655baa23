"""Templates with the steps of training in every form, and with repositories of images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.mlops import RegisterModelStep
from mlgov_constructs.protection import DataKey
from mlgov_constructs.steps import ConditionStep, JobImage, Joined, PipelineParameter
from mlgov_constructs.training import (
    CategoricalRange,
    Channel,
    ContinuousRange,
    DebuggerRule,
    Distribution,
    InputMode,
    InstanceGroup,
    IntegerRange,
    ProfilerConfig,
    RangeScaling,
    TrainingImage,
    TrainingScript,
    TrainingStep,
    TuningStep,
    TuningStrategy,
)
from tests.mlops.pipelines import IMAGE, PIPELINE, definition, ground, step
from tests.templates import Template, of_type

DATA = {"train": "s3://data/churn/train"}
SCRIPT = TrainingScript(
    entry_point="train.py",
    source=Joined(("s3://data/churn/code", PipelineParameter("CodeCommit", "main")), on="/"),
    metrics={"loss": "loss=([0-9.]+)"},
)
REASON = Relaxation("Debugger watches this job only, approved in RISK-7")
DIGEST = f"sha256:{'b' * 64}"


def _steps(app: cdk.App) -> None:
    base = ground(app, "training", env=cdk.Environment(region="eu-west-1"))
    stack = base.stack
    torch = JobImage.deep_learning(stack, repository="pytorch-training", digest=DIGEST)
    channels = TrainingStep(
        "Channels",
        image=IMAGE,
        inputs={
            "plain": "s3://data/churn/plain",
            "full": Channel(
                source="s3://data/churn/full",
                content_type="application/x-recordio",
                input_mode=InputMode.PIPE,
                sharded=True,
                gzip=True,
                record_io=True,
                shuffle_seed=7,
            ),
        },
        instance_count=2,
        checkpoint_uri="s3://data/churn/checkpoints",
        spot=False,
    )
    script = TrainingStep(
        "Script",
        image=JobImage.scikit_learn(stack),
        script=SCRIPT,
        inputs=DATA,
        hyperparameters={"epochs": 3},
        keep_alive=cdk.Duration.minutes(30),
        profiler=ProfilerConfig(interval_milliseconds=1000),
    )
    cluster = TrainingStep(
        "Cluster",
        image=torch,
        script=SCRIPT,
        inputs=DATA,
        instance_type="ml.g5.12xlarge",
        instance_count=2,
        distribution=Distribution.torchrun(efa=True),
        environment={"LEVEL": "debug"},
    )
    groups = TrainingStep(
        "Groups",
        image=torch,
        script=SCRIPT,
        inputs={"train": Channel(source="s3://data/churn/train", instance_groups=["data"])},
        instance_groups=[InstanceGroup("data", "ml.m5.xlarge", 2), InstanceGroup("gpu", "ml.p3.16xlarge")],
        distribution=Distribution.data_parallel().on("gpu"),
    )
    watched = TrainingStep(
        "Watched",
        image=JobImage.xgboost(stack),
        inputs=DATA,
        debugger_rules=[
            DebuggerRule.built_in(
                stack,
                "LossNotDecreasing",
                not_isolated=REASON,
                stops_training=True,
                parameters={"num_steps": "10"},
                collections=["metrics"],
            ),
            DebuggerRule.built_in(stack, "Overfit", not_isolated=REASON),
        ],
    )
    tune = TuningStep(
        "Tune",
        image=IMAGE,
        inputs=DATA,
        hyperparameters={"rounds": 100},
        objective="auc",
        ranges={
            "eta": ContinuousRange(0.01, 0.3, RangeScaling.LOGARITHMIC),
            "depth": IntegerRange(2, 8),
            "booster": CategoricalRange(["gbtree", "dart"]),
        },
        max_jobs=12,
        max_parallel_jobs=3,
        max_tuning_runtime=cdk.Duration.hours(4),
        target=0.95,
        seed=7,
        spot=True,
    )
    register = RegisterModelStep("Register", training=tune, model_package_group_name="churn")
    decide = ConditionStep("Decide", conditions=[tune.metric().at_least(0.8)], if_steps=[register])
    grid = TuningStep(
        "Grid",
        image=IMAGE,
        inputs=DATA,
        objective="auc",
        maximize=False,
        strategy=TuningStrategy.grid(),
        ranges={"a": CategoricalRange([1, 2, 3]), "b": CategoricalRange(["x", "y"])},
    )
    band = TuningStep(
        "Band",
        image=IMAGE,
        inputs=DATA,
        objective="auc",
        strategy=TuningStrategy.hyperband(min_resource=1, max_resource=9),
        ranges={"eta": ContinuousRange(0.5, 0.9, RangeScaling.REVERSE_LOGARITHMIC)},
    )
    base.pipeline("Training", steps=[channels, script, cluster, groups, watched])
    base.pipeline(
        "Tuning",
        steps=[tune, decide, grid, band],
        registry=base.registry,
        parameters={"DataVersion": "v1", "CodeCommit": "abc"},
    )


def _images(app: cdk.App) -> None:
    stack = cdk.Stack(app, "images")
    key = DataKey(stack, "Key")
    TrainingImage(stack, "Plain", encryption_key=key)
    shared = TrainingImage(
        stack,
        "Shared",
        encryption_key=key,
        organization_id="o-exampleorg1",
        untagged_retention=cdk.Duration.days(7),
        repository_name="churn/train",
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    cdk.CfnOutput(stack, "Uri", value=shared.image(digest=DIGEST).uri)


@pytest.fixture(scope="session")
def training(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_steps)["training"]


@pytest.fixture(scope="session")
def images(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_images)["images"]


@pytest.fixture(scope="session")
def request_of(training: Template) -> Callable[[str], dict[str, Any]]:
    """The request of a step, by its name."""
    documents = [definition(training, name) for name in of_type(training, PIPELINE)]

    def find(name: str) -> dict[str, Any]:
        for document in documents:
            try:
                found: dict[str, Any] = step(document, name)["Arguments"]
            except AssertionError:
                continue
            return found
        raise KeyError(name)

    return find
