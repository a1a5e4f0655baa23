from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest

from mlgov_constructs.protection import DataKey, GovernedBucket
from mlgov_constructs.serving import DataCapture
from tests.serving.conftest import ground, named
from tests.templates import Template


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "capture")
        kept = GovernedBucket(base.stack, "Kept", encryption_key=DataKey(base.stack, "Other"))
        base.endpoint("Endpoint", data_capture=DataCapture(kept))

    return synthesize(build)["capture"]


def test_what_is_kept_has_the_key_of_its_own_bucket(template: Template) -> None:
    config = named(template, "AWS::SageMaker::EndpointConfig", "Endpoint")["Properties"]
    assert config["DataCaptureConfig"]["KmsKeyId"]["Fn::GetAtt"][0].startswith("Other")
    assert config["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")


def test_its_role_gets_two_actions_on_that_key_and_two_under_the_prefix(template: Template) -> None:
    rights = named(template, "AWS::IAM::ManagedPolicy", "RoleRights")["Properties"]["PolicyDocument"]["Statement"]
    (write,) = (each for each in rights if "s3:PutObject" in each["Action"])
    assert write["Action"] == ["s3:AbortMultipartUpload", "s3:PutObject"]
    bucket, path = write["Resource"]["Fn::Join"][1]
    assert bucket["Fn::GetAtt"][0].startswith("Kept")
    assert path == "/churn/data-capture/*"
    (key,) = (each for each in rights if "kms:GenerateDataKey" in each["Action"] and "Sid" not in each)
    assert key["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert key["Resource"]["Fn::GetAtt"][0].startswith("Other")
