"""Models that are brought to a registry, and what other accounts get to serve them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import CATALOGUE, Relaxation, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.mlops import ModelCardContent, ModelRegistry, ModelReports, RegisteredModel
from mlgov_constructs.protection import DataKey, GovernedBucket
from mlgov_constructs.serving import ContainerImage, ModelData
from tests.mlops.test_model_card import FULL, USES
from tests.mlops.test_model_registry import flat
from tests.templates import Template, of_type

VERSION = "AWS::SageMaker::ModelPackage"
DIGEST = f"sha256:{'a' * 64}"
REASON = Relaxation("Production serves the models of this account, PLATFORM-42")


def arguments(stack: cdk.Stack, **changes: Any) -> dict[str, Any]:
    bucket = s3.Bucket.from_bucket_name(stack, f"Bucket{len(stack.node.children)}", "artifacts")
    return {
        "image": ContainerImage.from_private_registry(f"registry.example.org/churn@{DIGEST}"),
        "model_data": ModelData(bucket, "churn/models/7/model.tar.gz"),
        "model_data_version": "3sL4kqtJlcpXroDTDmJ",
        "origin": "Partner laboratory",
        "data_version": "2026-10",
        "code_commit": "0f3c9a1",
        **changes,
    }


def _models(app: cdk.App) -> None:
    stack = cdk.Stack(app, "models")
    cdk.Tags.of(stack).add("cost-centre", "4711")
    key = DataKey(stack, "Key")
    bucket = GovernedBucket(stack, "Data", encryption_key=key, organization_id="o-exampleorg1")
    repository = ecr.Repository(stack, "Repository")
    registry = ModelRegistry(
        stack,
        "Registry",
        project="churn",
        reader_accounts=["111122223333", "444455556666"],
        organization_id="o-exampleorg1",
    )
    registry.share_artifacts(
        bucket=bucket, encryption_key=key, prefix="churn/models/", reason=REASON, repositories=[repository]
    )
    common: dict[str, Any] = {"registry": registry, "encryption_key": key}
    RegisteredModel(stack, "Plain", **common, **arguments(stack))
    RegisteredModel(stack, "Next", **common, **arguments(stack, data_version="2026-11"))
    RegisteredModel(
        stack,
        "Full",
        **common,
        **arguments(
            stack,
            image=ContainerImage.from_ecr_repository(repository, DIGEST),
            model_data=ModelData(bucket, "churn/models/8/model.tar.gz"),
            card=FULL,
            reports=ModelReports(
                quality="s3://data/quality.json",
                data_quality="s3://data/data-quality.json",
                bias="s3://data/bias.json",
                explainability="s3://data/explainability.json",
            ),
            description="The autumn model",
            metadata={"team": "growth"},
            content_types=["application/json"],
        ),
    )


@pytest.fixture(scope="module")
def models(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_models)["models"]


def version(models: Template, name: str) -> dict[str, Any]:
    (found,) = (resource for i, resource in of_type(models, VERSION).items() if i.startswith(name))
    return found


def test_a_version_waits_for_approval_in_its_group(models: Template) -> None:
    properties = version(models, "Plain")["Properties"]
    assert properties["ModelApprovalStatus"] == "PendingManualApproval"
    assert properties["ModelPackageGroupName"] == "churn"
    (group,) = of_type(models, "AWS::SageMaker::ModelPackageGroup")
    assert version(models, "Plain")["DependsOn"] == [group]


def test_a_version_is_encrypted(models: Template) -> None:
    key = version(models, "Plain")["Properties"]["SecurityConfig"]["KmsKeyId"]
    assert key["Fn::GetAtt"][0].startswith("Key")


def test_a_version_names_image_and_artifact(models: Template) -> None:
    (container,) = version(models, "Plain")["Properties"]["InferenceSpecification"]["Containers"]
    assert container["Image"].endswith(f"@{DIGEST}")
    assert container["ModelDataUrl"] == "s3://artifacts/churn/models/7/model.tar.gz"


def test_a_version_says_where_it_comes_from(models: Template) -> None:
    assert version(models, "Plain")["Properties"]["CustomerMetadataProperties"] == {
        "mlgov:code-commit": "0f3c9a1",
        "mlgov:data-version": "2026-10",
        "mlgov:image": f"registry.example.org/churn@{DIGEST}",
        "mlgov:model-data-version": "3sL4kqtJlcpXroDTDmJ",
        "mlgov:origin": "Partner laboratory",
        "mlgov:project": "churn",
    }


def test_metadata_of_the_user_replace_none_of_ours(models: Template) -> None:
    metadata = version(models, "Full")["Properties"]["CustomerMetadataProperties"]
    assert metadata["team"] == "growth"
    assert metadata["mlgov:project"] == "churn"


def test_a_version_has_no_tags_although_the_app_has(models: Template) -> None:
    assert "Tags" not in version(models, "Plain")["Properties"]


def test_a_card_is_a_draft_by_the_schema_of_versions(models: Template) -> None:
    card = version(models, "Full")["Properties"]["ModelCard"]
    assert card["ModelCardStatus"] == "Draft"
    assert json.loads(card["ModelCardContent"]) == FULL.version_document()
    assert "ModelCard" not in version(models, "Plain")["Properties"]


def test_reports_are_beside_it(models: Template) -> None:
    metrics = version(models, "Full")["Properties"]["ModelMetrics"]
    assert metrics == {
        "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://data/quality.json"}},
        "ModelDataQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://data/data-quality.json"}},
        "Bias": {"Report": {"ContentType": "application/json", "S3Uri": "s3://data/bias.json"}},
        "Explainability": {"Report": {"ContentType": "application/json", "S3Uri": "s3://data/explainability.json"}},
    }


def test_what_it_reads_and_runs_on(models: Template) -> None:
    specification = version(models, "Full")["Properties"]["InferenceSpecification"]
    assert specification["SupportedContentTypes"] == ["application/json"]
    assert specification["SupportedResponseMIMETypes"] == ["text/csv"]
    assert "ml.m5.large" in specification["SupportedRealtimeInferenceInstanceTypes"]


@pytest.mark.parametrize("policy", ["DeletionPolicy", "UpdateReplacePolicy"])
def test_versions_are_retained(models: Template, policy: str) -> None:
    assert version(models, "Plain")[policy] == "Retain"


def logical_id(**changes: Any) -> str:
    stack = cdk.Stack(cdk.App(), "Stack")
    registry = ModelRegistry(stack, "Registry", project="churn")
    RegisteredModel(
        stack, "Model", registry=registry, encryption_key=DataKey(stack, "Key"), **arguments(stack, **changes)
    )
    template = cdk.App.of(stack)
    assert template is not None
    (found,) = of_type(template.synth().get_stack_by_name("Stack").template, VERSION)
    return found


def test_a_changed_version_is_another_one_and_leaves_the_last() -> None:
    assert logical_id() == logical_id()
    assert len({logical_id(), logical_id(data_version="2026-11"), logical_id(metadata={"team": "growth"})}) == 3


def test_readers_get_artifacts_key_and_images(models: Template) -> None:
    (bucket,) = (p for i, p in of_type(models, "AWS::S3::BucketPolicy").items() if i.startswith("Data"))
    (key,) = of_type(models, "AWS::KMS::Key").values()
    (repository,) = of_type(models, "AWS::ECR::Repository").values()
    policies = (
        bucket["Properties"]["PolicyDocument"],
        key["Properties"]["KeyPolicy"],
        repository["Properties"]["RepositoryPolicyText"],
    )
    actions = (
        ["s3:GetObject", "s3:GetObjectVersion"],
        ["kms:Decrypt", "kms:DescribeKey"],
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    )
    for policy, allowed in zip(policies, actions, strict=True):
        (found,) = (s for s in policy["Statement"] if "111122223333" in json.dumps(s))
        assert found["Action"] == allowed
        assert [flat(each) for each in found["Principal"]["AWS"]] == [
            "arn:<AWS::Partition>:iam::111122223333:root",
            "arn:<AWS::Partition>:iam::444455556666:root",
        ]
        assert found["Condition"]["StringEquals"]["aws:PrincipalOrgID"] == "o-exampleorg1"


def test_the_rules_agree_with_the_claims(models: Template) -> None:
    for resource in of_type(models, VERSION).values():
        assert resource["Metadata"]["mlgov"] == {"controls": list(RegisteredModel.CONTROLS)}
    engine = RuleEngine([CATALOGUE[control] for control in RegisteredModel.CONTROLS])
    assert engine.check_text(json.dumps(models)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"image": ContainerImage.from_uri("registry.example.org/churn:7")},
            "image 'registry.example.org/churn:7' is named by a tag",
        ),
        ({"key": "churn/models/"}, "model_data 'churn/models/' is no archive"),
        ({"key": "churn/model.pkl"}, "model_data 'churn/model.pkl' is no archive"),
        ({"origin": ""}, "metadata mlgov:origin cannot be ''"),
        ({"origin": "a, b"}, "metadata mlgov:origin cannot be 'a, b'"),
        ({"data_version": "x" * 257}, "metadata mlgov:data-version cannot be"),
        ({"metadata": {"team": "?"}}, "metadata team cannot be '?'"),
        ({"description": "x" * 1025}, "description has 1025 characters, more than 1024"),
        (
            {"card": ModelCardContent(intended_uses=USES.__class__(**{**USES.__dict__, "intended_uses": ""}))},
            "intended_uses.intended_uses of the model card is empty",
        ),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(changes: dict[str, Any], message: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    registry = ModelRegistry(stack, "Registry", project="churn")
    given = arguments(stack)
    if "key" in changes:
        changes = {"model_data": ModelData(given["model_data"].bucket, changes["key"])}
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Model] {message}")):
        RegisteredModel(stack, "Model", registry=registry, encryption_key=DataKey(stack, "Key"), **{**given, **changes})
    assert stack.node.try_find_child("Model") is None


def test_sharing_needs_somebody_to_share_with() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    key = DataKey(stack, "Key")
    bucket = GovernedBucket(stack, "Data", encryption_key=key, organization_id="o-exampleorg1")
    registry = ModelRegistry(stack, "Registry", project="churn", organization_id="o-exampleorg1")
    with pytest.raises(ConstructError, match=r"\[Stack/Registry\] the registry has no reader accounts"):
        registry.share_artifacts(bucket=bucket, encryption_key=key, prefix="churn/", reason=REASON)


def test_images_are_shared_where_they_are_created() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    key = DataKey(stack, "Key")
    bucket = GovernedBucket(stack, "Data", encryption_key=key, organization_id="o-exampleorg1")
    registry = ModelRegistry(stack, "Registry", project="churn", reader_accounts=["111122223333"])
    imported = ecr.Repository.from_repository_name(stack, "Imported", "churn")
    with pytest.raises(ConstructError, match=r"\[Stack/Registry\] repository Stack/Imported is imported"):
        registry.share_artifacts(
            bucket=bucket, encryption_key=key, prefix="churn/", reason=REASON, repositories=[imported]
        )
