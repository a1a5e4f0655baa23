from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.serving import (
    ContainerImage,
    ModelData,
    ProvisionedConcurrency,
    ScheduledCapacity,
    ServerlessEndpoint,
)
from tests.serving.conftest import DIGEST, REASON, Ground, ground, named
from tests.templates import Template, of_type

CONFIG, ENDPOINT, MODEL = (f"AWS::SageMaker::{kind}" for kind in ("EndpointConfig", "Endpoint", "Model"))
TARGET, POLICY = (f"AWS::ApplicationAutoScaling::{kind}" for kind in ("ScalableTarget", "ScalingPolicy"))
IMAGE = ContainerImage.from_uri(f"a@{DIGEST}")


def serverless(base: Ground, construct_id: str = "Small", **arguments: Any) -> ServerlessEndpoint:
    if "model" not in arguments:
        arguments["model"] = base.model(f"{construct_id}Model", outside_vpc=REASON, outbound_network=REASON)
    given = {"outside_vpc": REASON, "no_data_capture": REASON, "alarm_topic": base.topic, **arguments}
    return ServerlessEndpoint(base.stack, construct_id, **given)


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "serverless")
        plain = serverless(base)
        plain.grant_invoke(iam.Role(base.stack, "User", assumed_by=iam.AccountRootPrincipal()))
        morning = ScheduledCapacity("cron(0 7 ? * MON-FRI *)", min_capacity=4)
        serverless(
            base,
            "Ready",
            endpoint_name="churn-ready",
            memory=cdk.Size.gibibytes(4),
            max_concurrency=50,
            provisioned=ProvisionedConcurrency(2, 10, utilization=0.5, schedule=(morning,)),
        )
        serverless(base, "Fixed", provisioned=ProvisionedConcurrency(3))

    return synthesize(build)["serverless"]


def variant(template: Template, name: str) -> dict[str, Any]:
    (found,) = named(template, CONFIG, f"{name}Config")["Properties"]["ProductionVariants"]
    return dict(found)


def deviations(template: Template, resource_type: str, name: str) -> dict[str, str]:
    found = named(template, resource_type, name)["Metadata"]["mlgov"]["deviations"]
    return {each["control"]: each["reason"] for each in found}


