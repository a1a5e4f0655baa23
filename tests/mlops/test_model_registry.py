from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.mlops import ModelRegistry, ModelStage, StageStatus
from mlgov_constructs.mlops.model_package_group_properties import model_package_group_properties
from mlgov_constructs.mlops.pipeline_properties import pipeline_properties
from tests.templates import Template, of_type

GROUP = "AWS::SageMaker::ModelPackageGroup"


def group(registries: Template, name: str) -> dict[str, Any]:
    (found,) = (resource for i, resource in of_type(registries, GROUP).items() if i.startswith(name))
    return found


def statements(registries: Template, role: str) -> list[dict[str, Any]]:
    (found,) = (p for i, p in of_type(registries, "AWS::IAM::Policy").items() if i.startswith(role))
    document: list[dict[str, Any]] = found["Properties"]["PolicyDocument"]["Statement"]
    return document


def flat(value: Any) -> str:
    """A value with its joins resolved to the names of what they refer to."""
    if isinstance(value, dict):
        ((function, argument),) = value.items()
        return "".join(flat(part) for part in argument[1]) if function == "Fn::Join" else f"<{argument}>"
    return str(value)


def test_a_registry_has_the_name_and_the_tag_of_its_project_and_no_policy(registries: Template) -> None:
    assert group(registries, "Plain")["Properties"] == {
        "ModelPackageGroupName": "churn",
        "Tags": [{"Key": "mlgov:project", "Value": "churn"}],
    }


def test_what_a_product_tags_outranks_no_project() -> None:
    tags = {"mlgov:project": "other", "owner": "growth"}
    for values in (
        model_package_group_properties(project="churn", model_package_group_name="churn", tags=tags),
        pipeline_properties(project="churn", pipeline_name="churn", role_arn="role", tags=tags),
    ):
        assert {tag.key: tag.value for tag in values["tags"]} == {"mlgov:project": "churn", "owner": "growth"}


@pytest.mark.parametrize("name", ["Plain", "Full"])
@pytest.mark.parametrize("policy", ["DeletionPolicy", "UpdateReplacePolicy"])
def test_one_key_alone_deletes_no_registry(registries: Template, name: str, policy: str) -> None:
    assert group(registries, name)[policy] == "Retain"


def test_named_accounts_of_the_organisation_read_and_serve(registries: Template) -> None:
    properties = group(registries, "Full")["Properties"]
    assert properties["ModelPackageGroupDescription"] == "Who is about to leave"
    group_statement, versions_statement = properties["ModelPackageGroupPolicy"]["Statement"]
    for statement in (group_statement, versions_statement):
        assert [flat(principal) for principal in statement["Principal"]["AWS"]] == [
            "arn:<AWS::Partition>:iam::111122223333:root",
            "arn:<AWS::Partition>:iam::444455556666:root",
        ]
        assert statement["Effect"] == "Allow"
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}}
    assert group_statement["Action"] == ["sagemaker:DescribeModelPackageGroup"]
    assert flat(group_statement["Resource"]).endswith(":model-package-group/churn-next")
    assert versions_statement["Action"] == [
        "sagemaker:BatchDescribeModelPackage",
        "sagemaker:CreateModel",
        "sagemaker:DescribeModelPackage",
        "sagemaker:ListModelPackages",
    ]
    assert flat(versions_statement["Resource"]).endswith(":model-package/churn-next/*")


def test_without_named_accounts_the_organisation_reads(registries: Template) -> None:
    policy = group(registries, "Organization")["Properties"]["ModelPackageGroupPolicy"]
    for statement in policy["Statement"]:
        assert statement["Principal"] == {"AWS": "*"}
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}}


def test_who_registers_leaves_the_decision_to_others(registries: Template) -> None:
    *_, register = statements(registries, "Registrar")
    assert register["Action"] == "sagemaker:CreateModelPackage"
    assert flat(register["Resource"]).endswith(":model-package/churn/*")
    assert register["Condition"] == {
        "StringEquals": {"sagemaker:ModelApprovalStatus": ["PendingManualApproval"]},
        "StringEqualsIfExists": {"sagemaker:ModelLifeCycle:Stage": ["Proposal", "Development"]},
    }


def test_who_approves_decides_and_registers_nothing(registries: Template) -> None:
    *_, approve = statements(registries, "Approver")
    assert approve["Action"] == "sagemaker:UpdateModelPackage"
    assert approve["Condition"]["StringEquals"] == {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}


