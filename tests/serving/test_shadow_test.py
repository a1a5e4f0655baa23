from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.serving import ContainerImage, DataCapture, ModelData, RealTimeEndpoint, ShadowTest, ShadowVariant
from tests.serving.conftest import DIGEST, Ground, ground, named
from tests.templates import Template

EXPERIMENT = "AWS::SageMaker::InferenceExperiment"
START = datetime.datetime(2030, 1, 7, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
END = START + datetime.timedelta(days=7)


def shadow_test(
    base: Ground, construct_id: str = "Version8", *, endpoint: RealTimeEndpoint | None = None, **arguments: Any
) -> ShadowTest:
    if "challenger" not in arguments:
        arguments["challenger"] = base.model(f"{construct_id}Challenger")
    boundary = base.stack.node.try_find_child("Ceiling") or PermissionsBoundary(base.stack, "Ceiling")
    given = {
        "encryption_key": base.key,
        "permissions_boundary": boundary,
        "results": DataCapture(base.bucket, prefix="churn/shadow-tests"),
        "end": END,
        **arguments,
    }
    return ShadowTest(base.stack, construct_id, endpoint=endpoint or base.endpoint(f"{construct_id}Live"), **given)


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "shadow")
        shadow_test(base)
        shadow_test(base, "Full", test_name="week-2", start=START, percentage=25, instance_count=4)

    return synthesize(build)["shadow"]


def properties(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = named(template, EXPERIMENT, name)["Properties"]
    return found


def test_its_volumes_have_the_key(template: Template) -> None:
    assert properties(template, "Version8")["KmsKey"]["Fn::GetAtt"][0].startswith("Key")


def test_what_it_keeps_has_the_key_of_the_bucket(template: Template) -> None:
    kept = properties(template, "Version8")["DataStorageConfig"]
    assert kept["KmsKey"]["Fn::GetAtt"][0].startswith("Key")
    assert kept["Destination"]["Fn::Join"][1][-1] == "/churn/shadow-tests"
    assert kept["ContentType"] == {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}


def test_the_model_that_serves_is_the_source(template: Template) -> None:
    test = properties(template, "Version8")
    assert test["Type"] == "ShadowMode"
    assert test["EndpointName"].startswith("shadow-Version8Live")
    serving, shadow = test["ModelVariants"]
    assert (serving["VariantName"], shadow["VariantName"]) == ("AllTraffic", "Shadow")
    assert serving["ModelName"]["Fn::GetAtt"][0].startswith("Version8LiveModel")
    assert shadow["ModelName"]["Fn::GetAtt"][0].startswith("Version8Challenger")
    assert test["ShadowModeConfig"] == {
        "SourceModelVariantName": "AllTraffic",
        "ShadowModelVariants": [{"SamplingPercentage": 100, "ShadowModelVariantName": "Shadow"}],
    }


def test_it_ends_by_itself(template: Template) -> None:
    assert properties(template, "Version8")["Schedule"] == {"EndTime": "2030-01-14T08:00:00Z"}
    assert properties(template, "Full")["Schedule"] == {
        "EndTime": "2030-01-14T08:00:00Z",
        "StartTime": "2030-01-07T08:00:00Z",
    }


def test_every_option_is_honoured(template: Template) -> None:
    full = properties(template, "Full")
    assert full["Name"] == "week-2"
    assert full["ShadowModeConfig"]["ShadowModelVariants"][0]["SamplingPercentage"] == 25
    machines = full["ModelVariants"][1]["InfrastructureConfig"]["RealTimeInferenceConfig"]
    assert machines == {"InstanceCount": 4, "InstanceType": "ml.m5.large"}


def test_it_belongs_to_the_project(template: Template) -> None:
    test = properties(template, "Version8")
    assert test["Name"] == "churn-Version8"
    assert {"Key": "mlgov:project", "Value": "churn"} in test["Tags"]


def test_it_begins_after_its_endpoint_and_its_rights(template: Template) -> None:
    after = named(template, EXPERIMENT, "Version8")["DependsOn"]
    assert any(name.startswith("Version8Live") for name in after)
    assert any(name.startswith("Version8RoleRights") for name in after)


def test_its_role_changes_this_endpoint_only(template: Template) -> None:
    rights = named(template, "AWS::IAM::ManagedPolicy", "Version8RoleRights")
    statements = rights["Properties"]["PolicyDocument"]["Statement"]
    (change,) = (each for each in statements if "sagemaker:UpdateEndpoint" in each["Action"])
    assert change["Action"] == ["sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpoint"]
    text = json.dumps(change["Resource"])
    assert ":endpoint/shadow-version8live" in text
    assert ":endpoint/*" not in text
    assert properties(template, "Version8")["RoleArn"]["Fn::GetAtt"][0].startswith("Version8Role")
    (configs,) = (each for each in statements if "sagemaker:CreateEndpointConfig" in each["Action"])
    assert configs["Action"] == [
        "sagemaker:CreateEndpointConfig",
        "sagemaker:DeleteEndpointConfig",
        "sagemaker:DescribeEndpointConfig",
    ]
    assert configs["Resource"]["Fn::Join"][1][-1].endswith(":endpoint-config/*")
    (models,) = (each for each in statements if each["Action"] == "sagemaker:DescribeModel")
    assert [each["Ref"][: len("Version8Chal")] for each in models["Resource"]] == ["Version8Live", "Version8Chal"]
    assert {each["Sid"] for each in statements if "Sid" in each} == {"VolumeKey", "VolumeKeyGrants"}
    role = named(template, "AWS::IAM::Role", "Version8Role")["Properties"]
    assert role["PermissionsBoundary"]["Ref"].startswith("Ceiling")
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"percentage": 0}, "a shadow of 0 percent is out of range"),
        ({"percentage": 101}, "a shadow of 101 percent is out of range"),
        ({"instance_count": 1}, "instance_count 1 would take the model that serves down to it"),
        ({"test_name": "a_b"}, "test_name 'a_b' is no name of a test"),
        ({"instance_type": "ml.g5.xlarge"}, "instance_type 'ml.g5.xlarge' has disks of its host"),
        ({"end": datetime.datetime(2030, 1, 1)}, "start or end has no time zone"),
        ({"start": END, "end": START}, "a test from 2030-01-14T09:00:00+01:00 to 2030-01-07T09:00:00+01:00"),
        ({"start": START, "end": START + datetime.timedelta(days=31)}, "a test from 2030-01-07T09:00:00+01:00"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Version8] {message}")):
        shadow_test(base, **arguments)
    assert base.stack.node.try_find_child("Version8") is None


def test_both_models_are_of_one_project_and_one_artifact() -> None:
    base = ground(cdk.App(), "Stack")
    other = base.model("Other", role=base.job_role("Fraud", project="fraud"))
    with pytest.raises(ConstructError, match="the challenger is of project 'fraud', the endpoint of 'churn'"):
        shadow_test(base, "A", challenger=other)
    image = ContainerImage.from_uri(f"a@{DIGEST}")
    many = base.model("Many", image=image, model_data=ModelData(base.bucket, "churn/many/"))
    with pytest.raises(ConstructError, match="no shadow test with many models"):
        shadow_test(base, "B", challenger=many)


def test_an_endpoint_has_one_shadow() -> None:
    base = ground(cdk.App(), "Stack")
    shadowed = base.endpoint("Live", shadow=ShadowVariant(base.model("Shadow")))
    with pytest.raises(ConstructError, match="the endpoint has a shadow of its own"):
        shadow_test(base, endpoint=shadowed)
