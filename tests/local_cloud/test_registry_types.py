"""Versions and cards of models: what is deployed, decided and told, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mlgov_constructs.identity.activities import ApproveModels, RegisterModels
from tests.local_cloud.catalog_templates import role, trust
from tests.local_cloud.conftest import Cloud, Stack
from tests.local_cloud.test_mlops_enforcement import refused, rights, sagemaker

TAG = [{"Key": "mlgov:project", "Value": "churn"}]
IMAGE = f"111122223333.dkr.ecr.us-east-1.amazonaws.com/churn@sha256:{'a' * 64}"
CONTENT = {
    "IntendedUses": {"PurposeOfModel": "Keep customers", "RiskRating": "Low"},
    "EvaluationDetails": [
        {
            "Name": "holdout",
            "MetricGroups": [{"Name": "q", "MetricData": [{"Name": "auc", "Type": "number", "Value": 0.9}]}],
        }
    ],
    "AdditionalInformation": {"CustomDetails": {"risk_Ticket": "RISK-12"}},
}


def group(name: str) -> dict[str, Any]:
    return {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"ModelPackageGroupName": name, "Tags": TAG}}


def version(**changes: Any) -> dict[str, Any]:
    properties = {
        "CustomerMetadataProperties": {"mlgov:data-version": "v1", "team": "growth"},
        "InferenceSpecification": {
            "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://data/churn/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
        "ModelApprovalStatus": "PendingManualApproval",
        "ModelCard": {"ModelCardContent": "{}", "ModelCardStatus": "Draft"},
        "ModelPackageDescription": "The autumn model",
        "ModelPackageGroupName": "registered-churn",
        "SecurityConfig": {"KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1"},
    }
    return {
        "Type": "AWS::SageMaker::ModelPackage",
        "DependsOn": "Group",
        "Properties": {**properties, **changes},
    }


def card(**changes: Any) -> dict[str, Any]:
    properties = {
        "Content": CONTENT,
        "ModelCardName": "registered-churn",
        "ModelCardStatus": "PendingReview",
        "SecurityConfig": {"KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1"},
        "Tags": TAG,
    }
    return {"Type": "AWS::SageMaker::ModelCard", "Properties": {**properties, **changes}}


def rule(detail_type: str) -> dict[str, Any]:
    pattern = {"source": ["aws.sagemaker"], "detail-type": [detail_type]}
    target = {"Id": "Queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}
    return {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": [target]}}


RESOURCES: dict[str, Any] = {
    "Group": group("registered-churn"),
    "Version": version(),
    "Card": card(),
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "registered-churn"}},
    "OnVersion": rule("SageMaker Model Package State Change"),
    "OnCard": rule("SageMaker Model Card State Change"),
}


@pytest.fixture(scope="module")
def registered(cloud: Cloud) -> Iterator[Stack]:
    stack = cloud.stack(**RESOURCES)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    yield stack
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()


def told(cloud: Cloud, registered: Stack) -> list[dict[str, Any]]:
    """What arrived in the queue since the last look."""
    sqs = cloud.client("sqs")
    found = sqs.receive_message(QueueUrl=registered.id("Queue"), MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=registered.id("Queue"), ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


def test_every_property_of_a_version_is_described(cloud: Cloud, registered: Stack) -> None:
    found = cloud.client("sagemaker").describe_model_package(ModelPackageName=registered.id("Version"))
    for name, value in version()["Properties"].items():
        assert found[name] == value, name
    assert (found["ModelPackageVersion"], found["ModelPackageStatus"]) == (1, "Completed")


def test_a_card_says_what_its_template_says(cloud: Cloud, registered: Stack) -> None:
    found = cloud.client("sagemaker").describe_model_card(ModelCardName=registered.id("Card"))
    assert (found["ModelCardStatus"], found["ModelCardVersion"]) == ("PendingReview", 1)
    assert found["SecurityConfig"] == card()["Properties"]["SecurityConfig"]
    content = json.loads(found["Content"])
    assert content["intended_uses"] == {"purpose_of_model": "Keep customers", "risk_rating": "Low"}
    assert content["evaluation_details"][0]["metric_groups"][0]["metric_data"][0]["value"] == 0.9
    assert content["additional_information"] == {"custom_details": {"risk_Ticket": "RISK-12"}}
    assert cloud.client("sagemaker").list_tags(ResourceArn=found["ModelCardArn"])["Tags"] == TAG


def test_a_decision_reaches_who_listens(cloud: Cloud, registered: Stack) -> None:
    told(cloud, registered)
    client, arn = cloud.client("sagemaker"), registered.id("Version")
    client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    stage = {"Stage": "Production", "StageStatus": "Approved"}
    client.update_model_package(ModelPackageArn=arn, ModelLifeCycle=stage)
    first, second = told(cloud, registered)
    assert (first["source"], first["resources"]) == ("aws.sagemaker", [arn])
    assert first["detail"]["ModelApprovalStatus"] == "Approved"
    assert first["detail"]["ModelPackageGroupName"] == "registered-churn"
    assert second["detail"]["ModelLifeCycle"] == stage
    client.update_model_card(ModelCardName="registered-churn", ModelCardStatus="Approved")
    (third,) = told(cloud, registered)
    assert third["detail"]["ModelCardStatus"] == "Approved"
    assert third["resources"][0].endswith(":model-card/registered-churn")


def test_a_changed_text_is_a_version_of_the_card(cloud: Cloud, registered: Stack) -> None:
    changed = card(Content={"IntendedUses": {"RiskRating": "High"}}, Tags=[{"Key": "team", "Value": "a"}])
    assert registered.update(Card=changed) == "UPDATE_COMPLETE", registered.failures()
    client = cloud.client("sagemaker")
    found = client.describe_model_card(ModelCardName="registered-churn")
    assert (found["ModelCardVersion"], json.loads(found["Content"])) == (2, {"intended_uses": {"risk_rating": "High"}})
    first = client.describe_model_card(ModelCardName=found["ModelCardArn"], ModelCardVersion=1)
    assert json.loads(first["Content"])["intended_uses"]["risk_rating"] == "Low"
    versions = client.list_model_card_versions(ModelCardName="registered-churn")["ModelCardVersionSummaryList"]
    assert [each["ModelCardVersion"] for each in versions] == [2, 1]
    assert client.list_tags(ResourceArn=found["ModelCardArn"])["Tags"] == [{"Key": "team", "Value": "a"}]
    listed = client.list_model_cards(NameContains="registered")["ModelCardSummaries"]
    assert [each["ModelCardName"] for each in listed] == ["registered-churn"]


def test_metadata_change_in_place_and_a_new_artifact_makes_a_new_version(cloud: Cloud, registered: Stack) -> None:
    before = registered.id("Version")
    metadata = {"mlgov:data-version": "v2"}
    assert registered.update(Version=version(CustomerMetadataProperties=metadata)) == "UPDATE_COMPLETE"
    assert registered.id("Version") == before
    client = cloud.client("sagemaker")
    assert client.describe_model_package(ModelPackageName=before)["CustomerMetadataProperties"] == metadata
    assert registered.update(Version=version(ModelPackageDescription="The winter model")) == "UPDATE_COMPLETE"
    assert registered.id("Version").endswith("/2")


def test_tags_of_a_version_fail_the_deployment(cloud: Cloud, registered: Stack) -> None:
    tagged = cloud.stack(Group=group("tagged-churn"), Version=version(ModelPackageGroupName="tagged-churn", Tags=TAG))
    assert tagged.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "has those of its group" in tagged.failures()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Content": "no"}, "is no JSON"),
        ({"Content": "[]"}, "does not follow the schema: it is no object"),
        ({"Content": '{"uses": {}}'}, "does not follow the schema: uses"),
        ({"Content": '{"intended_uses": {"risk_rating": "Huge"}}'}, "risk_rating Huge"),
        ({"Content": "{}", "ModelCardStatus": "Draft"}, "both model card content and model card status"),
    ],
)
def test_what_the_service_refuses_is_refused(
    cloud: Cloud, registered: Stack, given: dict[str, str], message: str
) -> None:
    client = cloud.client("sagemaker")
    with pytest.raises(client.exceptions.ClientError, match=message):
        client.update_model_card(ModelCardName="registered-churn", **given)


def test_an_archived_card_keeps_what_it_says(cloud: Cloud, registered: Stack) -> None:
    client = cloud.client("sagemaker")
    client.create_model_card(ModelCardName="archived", Content="{}", ModelCardStatus="Archived")
    with pytest.raises(client.exceptions.ClientError, match="in Archived state"):
        client.update_model_card(ModelCardName="archived", Content="{}")
    with pytest.raises(client.exceptions.ResourceNotFound):
        client.describe_model_card(ModelCardName="archived", ModelCardVersion=2)
    client.delete_model_card(ModelCardName="archived")


@pytest.fixture(scope="module")
def enforced(enforced_cloud: Cloud) -> Cloud:
    people = {
        name: role(f"life-{name.lower()}", trust(account=True), *rights(activity("churn")))
        for name, activity in (("Registrar", RegisterModels), ("Approver", ApproveModels))
    }
    stack = enforced_cloud.stack(Group=group("life-churn"), Card=card(ModelCardName="life-churn"), **people)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    return enforced_cloud


def test_who_registers_goes_no_further_than_a_proposal(enforced: Cloud) -> None:
    registrar, approver = sagemaker(enforced, "life-registrar"), sagemaker(enforced, "life-approver")
    pending = {"ModelPackageGroupName": "life-churn", "ModelApprovalStatus": "PendingManualApproval"}

    def stage(name: str, status: str) -> dict[str, Any]:
        return {"ModelLifeCycle": {"Stage": name, "StageStatus": status}}

    refused(registrar, "create_model_package", **pending, **stage("Production", "Approved"))
    arn = registrar.create_model_package(**pending, **stage("Development", "Approved"))["ModelPackageArn"]
    refused(registrar, "update_model_package", ModelPackageArn=arn, **stage("Production", "Approved"))
    refused(approver, "update_model_package", ModelPackageArn=arn, ModelApprovalStatus="Approved")
    registrar.update_model_package(ModelPackageArn=arn, **stage("Production", "PendingApproval"))
    both = {"ModelApprovalStatus": "Approved", **stage("Production", "Approved")}
    refused(approver, "update_model_package", ModelPackageArn=arn, **both)
    approver.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    origin = {"CustomerMetadataProperties": {"mlgov:data-version": "other"}}
    refused(approver, "update_model_package", ModelPackageArn=arn, **stage("Production", "Approved"), **origin)
    approver.update_model_package(ModelPackageArn=arn, **stage("Production", "Approved"))
    refused(registrar, "update_model_package", ModelPackageArn=arn, **stage("Development", "InProgress"))


def test_who_registers_changes_no_version_that_may_be_approved(enforced: Cloud) -> None:
    registrar, approver = sagemaker(enforced, "life-registrar"), sagemaker(enforced, "life-approver")
    pending = {"ModelPackageGroupName": "life-churn", "ModelApprovalStatus": "PendingManualApproval"}
    arn = registrar.create_model_package(**pending)["ModelPackageArn"]
    approver.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    first = {"ModelLifeCycle": {"Stage": "Development", "StageStatus": "InProgress"}}
    refused(registrar, "update_model_package", ModelPackageArn=arn, **first)


def test_who_registers_reads_cards_and_who_approves_decides_on_them(enforced: Cloud) -> None:
    registrar, approver = sagemaker(enforced, "life-registrar"), sagemaker(enforced, "life-approver")
    decided = {"ModelCardName": "life-churn", "ModelCardStatus": "Approved"}
    assert registrar.describe_model_card(ModelCardName="life-churn")["ModelCardStatus"] == "PendingReview"
    refused(registrar, "update_model_card", **decided)
    approver.update_model_card(**decided)
    assert registrar.list_model_card_versions(ModelCardName="life-churn")["ModelCardVersionSummaryList"]
