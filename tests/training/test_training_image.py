"""The repository of a training image, property by property."""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import DataKey
from mlgov_constructs.training import TrainingImage
from tests.mlops.pipelines import flat
from tests.templates import Template, of_type
from tests.training.conftest import DIGEST

REPOSITORY = "AWS::ECR::Repository"
BOTH = pytest.mark.parametrize("name", ["Plain", "Shared"])


def repository(images: Template, name: str) -> dict[str, Any]:
    (found,) = (each for i, each in of_type(images, REPOSITORY).items() if i.startswith(name))
    return found


def properties(images: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = repository(images, name)["Properties"]
    return found


@BOTH
def test_tags_do_not_move(images: Template, name: str) -> None:
    assert properties(images, name)["ImageTagMutability"] == "IMMUTABLE"


@BOTH
def test_images_are_scanned_when_pushed(images: Template, name: str) -> None:
    assert properties(images, name)["ImageScanningConfiguration"] == {"ScanOnPush": True}


@BOTH
def test_images_have_the_key(images: Template, name: str) -> None:
    encryption = properties(images, name)["EncryptionConfiguration"]
    assert encryption["EncryptionType"] == "KMS"
    assert encryption["KmsKey"]["Fn::GetAtt"][0].startswith("Key")


@BOTH
def test_images_outlive_the_stack(images: Template, name: str) -> None:
    found = repository(images, name)
    assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize(
    ("name", "perimeter"),
    [
        ("Plain", {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}),
        ("Shared", {"aws:PrincipalOrgID": "o-exampleorg1"}),
    ],
)
def test_nobody_outside_gets_anything(images: Template, name: str, perimeter: dict[str, Any]) -> None:
    deny = properties(images, name)["RepositoryPolicyText"]["Statement"][0]
    assert (deny["Effect"], deny["Action"]) == ("Deny", "ecr:*")
    assert deny["Principal"] in ("*", {"AWS": "*"})
    assert deny["Condition"] == {
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        "StringNotEquals": perimeter,
    }


def test_the_organisation_may_pull_and_no_more(images: Template) -> None:
    _, pull = properties(images, "Shared")["RepositoryPolicyText"]["Statement"]
    assert pull["Effect"] == "Allow"
    assert pull["Action"] == ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    assert pull["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}}


def test_an_account_of_its_own_shares_with_nobody(images: Template) -> None:
    assert len(properties(images, "Plain")["RepositoryPolicyText"]["Statement"]) == 1


@pytest.mark.parametrize(("name", "days"), [("Plain", 30), ("Shared", 7)])
def test_only_images_without_a_tag_are_removed(images: Template, name: str, days: int) -> None:
    rules = json.loads(properties(images, name)["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert [(rule["selection"]["tagStatus"], rule["selection"]["countNumber"]) for rule in rules] == [
        ("untagged", days)
    ]


@BOTH
def test_the_claims_are_true(images: Template, name: str) -> None:
    claimed = repository(images, name)["Metadata"]["mlgov"]["controls"]
    assert claimed == ["MLG-STU-13", "MLG-TRN-01", "MLG-TRN-02", "MLG-TRN-03"]
    rules = RuleEngine([CATALOGUE[control] for control in claimed])
    assert [each for each in rules.check_text(json.dumps(images)) if each.status is Status.FAILED] == []


def test_an_image_is_named_by_its_digest(images: Template) -> None:
    uri = flat(images["Outputs"]["Uri"]["Value"])
    assert uri.endswith(f"@{DIGEST}")
    assert "dkr.ecr" in uri


@pytest.fixture(scope="module")
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack")


@pytest.mark.parametrize("digest", ["latest", "v1", "sha256:abc", f"sha256:{'G' * 64}", ""])
def test_a_tag_is_no_digest(stack: cdk.Stack, digest: str) -> None:
    name = f"Digest{abs(hash(digest))}"
    images = TrainingImage(stack, name, encryption_key=DataKey(stack, f"{name}Key"))
    message = f"[Stack/{name}] digest {digest!r} is none. Write sha256: and 64 hexadecimal digits"
    with pytest.raises(ConstructError, match=re.escape(message)):
        images.image(digest=digest)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"organization_id": "exampleorg1"}, "organization_id 'exampleorg1' is none."),
        ({"untagged_retention": cdk.Duration.hours(24 * 4000)}, "untagged_retention is 4000 days. Keep images without"),
        ({"untagged_retention": cdk.Duration.hours(36)}, "untagged_retention is 1.5 days. Keep images without"),
    ],
)
def test_bad_input_is_refused(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    key = DataKey(stack, f"Key{abs(hash(message))}")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Bad] {message}")):
        TrainingImage(stack, "Bad", encryption_key=key, **arguments)
    assert stack.node.try_find_child("Bad") is None


def test_an_image_carries_what_the_steps_ask(stack: cdk.Stack) -> None:
    images = TrainingImage(stack, "Images", encryption_key=DataKey(stack, "ImagesKey"))
    image = images.image(digest=DIGEST, metrics={"auc": "auc=(.*)"}, resumes=True, accelerator="gpu")
    assert (image.is_fixed, image.resumes, image.accelerator, dict(image.metrics)) == (
        True,
        True,
        "gpu",
        {"auc": "auc=(.*)"},
    )
    assert image.repository_arn == images.repository_arn
