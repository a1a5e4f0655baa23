"""Model cards: what they say, who decides on them, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.mlops import (
    AdditionalInformation,
    BusinessDetails,
    EvaluationDetail,
    EvaluationMetric,
    IntendedUses,
    MetricGroup,
    ModelCard,
    ModelCardContent,
    ModelCardStatus,
    ModelOverview,
    ModelRegistry,
    RiskRating,
    TrainingDetails,
    TrainingJobDetails,
    TrainingMetric,
)
from mlgov_constructs.mlops.model_card.model_card_properties import model_card_properties
from mlgov_constructs.protection import DataKey, EncryptedTopic
from tests.mlops.test_model_registry import flat, statements
from tests.templates import Template, of_type

CARD = "AWS::SageMaker::ModelCard"
USES = IntendedUses(purpose_of_model="Keep customers", intended_uses="Offers", risk_rating=RiskRating.LOW)
FULL = ModelCardContent(
    intended_uses=USES,
    model_overview=ModelOverview(
        model_description="Scores customers",
        model_owner="Growth",
        model_creator="Laboratory",
        model_artifact=["s3://data/churn/model.tar.gz"],
    ),
    business_details=BusinessDetails(line_of_business="Retail"),
    training_details=TrainingDetails(
        training_observations="Converged",
        training_job_details=TrainingJobDetails(
            training_datasets=["s3://data/churn"],
            user_provided_hyper_parameters={"eta": "0.1"},
            user_provided_training_metrics=[TrainingMetric(name="auc", value=0.9)],
        ),
    ),
    evaluation_details=[
        EvaluationDetail(
            name="holdout",
            datasets=["s3://data/churn/test"],
            metadata={"region_name": "north"},
            metric_groups=[
                MetricGroup(
                    name="quality",
                    metric_data=[
                        EvaluationMetric(name="auc", value=0.9),
                        EvaluationMetric(name="fair", value=True),
                        EvaluationMetric(name="grade", value="A", notes="of five"),
                    ],
                )
            ],
        )
    ],
    additional_information=AdditionalInformation(custom_details={"risk_ticket": "RISK-12"}),
)


def _cards(app: cdk.App) -> None:
    cdk.Tags.of(app).add("mlgov:project", "environment")
    stack = cdk.Stack(app, "cards")
    key = DataKey(stack, "Key")
    registry = ModelRegistry(stack, "Registry", project="churn")
    topic = EncryptedTopic(stack, "Topic", encryption_key=key)
    plain = ModelCard(
        stack,
        "Plain",
        registry=registry,
        encryption_key=key,
        content=ModelCardContent(intended_uses=USES),
        state_change_topic=topic,
    )
    ModelCard(
        stack,
        "Full",
        registry=registry,
        encryption_key=key,
        content=FULL,
        model_version=7,
        status=ModelCardStatus.PENDING_REVIEW,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    reader, approver = (iam.Role(stack, name, assumed_by=iam.AccountRootPrincipal()) for name in ("Reader", "Approver"))
    plain.grant_read(reader)
    plain.grant_approve(approver)
    queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:111122223333:reviews")
    plain.on_state_change("Review", target=targets.SqsQueue(queue), status=ModelCardStatus.PENDING_REVIEW)


@pytest.fixture(scope="module")
def cards(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_cards)["cards"]


def card(cards: Template, name: str) -> dict[str, Any]:
    (found,) = (resource for i, resource in of_type(cards, CARD).items() if i.startswith(name))
    return found


def test_a_card_is_encrypted_and_a_draft_of_its_project(cards: Template) -> None:
    properties = card(cards, "Plain")["Properties"]
    assert properties["SecurityConfig"]["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    assert properties["ModelCardStatus"] == "Draft"
    assert properties["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]


def test_a_card_waits_for_its_registry(cards: Template) -> None:
    (group,) = of_type(cards, "AWS::SageMaker::ModelPackageGroup")
    assert {tuple(each["DependsOn"]) for each in of_type(cards, CARD).values()} == {(group,)}


def test_what_a_product_tags_outranks_no_project() -> None:
    values = model_card_properties(
        project="churn",
        model_card_name="churn",
        key_arn="key",
        status=ModelCardStatus.DRAFT,
        tags={"mlgov:project": "other", "owner": "growth"},
    )
    assert {tag.key: tag.value for tag in values["tags"]} == {"mlgov:project": "churn", "owner": "growth"}


@pytest.mark.parametrize("name", ["Plain", "Full"])
@pytest.mark.parametrize("policy", ["DeletionPolicy", "UpdateReplacePolicy"])
def test_one_key_alone_deletes_no_card(cards: Template, name: str, policy: str) -> None:
    assert card(cards, name)[policy] == "Retain"


def test_a_card_of_a_model_has_its_name(cards: Template) -> None:
    properties = card(cards, "Plain")["Properties"]
    assert properties["ModelCardName"] == "churn"
    assert properties["Content"] == {
        "IntendedUses": {"PurposeOfModel": "Keep customers", "IntendedUses": "Offers", "RiskRating": "Low"},
        "ModelOverview": {"ModelName": "churn"},
    }


def test_a_card_of_a_version_names_it(cards: Template) -> None:
    properties = card(cards, "Full")["Properties"]
    assert (properties["ModelCardName"], properties["ModelCardStatus"]) == ("churn-7", "PendingReview")
    details = properties["Content"]["ModelPackageDetails"]
    assert set(details) == {"ModelPackageArn", "ModelPackageGroupName", "ModelPackageVersion"}
    assert flat(details["ModelPackageArn"]).endswith(":model-package/churn/7")
    assert (details["ModelPackageGroupName"], details["ModelPackageVersion"]) == ("churn", 7)


def test_every_part_has_the_names_of_the_template(cards: Template) -> None:
    content = card(cards, "Full")["Properties"]["Content"]
    assert content["ModelOverview"]["ModelArtifact"] == ["s3://data/churn/model.tar.gz"]
    assert content["BusinessDetails"] == {"LineOfBusiness": "Retail"}
    job = content["TrainingDetails"]["TrainingJobDetails"]
    assert job["UserProvidedHyperParameters"] == [{"Name": "eta", "Value": "0.1"}]
    assert job["UserProvidedTrainingMetrics"] == [{"Name": "auc", "Value": 0.9}]
    (evaluation,) = content["EvaluationDetails"]
    assert [metric["Type"] for metric in evaluation["MetricGroups"][0]["MetricData"]] == ["number", "boolean", "string"]


def test_names_that_the_author_chose_stay_as_they_are(cards: Template) -> None:
    content = card(cards, "Full")["Properties"]["Content"]
    assert content["AdditionalInformation"] == {"CustomDetails": {"risk_ticket": "RISK-12"}}
    assert content["EvaluationDetails"][0]["Metadata"] == {"region_name": "north"}


def test_the_card_inside_a_version_keeps_what_its_schema_has() -> None:
    document = FULL.version_document()
    assert document["model_overview"] == {
        "model_creator": "Laboratory",
        "model_artifact": ["s3://data/churn/model.tar.gz"],
    }
    assert document["intended_uses"]["risk_rating"] == "Low"
    assert "model_overview" not in ModelCardContent(intended_uses=USES).version_document()


def test_who_reads_changes_no_card(cards: Template) -> None:
    see, use = statements(cards, "Reader")
    assert see["Action"] == ["sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"]
    assert flat(see["Resource"]).endswith(":model-card/churn")
    assert use["Action"] == "kms:Decrypt"
    assert flat(use["Condition"]["StringEquals"]["kms:ViaService"]).startswith("sagemaker.")


def test_who_decides_changes_the_card_and_uses_its_key(cards: Template) -> None:
    decide, use = statements(cards, "Approver")
    assert "sagemaker:UpdateModelCard" in decide["Action"]
    assert flat(decide["Resource"]).endswith(":model-card/churn")
    assert use["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_the_topic_is_told_of_this_card(cards: Template) -> None:
    (rule,) = (
        r["Properties"] for i, r in of_type(cards, "AWS::Events::Rule").items() if i.startswith("PlainStateChange")
    )
    pattern = rule["EventPattern"]
    assert pattern["detail-type"] == ["SageMaker Model Card State Change"]
    assert flat(pattern["resources"][0]).endswith(":model-card/churn")
    assert rule["Targets"][0]["Arn"]["Ref"].startswith("Topic")
    (policy,) = of_type(cards, "AWS::SNS::TopicPolicy").values()
    assert "events.amazonaws.com" in json.dumps(policy["Properties"]["PolicyDocument"])


def test_another_target_is_told_of_reviews_alone(cards: Template) -> None:
    (rule,) = (r["Properties"] for i, r in of_type(cards, "AWS::Events::Rule").items() if i.startswith("PlainReview"))
    pattern = rule["EventPattern"]
    assert pattern["detail"] == {"ModelCardStatus": ["PendingReview"]}
    assert pattern["source"] == ["aws.sagemaker"]
    (told_of,) = pattern["resources"]
    assert flat(told_of).endswith(":model-card/churn")


def test_the_rules_agree_with_the_claims(cards: Template) -> None:
    for resource in of_type(cards, CARD).values():
        assert resource["Metadata"]["mlgov"] == {"controls": list(ModelCard.CONTROLS)}
    engine = RuleEngine([CATALOGUE[control] for control in ModelCard.CONTROLS])
    assert engine.check_text(json.dumps(cards)) == []


def uses(**changes: Any) -> ModelCardContent:
    given = {"purpose_of_model": "a", "intended_uses": "b", "risk_rating": RiskRating.LOW, **changes}
    return ModelCardContent(intended_uses=IntendedUses(**given))


def metric(**changes: Any) -> ModelCardContent:
    group = MetricGroup(name="g", metric_data=[EvaluationMetric(**{"name": "m", "value": 1, **changes})])
    return ModelCardContent(intended_uses=USES, evaluation_details=[EvaluationDetail(name="e", metric_groups=[group])])


def job(**arguments: Any) -> ModelCardContent:
    details = TrainingDetails(training_job_details=TrainingJobDetails(**arguments))
    return ModelCardContent(intended_uses=USES, training_details=details)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"content": uses(purpose_of_model=" ")}, "intended_uses.purpose_of_model of the model card is empty"),
        (
            {"content": uses(intended_uses="x" * 2049)},
            "intended_uses.intended_uses of the model card has 2049 characters, more than 2048",
        ),
        (
            {"content": job(training_datasets=["s3://a"] * 16)},
            "training_details.training_job_details.training_datasets of the model card has 16 items, more than 15",
        ),
        (
            {"content": job(training_datasets=["x" * 1025])},
            "training_details.training_job_details.training_datasets[0] of the model card has 1025 characters",
        ),
        (
            {"content": job(user_provided_hyper_parameters={"eta": "1" * 256})},
            "training_details.training_job_details.user_provided_hyper_parameters[eta] of the model card has 256",
        ),
        (
            {"content": metric(value="x" * 64)},
            "evaluation_details[0].metric_groups[0].metric_data[0].value of the model card has 64 characters",
        ),
        (
            {"content": metric(name="")},
            "evaluation_details[0].metric_groups[0].metric_data[0].name of the model card is empty",
        ),
        (
            {
                "content": ModelCardContent(
                    intended_uses=USES,
                    additional_information=AdditionalInformation(
                        custom_details={f"detail_{number}": "x" * 1000 for number in range(100)}
                    ),
                )
            },
            "the model card has 101844 characters, more than 100000",
        ),
        ({"model_version": 0}, "model_version 0 is no version of a model"),
        ({"model_card_name": "a--B_"}, "model_card_name 'a--B_' is no name of a card"),
        ({"status": ModelCardStatus.APPROVED}, "status Approved would let a template approve"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    registry = ModelRegistry(stack, "Registry", project="churn")
    given = {"registry": registry, "encryption_key": DataKey(stack, "Key"), "content": FULL, **arguments}
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Card] {message}")):
        ModelCard(stack, "Card", **given)
    assert stack.node.try_find_child("Card") is None


def test_who_registers_decides_on_no_card() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    registry = ModelRegistry(stack, "Registry", project="churn")
    made = ModelCard(stack, "Card", registry=registry, encryption_key=DataKey(stack, "Key"), content=FULL)
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    registry.grant_register(role)
    with pytest.raises(ConstructError, match=r"\[Stack/Registry\] one principal would register and approve"):
        made.grant_approve(role)


def test_both_keys_delete_a_card() -> None:
    stack = cdk.Stack(cdk.App(context={"mlgov:allowDataRemoval": True}), "Stack")
    registry = ModelRegistry(stack, "Registry", project="churn")
    made = ModelCard(
        stack,
        "Card",
        registry=registry,
        encryption_key=DataKey(stack, "Key"),
        content=FULL,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    resource = made.node.default_child
    assert isinstance(resource, cdk.CfnResource)
    assert resource.cfn_options.deletion_policy is cdk.CfnDeletionPolicy.DELETE
    assert [each["control"] for each in resource.get_metadata("mlgov")["deviations"]] == ["MLG-MLO-10"]