@pytest.mark.parametrize("role", ["Approver", "Promoter", "Proposer"])
def test_who_decides_changes_the_origin_of_no_version(registries: Template, role: str) -> None:
    *_, statement = statements(registries, role)
    untouched = statement["Condition"]["Null"]
    assert untouched["sagemaker:CustomerMetadataPropertiesToRemove"] == "true"
    for key in ("code-commit", "data-version", "image", "pipeline-execution", "project"):
        assert untouched[f"sagemaker:CustomerMetadataProperties/mlgov:{key}"] == "true"


def test_approval_and_promotion_are_two_requests(registries: Template) -> None:
    *_, approve = statements(registries, "Approver")
    assert approve["Condition"]["Null"]["sagemaker:ModelLifeCycle:Stage"] == "true"
    *_, promote = statements(registries, "Promoter")
    assert promote["Condition"]["Null"]["sagemaker:ModelApprovalStatus"] == "true"


def test_who_promotes_takes_versions_from_the_stages_named(registries: Template) -> None:
    *_, promote = statements(registries, "Promoter")
    assert promote["Action"] == "sagemaker:UpdateModelPackage"
    assert flat(promote["Resource"]).endswith(":model-package/churn/*")
    assert promote["Condition"]["StringEquals"] == {
        "sagemaker:ModelLifeCycle:Stage": ["Production"],
        "sagemaker:ModelLifeCycle:StageStatus": ["Approved", "Rejected"],
        "sagemaker:CurrentModelLifeCycleStage": ["PreProduction"],
    }


def test_who_proposes_takes_nothing_out_of_production(registries: Template) -> None:
    *_, propose = statements(registries, "Proposer")
    assert propose["Condition"]["StringEquals"] == {
        "sagemaker:ModelLifeCycle:Stage": ["Production"],
        "sagemaker:ModelLifeCycle:StageStatus": ["PendingApproval"],
        "sagemaker:CurrentModelLifeCycleStage": ["Proposal", "Development", "QA"],
    }


def test_who_develops_keeps_to_the_early_stages(registries: Template) -> None:
    *_, develop = statements(registries, "Developer")
    condition = develop["Condition"]["StringEquals"]
    assert condition["sagemaker:ModelLifeCycle:Stage"] == ["QA"]
    assert condition["sagemaker:CurrentModelLifeCycleStage"] == ["Proposal", "Development", "QA"]


def test_who_approves_waits_until_who_registers_is_done(registries: Template) -> None:
    *_, approve = statements(registries, "Approver")
    early = {"sagemaker:CurrentModelLifeCycleStage": ["Proposal", "Development", "QA"]}
    assert approve["Condition"]["StringNotEquals"] == early


def test_who_registers_promotes_nothing_to_production() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    registry = ModelRegistry(stack, "Registry", project="churn")
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    registry.grant_register(role)
    registry.grant_promote(role, ModelStage.QA)
    registry.grant_promote(role, ModelStage.PRODUCTION, statuses=[StageStatus.PENDING_APPROVAL])
    with pytest.raises(ConstructError, match=r"\[Stack/Registry\] one principal would register and approve"):
        registry.grant_promote(role, ModelStage.PRE_PRODUCTION)
    with pytest.raises(ConstructError, match=r"\[Stack/Registry\] one principal would register and approve"):
        registry.grant_promote(
            role,
            ModelStage.PRODUCTION,
            statuses=[StageStatus.PENDING_APPROVAL],
            from_stages=[ModelStage.PRE_PRODUCTION],
        )


def test_events_go_to_a_bus_under_a_role_that_does_nothing_else(registries: Template) -> None:
    (rule,) = (
        r["Properties"] for i, r in of_type(registries, "AWS::Events::Rule").items() if i.startswith("FullForward")
    )
    assert rule["EventPattern"]["detail"] == {
        "ModelPackageGroupName": ["churn-next"],
        "ModelApprovalStatus": ["Approved"],
    }
    (target,) = rule["Targets"]
    assert target["Arn"] == "arn:aws:events:eu-west-1:111122223333:event-bus/models"
    assert target["RoleArn"]["Fn::GetAtt"][0].startswith("FullForwardRole")
    (role,) = (r["Properties"] for i, r in of_type(registries, "AWS::IAM::Role").items() if i.startswith("FullForward"))
    assert role["PermissionsBoundary"]["Ref"].startswith("Boundary")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    policies = of_type(registries, "AWS::IAM::ManagedPolicy").items()
    (policy,) = (r["Properties"]["PolicyDocument"]["Statement"] for i, r in policies if i.startswith("FullForward"))
    assert policy == [{"Sid": "SendEvents", "Effect": "Allow", "Action": "events:PutEvents", "Resource": target["Arn"]}]