def test_it_has_no_instances_and_a_bound(template: Template) -> None:
    small = variant(template, "Small")
    assert small["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 20}
    assert "InstanceType" not in small


def test_what_it_gives_up_is_recorded_with_the_reason(template: Template) -> None:
    assert deviations(template, CONFIG, "SmallConfig") == {"MLG-SRV-07": REASON.reason, "MLG-SRV-14": REASON.reason}
    recorded = deviations(template, MODEL, "SmallModel")
    assert {name: recorded[name] for name in ("MLG-SRV-01", "MLG-SRV-02")} == {
        "MLG-SRV-01": REASON.reason,
        "MLG-SRV-02": REASON.reason,
    }


def test_its_model_is_in_no_vpc(template: Template) -> None:
    model = named(template, MODEL, "SmallModel")["Properties"]
    assert "VpcConfig" not in model
    assert model["EnableNetworkIsolation"] is False


def test_an_update_goes_back_when_requests_fail(template: Template) -> None:
    deployment = named(template, ENDPOINT, "Small")["Properties"]["DeploymentConfig"]
    (alarm,) = deployment["AutoRollbackConfiguration"]["Alarms"]
    watched = template["Resources"][alarm["AlarmName"]["Ref"]]["Properties"]
    assert watched["MetricName"] == "Invocation5XXErrors"
    assert watched["AlarmActions"][0]["Ref"].startswith("Alarms")


def test_nothing_is_kept_ready_and_nothing_scales_by_default(template: Template) -> None:
    assert {name[:5] for name in of_type(template, TARGET)} == {"Ready"}


def test_copies_that_are_kept_ready_follow_their_use(template: Template) -> None:
    ready = variant(template, "Ready")["ServerlessConfig"]
    assert ready == {"MemorySizeInMB": 4096, "MaxConcurrency": 50, "ProvisionedConcurrency": 2}
    target = named(template, TARGET, "Ready")["Properties"]
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)
    assert target["ScheduledActions"][0]["ScalableTargetAction"] == {"MinCapacity": 4}
    tracking = named(template, POLICY, "Ready")["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 0.5
    metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert metric == "SageMakerVariantProvisionedConcurrencyUtilization"


def test_a_fixed_number_of_copies_is_kept_ready(template: Template) -> None:
    assert variant(template, "Fixed")["ServerlessConfig"]["ProvisionedConcurrency"] == 3


def test_a_caller_may_ask_it(template: Template) -> None:
    (statement,) = named(template, "AWS::IAM::Policy", "User")["Properties"]["PolicyDocument"]["Statement"]
    assert "sagemaker:InvokeEndpoint" in statement["Action"]


def test_who_grants_to_the_endpoint_grants_to_the_role_of_its_model() -> None:
    base = ground(cdk.App(), "Stack")
    assert serverless(base).grant_principal is base.role


def test_it_tells_of_cold_starts() -> None:
    endpoint = serverless(ground(cdk.App(), "Stack"))
    assert endpoint.metric_model_setup_time().metric_name == "ModelSetupTime"
    assert endpoint.metric_provisioned_utilization().metric_name == "ServerlessProvisionedConcurrencyUtilization"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"outside_vpc": None}, "a serverless endpoint takes no VPC. Give outside_vpc=Relaxation(...)"),
        ({"no_data_capture": None}, "a serverless endpoint takes no data capture"),
        ({"memory": cdk.Size.gibibytes(7)}, "memory of 7168 MiB is no size"),
        ({"memory": cdk.Size.mebibytes(1500)}, "memory of 1500 MiB is no size"),
        ({"max_concurrency": 0}, "max_concurrency 0 is out of range"),
        ({"max_concurrency": 201}, "max_concurrency 201 is out of range"),
        ({"provisioned": ProvisionedConcurrency(1, 21)}, "provisioned concurrency of 21 is more than"),
        ({"alarm_topic": None}, "alarm_topic is None. Give an ITopic."),
        ({"endpoint_name": "a_b"}, "endpoint_name 'a_b' is no name"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Small] {message}")):
        serverless(base, **arguments)
    assert base.stack.node.try_find_child("Small") is None


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({}, "takes no VPC, and the model is in one"),
        ({"outbound_network": REASON}, "takes no VPC, and the model is in one"),
        ({"outside_vpc": REASON}, "takes no isolated model"),
    ],
)
def test_a_hardened_model_is_refused(model: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=message):
        serverless(base, model=base.model("Model", **model))


def test_a_model_of_many_artifacts_is_refused() -> None:
    base = ground(cdk.App(), "Stack")
    many = base.model(
        "Model",
        image=IMAGE,
        model_data=ModelData(base.bucket, "churn/"),
        outside_vpc=REASON,
        outbound_network=REASON,
    )
    with pytest.raises(ConstructError, match="takes no model of many artifacts"):
        serverless(base, model=many)


def test_an_image_of_the_vpc_cannot_leave_it() -> None:
    base = ground(cdk.App(), "Stack")
    image = ContainerImage.from_private_registry(f"registry.example.org/churn@{DIGEST}")
    with pytest.raises(ConstructError, match="is pulled through the VPC, and outside_vpc leaves it"):
        base.model("Model", image=image, outside_vpc=REASON)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"minimum": 0}, "from 0 to 0 is no range"),
        ({"minimum": 5, "maximum": 4}, "from 5 to 4 is no range"),
        ({"minimum": 1, "utilization": 1}, "utilization of 1 cannot be tracked"),
    ],
)
def test_limits_that_contradict_each_other_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ProvisionedConcurrency(**arguments)
