from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace import ImageRepository, StudioApp, StudioImage, StudioLifecycle
from tests.templates import Template, of_type
from tests.workspace.studio.conftest import DIGEST, ground
from tests.workspace.studio.test_studio_domain import resource


def test_an_image_is_pinned_described_and_tagged(studio: Template) -> None:
    image = resource(studio, "AWS::SageMaker::Image", "Image")["Properties"]
    assert image["ImageDescription"] == "Python for churn"
    assert {"Key": "mlgov:project", "Value": "churn"} in image["Tags"]
    version = resource(studio, "AWS::SageMaker::ImageVersion", "ImageVersion")
    assert version["Properties"]["BaseImage"]["Fn::Join"][1][-1] == f"@{DIGEST}"
    assert any(dependency.startswith("Image") for dependency in version["DependsOn"])
    for kind, name in (("AWS::SageMaker::Image", "Image"), ("AWS::SageMaker::AppImageConfig", "ImageConfig")):
        assert resource(studio, kind, name)["Metadata"]["mlgov"] == {"controls": list(StudioImage.CONTROLS)}
    config = resource(studio, "AWS::SageMaker::AppImageConfig", "ImageConfig")["Properties"]
    assert config["AppImageConfigName"] == "churn-python"
    assert {"Key": "mlgov:project", "Value": "churn"} in config["Tags"]


def test_sagemaker_pulls_from_this_repository_alone(studio: Template) -> None:
    (rights,) = (r for i, r in of_type(studio, "AWS::IAM::ManagedPolicy").items() if i.startswith("ImageRoleRights"))
    statements = {each["Sid"]: each for each in rights["Properties"]["PolicyDocument"]["Statement"]}
    assert statements["Pull"]["Resource"]["Fn::GetAtt"][0].startswith("ImageRepository")
    assert statements["SignIn"]["Action"] == "ecr:GetAuthorizationToken"
    role = resource(studio, "AWS::IAM::Role", "ImageRole")["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    waits = resource(studio, "AWS::SageMaker::Image", "Image")["DependsOn"]
    assert any(name.startswith("ImageRoleRights") for name in waits)


def test_a_repository_is_immutable_scanned_encrypted_and_kept(studio: Template) -> None:
    repository = resource(studio, "AWS::ECR::Repository", "ImageRepository")
    properties = repository["Properties"]
    assert properties["ImageTagMutability"] == "IMMUTABLE"
    assert properties["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert properties["EncryptionConfiguration"]["EncryptionType"] == "KMS"
    assert properties["EncryptionConfiguration"]["KmsKey"]["Fn::GetAtt"][0].startswith("Key")
    assert repository["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize(("flag", "policy"), [(False, "Retain"), (True, "Delete")])
def test_two_keys_remove_a_repository(flag: bool, policy: str) -> None:
    app = cdk.App(context={"mlgov:allowDataRemoval": flag})
    stack = cdk.Stack(app, "Stack")
    destroy = cdk.RemovalPolicy.DESTROY
    ImageRepository(stack, "Images", encryption_key=DataKey(stack, "Key"), removal_policy=destroy)
    template = app.synth().get_stack_by_name("Stack").template
    (repository,) = of_type(template, "AWS::ECR::Repository").values()
    assert repository["DeletionPolicy"] == policy


def test_a_script_is_named_by_its_content_and_has_no_tags(studio: Template) -> None:
    lab = resource(studio, "AWS::SageMaker::StudioLifecycleConfig", "Lab")["Properties"]
    assert base64.b64decode(lab["StudioLifecycleConfigContent"]) == b"echo lab"
    assert lab["StudioLifecycleConfigAppType"] == "JupyterLab"
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,53}-[0-9a-f]{8}", lab["StudioLifecycleConfigName"])
    assert "Tags" not in lab


def test_an_image_runs_with_its_variables(synthesize: Callable[..., dict[str, Template]]) -> None:
    template = synthesize(lambda app: ground(app).image(environment={"B": "2", "A": "1"}))["studio"]
    (config,) = of_type(template, "AWS::SageMaker::AppImageConfig").values()
    container = config["Properties"]["JupyterLabAppImageConfig"]["ContainerConfig"]
    assert container["ContainerEnvironmentVariables"] == [{"Key": "A", "Value": "1"}, {"Key": "B", "Value": "2"}]


def test_a_long_path_makes_a_name_that_sagemaker_takes(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        StudioLifecycle(cdk.Stack(app, "Stack"), "Lab" * 40, app=StudioApp.JUPYTER_LAB, script="echo 1")

    (made,) = of_type(synthesize(build)["Stack"], "AWS::SageMaker::StudioLifecycleConfig").values()
    assert len(made["Properties"]["StudioLifecycleConfigName"]) <= 63


def test_another_script_has_another_name() -> None:
    names = []
    for script in ("echo 1", "echo 2"):
        app = cdk.App()
        StudioLifecycle(cdk.Stack(app, "Stack"), "Lab", app=StudioApp.JUPYTER_LAB, script=script)
        template = json.loads(json.dumps(app.synth().get_stack_by_name("Stack").template))
        (found,) = of_type(template, "AWS::SageMaker::StudioLifecycleConfig").values()
        names.append(found["Properties"]["StudioLifecycleConfigName"])
    assert names[0] != names[1]
    assert names[0][:-8] == names[1][:-8]


@pytest.mark.parametrize(
    ("script", "message"),
    [("  ", "the script is empty"), ("x" * 12_289, "the script has 16388 characters in base64")],
)
def test_a_bad_script_is_refused(script: str, message: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Lab] {message}")):
        StudioLifecycle(stack, "Lab", app=StudioApp.JUPYTER_LAB, script=script)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_name": "a--b"}, "image_name 'a--b' is no name"),
        ({"digest": "latest"}, "digest 'latest' does not pin an image"),
    ],
)
def test_a_bad_image_is_refused(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Image] {message}")):
        base.image(**arguments)
