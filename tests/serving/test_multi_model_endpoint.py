from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.serving import ContainerImage, DataCapture, Model, ModelData, MultiModelEndpoint
from tests.serving.conftest import DIGEST, Ground, ground, named
from tests.templates import Template

IMAGE = ContainerImage.from_private_registry(f"registry.example.org/churn@{DIGEST}")
CONFIG = "AWS::SageMaker::EndpointConfig"


def many(base: Ground, construct_id: str, **arguments: Any) -> Model:
    return base.model(construct_id, image=IMAGE, model_data=ModelData(base.bucket, "churn/cities/"), **arguments)


def endpoint(base: Ground, construct_id: str = "Cities", **arguments: Any) -> MultiModelEndpoint:
    if "model" not in arguments:
        arguments["model"] = many(base, f"{construct_id}Model")
    return MultiModelEndpoint(
        base.stack,
        construct_id,
        encryption_key=base.key,
        data_capture=DataCapture(base.bucket),
        alarm_topic=base.topic,
        **arguments,
    )


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "cities")
        made = endpoint(base)
        many(base, "Seldom", model_cache=False)
        principals = {
            name: iam.Role(base.stack, name, assumed_by=iam.AccountRootPrincipal())
            for name in ("Everywhere", "Berlin", "Deployer")
        }
        made.grant_invoke(principals["Everywhere"])
        made.grant_invoke(principals["Berlin"], target_models=["berlin/*", "potsdam.tar.gz"])
        made.grant_add_models(principals["Deployer"], target_models=["berlin/*"])

    return synthesize(build)["cities"]


def statements(template: Template, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = named(template, "AWS::IAM::Policy", name)["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_its_model_is_a_prefix(template: Template) -> None:
    container = named(template, "AWS::SageMaker::Model", "CitiesModel")["Properties"]["PrimaryContainer"]
    assert container["Mode"] == "MultiModel"
    assert container["ModelDataUrl"]["Fn::Join"][1][-1] == "/churn/cities/"
    assert "MultiModelConfig" not in container


def test_models_that_are_asked_seldom_need_not_stay_in_memory(template: Template) -> None:
    container = named(template, "AWS::SageMaker::Model", "Seldom")["Properties"]["PrimaryContainer"]
    assert container["MultiModelConfig"] == {"ModelCacheSetting": "Disabled"}


def test_it_is_hardened_as_every_real_time_endpoint(template: Template) -> None:
    config = named(template, CONFIG, "CitiesConfig")
    assert config["Properties"]["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    assert config["Properties"]["ProductionVariants"][0]["InitialInstanceCount"] == 2
    assert config["Properties"]["DataCaptureConfig"]["EnableCapture"] is True
    assert "deviations" not in config["Metadata"]["mlgov"]


def test_a_caller_asks_for_the_models_it_was_granted(template: Template) -> None:
    (berlin,) = statements(template, "Berlin")
    assert berlin["Action"] == "sagemaker:InvokeEndpoint"
    assert berlin["Condition"] == {"StringLike": {"sagemaker:TargetModel": ["berlin/*", "potsdam.tar.gz"]}}


def test_a_caller_of_all_models_names_one(template: Template) -> None:
    (everywhere,) = statements(template, "Everywhere")
    assert everywhere["Condition"] == {"StringLike": {"sagemaker:TargetModel": ["*"]}}


def test_who_adds_models_may_put_them_there_and_do_nothing_else(template: Template) -> None:
    put, key = statements(template, "Deployer")
    assert put["Action"] == ["s3:AbortMultipartUpload", "s3:PutObject"]
    assert json.dumps(put["Resource"]).endswith('"/churn/cities/berlin/*"]]}')
    assert key["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_it_tells_how_often_models_are_loaded() -> None:
    made = endpoint(ground(cdk.App(), "Stack"))
    assert made.metric_model_cache_hit().metric_name == "ModelCacheHit"
    assert made.metric_model_loading_time().metric_name == "ModelLoadingTime"


def test_a_model_with_one_artifact_is_refused() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape("[Stack/Cities] the model has one artifact, not many")):
        endpoint(base, model=base.model("Model"))
    assert base.stack.node.try_find_child("Cities") is None


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (["/berlin.tar.gz"], "target_models holds '/berlin.tar.gz', which names no model"),
        (["berlin"], "target_models holds 'berlin', which names no model"),
        ([], "target_models is empty"),
    ],
)
def test_a_target_that_names_no_model_is_refused(targets: list[str], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    made = endpoint(base)
    user = iam.Role(base.stack, "User", assumed_by=iam.AccountRootPrincipal())
    for grant in (made.grant_invoke, made.grant_add_models):
        with pytest.raises(ConstructError, match=re.escape(message)):
            grant(user, target_models=targets)


def test_one_model_has_no_cache() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="model_cache is off, and there is one model only"):
        base.model("Model", model_cache=False)
