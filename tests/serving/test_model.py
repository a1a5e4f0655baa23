from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobType
from mlgov_constructs.network import EndpointService
from mlgov_constructs.serving import SERVING_SERVICES, ContainerImage, Model, ModelData
from tests.serving.conftest import DIGEST, PACKAGE, ground, named
from tests.templates import Template, of_type

MODEL = "AWS::SageMaker::Model"
IMAGE = ContainerImage.from_uri(f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/churn@{DIGEST}")


def properties(serving: Template, name: str) -> dict[str, Any]:
    values: dict[str, Any] = named(serving, MODEL, name)["Properties"]
    return values


def test_it_has_no_network_without_an_argument(serving: Template) -> None:
    assert properties(serving, "Package")["EnableNetworkIsolation"] is True


def test_it_is_in_every_isolated_subnet_with_the_workload_group(serving: Template) -> None:
    config = properties(serving, "Package")["VpcConfig"]
    assert [subnet["Ref"][:18] for subnet in config["Subnets"]] == ["VpcIsolatedSubnet1", "VpcIsolatedSubnet2"]
    assert [group["Fn::GetAtt"][0][:18] for group in config["SecurityGroupIds"]] == ["VpcAccessWorkloads"]


def test_a_package_brings_image_and_artifact(serving: Template) -> None:
    assert properties(serving, "Package")["PrimaryContainer"] == {
        "ModelPackageName": PACKAGE,
        "Environment": {"LEVEL": "info"},
    }


def test_it_carries_the_project_of_its_role(serving: Template) -> None:
    assert properties(serving, "Package")["Tags"] == [
        {"Key": "mlgov:deployed-by", "Value": "stack"},
        {"Key": "mlgov:project", "Value": "churn"},
    ]
    assert properties(serving, "Package")["ExecutionRoleArn"]["Fn::GetAtt"][0].startswith("Role")


def test_an_image_of_ecr_is_pinned_and_pulled_by_the_platform(serving: Template) -> None:
    found = properties(serving, "FromEcr")
    container = found["PrimaryContainer"]
    assert container["Image"]["Fn::Join"][1][-1] == f"@{DIGEST}"
    assert container["ImageConfig"] == {"RepositoryAccessMode": "Platform"}
    assert container["ModelDataUrl"]["Fn::Join"][1][-1] == "/churn/models/8/model.tar.gz"
    assert found["VpcConfig"]["SecurityGroupIds"][0]["Fn::GetAtt"][0].startswith("Group")
    assert found["ModelName"] == "churn-8"


def test_an_image_of_a_private_registry_comes_through_the_vpc(serving: Template) -> None:
    assert properties(serving, "Private")["PrimaryContainer"]["ImageConfig"] == {
        "RepositoryAccessMode": "Vpc",
        "RepositoryAuthConfig": {
            "RepositoryCredentialsProviderArn": "arn:aws:lambda:eu-west-1:111122223333:function:registry"
        },
    }
    claims = named(serving, MODEL, "Private")["Metadata"]["mlgov"]
    assert "MLG-SRV-04" in claims["controls"]
    assert "deviations" not in claims


def test_a_prefix_holds_many_models(serving: Template) -> None:
    assert properties(serving, "Many")["PrimaryContainer"]["Mode"] == "MultiModel"


@pytest.mark.parametrize("name", ["Package", "FromEcr"])
def test_a_pull_by_the_platform_is_recorded(serving: Template, name: str) -> None:
    ((deviation),) = named(serving, MODEL, name)["Metadata"]["mlgov"]["deviations"]
    assert deviation["control"] == "MLG-SRV-04"
    assert deviation["reason"].startswith("Amazon ECR is private")


def test_its_role_may_pull_and_read_and_ask_for_credentials(serving: Template) -> None:
    statements = json.dumps(named(serving, "AWS::IAM::ManagedPolicy", "RoleRights"))
    for action in ("ecr:BatchGetImage", "s3:GetObject*", "kms:Decrypt", "lambda:InvokeFunction"):
        assert f'"{action}"' in statements, action
    assert "/churn/models/8/model.tar.gz" in statements
    assert "/churn/many/*" in statements


def test_it_starts_after_its_role_has_its_rights(serving: Template) -> None:
    assert any(name.startswith("RoleRights") for name in named(serving, MODEL, "Package")["DependsOn"])


def test_the_vpc_gets_the_endpoints_of_serving(serving: Template) -> None:
    names = json.dumps([e["Properties"]["ServiceName"] for e in of_type(serving, "AWS::EC2::VPCEndpoint").values()])
    for service in (*SERVING_SERVICES, EndpointService.LAMBDA):
        assert re.search(rf'[."]{re.escape(service.value)}"', names), service


def test_the_rules_agree_with_the_claims(serving: Template) -> None:
    controls = [control for name, control in CATALOGUE.items() if name.startswith("MLG-SRV-")]
    findings = RuleEngine(controls).check_text(json.dumps(serving))
    assert [(f.control.id, f.logical_id) for f in findings if f.status is Status.FAILED] == []
    claimed = {
        (deviation["control"], logical_id)
        for logical_id, resource in serving["Resources"].items()
        for deviation in resource.get("Metadata", {}).get("mlgov", {}).get("deviations", ())
        if deviation["control"].startswith("MLG-SRV-")
    }
    # A rule looks at the scaling of the whole template, where other endpoints scale.
    assert claimed - {(f.control.id, f.logical_id) for f in findings} == {
        each for each in claimed if each[0] == "MLG-SRV-08"
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model_package_arn": None}, "the model has neither a package nor an image. Give model_package_arn"),
        ({"image": IMAGE, "model_package_arn": PACKAGE}, "the model has a package and an image"),
        (
            {"model_package_arn": "arn:aws:sagemaker:eu-west-1:111122223333:model-package-group/churn"},
            "model_package_arn 'arn:aws:sagemaker:eu-west-1:111122223333:model-package-group/churn' is no version",
        ),
        ({"image": ContainerImage.from_uri("a/churn:latest")}, "image 'a/churn:latest' is named by a tag"),
        ({"image": ContainerImage.from_uri("a/churn")}, "image 'a/churn' is named by a tag"),
        ({"image": ContainerImage.from_uri("a/churn@sha256:12")}, "image 'a/churn@sha256:12' is named by a tag"),
        ({"project": "fraud"}, "project 'fraud' differs from 'churn', the project of the role"),
        ({"model_name": "a_b"}, "model_name 'a_b' is no name of a model"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Model] {message}")):
        base.model("Model", **arguments)
    assert base.stack.node.try_find_child("Model") is None


def test_an_artifact_must_be_an_archive_or_a_prefix() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape("model_data 'churn/model.pkl' is no archive")):
        base.model("Model", image=IMAGE, model_data=ModelData(base.bucket, "churn/model.pkl"))
    with pytest.raises(ConstructError, match="model_data is given beside a package"):
        base.model("Model", model_data=ModelData(base.bucket, "churn/model.tar.gz"))


def test_a_role_must_be_for_hosting_and_have_a_project() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="role is for training"):
        base.model("Model", role=base.job_role("Training", JobType.TRAINING))
    role = iam.Role(base.stack, "Other", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    with pytest.raises(ConstructError, match="the model has no project"):
        base.model("Model", role=role)
    assert isinstance(base.model("Model", role=role, project="churn"), Model)


def test_an_image_known_only_at_deployment_is_taken() -> None:
    base = ground(cdk.App(), "Stack")
    uri = cdk.CfnParameter(base.stack, "Image").value_as_string
    assert base.model("Model", image=ContainerImage.from_uri(uri)).model_name
    with pytest.raises(ConstructError, match="is named by a tag"):
        base.model("Tagged", image=ContainerImage.from_uri(f"{uri}:latest"))