def test_who_reads_changes_nothing(registries: Template) -> None:
    actions = [action for s in statements(registries, "Reader") for action in [s["Action"]]]
    assert actions == [
        "sagemaker:DescribeModelPackageGroup",
        ["sagemaker:BatchDescribeModelPackage", "sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
    ]


@pytest.mark.parametrize("role", ["Registrar", "Approver", "Promoter", "Proposer"])
def test_who_changes_versions_sees_them(registries: Template, role: str) -> None:
    assert statements(registries, role)[:2] == statements(registries, "Reader")


def test_the_topic_is_told_of_every_change_of_this_group(registries: Template) -> None:
    (rule,) = (
        r["Properties"] for i, r in of_type(registries, "AWS::Events::Rule").items() if i.startswith("FullState")
    )
    assert rule["EventPattern"] == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": ["churn-next"]},
    }
    assert rule["Targets"][0]["Arn"]["Ref"].startswith("Topic")
    (policy,) = of_type(registries, "AWS::SNS::TopicPolicy").values()
    assert "events.amazonaws.com" in json.dumps(policy["Properties"]["PolicyDocument"])
    (key,) = of_type(registries, "AWS::KMS::Key").values()
    assert "events.amazonaws.com" in json.dumps(key["Properties"]["KeyPolicy"])


def test_another_target_is_told_of_approvals_alone(registries: Template) -> None:
    (rule,) = (r["Properties"] for i, r in of_type(registries, "AWS::Events::Rule").items() if i.startswith("Plain"))
    assert rule["EventPattern"] == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": ["churn"], "ModelApprovalStatus": ["Approved"]},
    }


def test_the_rules_agree_with_the_claims(registries: Template) -> None:
    for resource in of_type(registries, GROUP).values():
        assert resource["Metadata"]["mlgov"] == {"controls": list(ModelRegistry.CONTROLS)}
    engine = RuleEngine([CATALOGUE[control] for control in ModelRegistry.CONTROLS])
    assert engine.check_text(json.dumps(registries)) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"project": "Churn"}, "project 'Churn' is no project name"),
        ({"model_package_group_name": "a--B"}, "model_package_group_name 'a--B' is no name of a group"),
        ({"reader_accounts": ["production"]}, "reader account 'production' is no account id"),
        ({"organization_id": "ou-1"}, "organization_id 'ou-1' is none"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Registry] {message}")):
        ModelRegistry(stack, "Registry", **{"project": "churn", **arguments})
    assert stack.node.try_find_child("Registry") is None


@pytest.mark.parametrize("first", ["grant_register", "grant_approve"])
def test_nobody_registers_and_approves(first: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    registry = ModelRegistry(stack, "Registry", project="churn")
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    getattr(registry, first)(role)
    (second,) = {"grant_register", "grant_approve"} - {first}
    with pytest.raises(ConstructError, match=r"\[Stack/Registry\] one principal would register and approve"):
        getattr(registry, second)(role)


def test_nobody_registers_and_approves_as_an_imported_role() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    registry = ModelRegistry(stack, "Registry", project="churn")
    # Each import is an object of its own, and so is the principal of one import at each call.
    first, again = (
        iam.Role.from_role_arn(stack, name, "arn:aws:iam::111122223333:role/both") for name in ("First", "Again")
    )
    registry.grant_register(first)
    for role in (first, again):
        with pytest.raises(ConstructError, match="one principal would register and approve"):
            registry.grant_approve(role)
    registry.grant_approve(iam.Role.from_role_arn(stack, "Approver", "arn:aws:iam::111122223333:role/approver"))


def test_a_grant_to_what_has_no_policies_is_refused() -> None:
    registry = ModelRegistry(cdk.Stack(cdk.App(), "Stack"), "Registry", project="churn")
    with pytest.raises(ValueError, match=r"A ServicePrincipal has no policies.*Grant to a role, a user or a group\."):
        registry.grant_read(iam.ServicePrincipal("lambda.amazonaws.com"))


def test_both_keys_delete_a_registry() -> None:
    stack = cdk.Stack(cdk.App(context={"mlgov:allowDataRemoval": True}), "Stack")
    registry = ModelRegistry(stack, "Registry", project="churn", removal_policy=cdk.RemovalPolicy.DESTROY)
    resource = registry.node.default_child
    assert isinstance(resource, cdk.CfnResource)
    assert resource.cfn_options.deletion_policy is cdk.CfnDeletionPolicy.DELETE
    assert [each["control"] for each in resource.get_metadata("mlgov")["deviations"]] == ["MLG-MLO-03"]
