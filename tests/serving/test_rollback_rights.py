"""An endpoint whose role lies in another stack: the stacks depend on each other in one direction only."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest

from mlgov_constructs.serving import (
    AsyncEndpoint,
    AsyncResults,
    ComponentEndpoint,
    ComponentResources,
    DataCapture,
    InferenceComponent,
    Model,
    RealTimeEndpoint,
)
from tests.serving.conftest import PACKAGE, ground
from tests.templates import Template, of_type

ENDPOINTS = ("RealTime", "Queue", "Component")


@pytest.fixture(scope="module")
def upper(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "lower")
        stack = cdk.Stack(app, "upper")
        model = Model(stack, "Model", vpc=base.vpc, role=base.role, model_package_arn=PACKAGE)
        capture = DataCapture(base.bucket)
        RealTimeEndpoint(
            stack, "RealTime", model=model, encryption_key=base.key, data_capture=capture, alarm_topic=base.topic
        )
        AsyncEndpoint(
            stack,
            "Queue",
            model=model,
            encryption_key=base.key,
            results=AsyncResults(base.bucket),
            alarm_topic=base.topic,
        )
        shared = ComponentEndpoint(
            stack, "Shared", vpc=base.vpc, role=base.role, encryption_key=base.key, data_capture=capture
        )
        InferenceComponent(
            stack,
            "Component",
            endpoint=shared,
            model=model,
            resources=ComponentResources(memory=cdk.Size.gibibytes(1)),
            alarm_topic=base.topic,
        )

    return synthesize(build)["upper"]


@pytest.mark.parametrize("name", ENDPOINTS)
def test_the_right_to_see_the_alarms_stands_beside_them(upper: Template, name: str) -> None:
    policies = {key: each for key, each in of_type(upper, "AWS::IAM::ManagedPolicy").items() if key.startswith(name)}
    (policy,) = policies.values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    (alarm,) = [key for key in of_type(upper, "AWS::CloudWatch::Alarm") if key.startswith(f"{name}ErrorAlarm")]
    assert (statement["Action"], statement["Resource"]) == (
        "cloudwatch:DescribeAlarms",
        {"Fn::GetAtt": [alarm, "Arn"]},
    )
    assert "Fn::ImportValue" in policy["Properties"]["Roles"][0]


@pytest.mark.parametrize("name", ENDPOINTS)
def test_the_endpoint_waits_for_it(upper: Template, name: str) -> None:
    kind = "AWS::SageMaker::InferenceComponent" if name == "Component" else "AWS::SageMaker::Endpoint"
    (waiting,) = [each for key, each in of_type(upper, kind).items() if key.startswith(name)]
    assert any(other.startswith(f"{name}RollbackRights") for other in waiting["DependsOn"])
