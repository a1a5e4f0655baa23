from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.identity.permissions_boundary import LONGEST_POLICY, RECEIVES_ROLES, boundary_document
from tests.access import ACCOUNT, REGION
from tests.templates import Template, of_type

SELF = f"arn:aws:iam::{ACCOUNT}:policy/ceiling"
HARDENED = {
    "sagemaker:vpcsubnets": ["subnet-1"],
    "sagemaker:volumekmskeyarn": "arn:aws:kms:eu-west-1:111122223333:key/1",
    "sagemaker:directinternetaccess": "Disabled",
    "sagemaker:rootaccess": "Disabled",
    "sagemaker:minimuminstancemetadataserviceversion": "2",
}
JOB = {
    "sagemaker:vpcsubnets": ["subnet-1"],
    "sagemaker:volumekmskeyarn": "arn:aws:kms:eu-west-1:111122223333:key/1",
    "sagemaker:outputkmskeyarn": "arn:aws:kms:eu-west-1:111122223333:key/1",
    "sagemaker:intercontainertrafficencryption": "true",
    "sagemaker:instancetypes": ["ml.m5.xlarge"],
}
EVERYTHING = [parse_policy_document({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})]


def under_boundary(action: str, resource: str = "*", context: dict[str, Any] | None = None) -> str:
    """The decision for an administrator whose only limit is the boundary."""
    request = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/session",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=REGION,
        service_context=context or {},
    )
    document = boundary_document("aws", ACCOUNT, "ceiling")
    return evaluate(request, EVERYTHING, [parse_policy_document(document)]).decision


@pytest.mark.parametrize(
    ("action", "context"),
    [
        ("s3:GetObject", {}),
        ("sagemaker:ListNotebookInstances", {}),
        ("sagemaker:CreateNotebookInstance", HARDENED),
        ("sagemaker:CreateTrainingJob", JOB),
        ("iam:PassRole", {"iam:passedtoservice": "sagemaker.amazonaws.com"}),
    ],
)
def test_ml_work_fits_under_the_ceiling(action: str, context: dict[str, Any]) -> None:
    assert under_boundary(action, f"arn:aws:iam::{ACCOUNT}:role/work", context) == "Allow"


@pytest.mark.parametrize(
    ("action", "context"),
    [
        ("iam:CreateRole", {}),
        ("iam:CreateRole", {"iam:permissionsboundary": "arn:aws:iam::111122223333:policy/other"}),
        ("iam:PutRolePermissionsBoundary", {"iam:permissionsboundary": "arn:aws:iam::111122223333:policy/other"}),
        ("iam:PutRolePolicy", {}),
        ("iam:AttachRolePolicy", {}),
        ("iam:DeleteRolePermissionsBoundary", {"iam:permissionsboundary": SELF}),
        ("iam:CreateUser", {}),
        ("iam:CreateAccessKey", {}),
        ("iam:CreateLoginProfile", {}),
        ("iam:CreateSAMLProvider", {}),
        ("kms:ScheduleKeyDeletion", {}),
        ("kms:DisableKey", {}),
        ("kms:PutKeyPolicy", {}),
        ("cloudtrail:StopLogging", {}),
        ("cloudtrail:DeleteTrail", {}),
        ("cloudtrail:PutEventSelectors", {}),
        ("config:StopConfigurationRecorder", {}),
        ("config:DeleteConfigurationRecorder", {}),
        ("securityhub:DisableSecurityHub", {}),
        ("guardduty:DeleteDetector", {}),
        ("s3:PutBucketPublicAccessBlock", {}),
        ("s3:PutAccountPublicAccessBlock", {}),
        ("s3:PutBucketPolicy", {}),
        ("s3:PutBucketAcl", {}),
        ("s3:PutObjectVersionAcl", {}),
        ("ec2:AttachInternetGateway", {}),
        ("ec2:CreateNatGateway", {}),
        ("ec2:CreateRoute", {}),
        ("ec2:CreateVpcPeeringConnection", {}),
        ("ec2:ModifyVpcEndpoint", {}),
    ],
)
def test_never(action: str, context: dict[str, Any]) -> None:
    assert under_boundary(action, context=context) == "Deny"


@pytest.mark.parametrize("action", ["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:SetDefaultPolicyVersion"])
def test_the_boundary_itself_stays(action: str) -> None:
    assert under_boundary(action, SELF) == "Deny"


@pytest.mark.parametrize("action", ["organizations:LeaveOrganization", "ec2:RunInstances", "iam:CreatePolicy"])
def test_other_services_are_out_of_reach(action: str) -> None:
    assert under_boundary(action) == "ImplicitDeny"


def test_roles_are_passed_to_no_other_service() -> None:
    assert under_boundary("iam:PassRole", context={"iam:passedtoservice": "ec2.amazonaws.com"}) == "ImplicitDeny"


@pytest.mark.parametrize("missing", HARDENED)
def test_a_notebook_must_say_every_protection(missing: str) -> None:
    context = {key: value for key, value in HARDENED.items() if key != missing}
    assert under_boundary("sagemaker:CreateNotebookInstance", context=context) == "Deny"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sagemaker:directinternetaccess", "Enabled"),
        ("sagemaker:rootaccess", "Enabled"),
        ("sagemaker:minimuminstancemetadataserviceversion", "1"),
    ],
)
def test_a_notebook_is_refused_without_a_protection(key: str, value: str) -> None:
    assert under_boundary("sagemaker:CreateNotebookInstance", context={**HARDENED, key: value}) == "Deny"


def test_a_notebook_cannot_be_softened_later() -> None:
    update = "sagemaker:UpdateNotebookInstance"
    assert under_boundary(update, context={"sagemaker:rootaccess": "Enabled"}) == "Deny"
    assert under_boundary(update, context={"sagemaker:minimuminstancemetadataserviceversion": "1"}) == "Deny"
    assert under_boundary(update, context={"sagemaker:instancetypes": ["ml.t3.large"]}) == "Allow"


@pytest.mark.parametrize("missing", sorted(JOB.keys() - {"sagemaker:instancetypes"}))
@pytest.mark.parametrize("action", ["sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"])
def test_a_job_must_say_every_protection(action: str, missing: str) -> None:
    context = {key: value for key, value in JOB.items() if key != missing}
    assert under_boundary(action, context=context) == "Deny"


def test_an_instance_with_a_local_disk_takes_no_volume_key() -> None:
    context = {**JOB, "sagemaker:instancetypes": ["ml.g5.xlarge"]}
    del context["sagemaker:volumekmskeyarn"]
    assert under_boundary("sagemaker:CreateTrainingJob", context=context) == "Allow"


@pytest.mark.parametrize("kind", ["DataQuality", "ModelBias", "ModelExplainability", "ModelQuality"])
def test_the_job_definition_of_a_monitor_must_name_subnets(kind: str) -> None:
    action = f"sagemaker:Create{kind}JobDefinition"
    assert under_boundary(action, context=JOB) == "Allow"
    assert under_boundary(action, context={"sagemaker:instancetypes": ["ml.m5.xlarge"]}) == "Deny"


@pytest.mark.parametrize("verb", ["Create", "Update"])
def test_a_schedule_needs_subnets_only_where_it_asks_for_machines_itself(verb: str) -> None:
    action = f"sagemaker:{verb}MonitoringSchedule"
    assert under_boundary(action) == "Allow"
    assert under_boundary(action, context=JOB) == "Allow"
    assert under_boundary(action, context={"sagemaker:instancetypes": ["ml.m5.xlarge"]}) == "Deny"


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_it_keeps_under_the_limit_with_the_longest_name(partition: str) -> None:
    document = boundary_document(partition, ACCOUNT, "x" * 128)
    assert len(json.dumps(document, separators=(",", ":"))) < LONGEST_POLICY


def test_it_knows_its_own_name(identity: Template) -> None:
    (boundary,) = (
        p for p in of_type(identity, "AWS::IAM::ManagedPolicy").values() if "ManagedPolicyName" in p["Properties"]
    )
    name = boundary["Properties"]["ManagedPolicyName"]["Fn::Join"][1]
    (stays,) = (s for s in boundary["Properties"]["PolicyDocument"]["Statement"] if s["Sid"] == "BoundaryStays")
    assert name == ["identity-Boundary-", {"Ref": "AWS::Region"}]
    own = stays["Resource"]["Fn::Join"][1]
    assert own[-2:] == [":policy/identity-Boundary-", {"Ref": "AWS::Region"}]


@pytest.mark.parametrize("action", ["*", "iam:*", "organizations:LeaveOrganization", "s3", "s3:*", "account:Close"])
def test_an_action_that_no_boundary_may_admit_is_refused(action: str) -> None:
    with pytest.raises(ConstructError, match=r"^\[Stack/Boundary\] additional_actions holds"):
        PermissionsBoundary(cdk.Stack(cdk.App(), "Stack"), "Boundary", additional_actions=[action])


def test_a_role_may_be_passed_to_one_more_service_that_is_named() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    boundary = PermissionsBoundary(stack, "Boundary", additional_role_receivers=["backup"])
    (statement,) = [
        each for each in stack.resolve(boundary.document)["Statement"] if each.get("Sid") == "PassRolesToWork"
    ]
    receivers = statement["Condition"]["StringEquals"]["iam:PassedToService"]
    assert "backup.amazonaws.com" in receivers
    assert boundary.role_receivers == (*RECEIVES_ROLES, "backup")


@pytest.mark.parametrize("service", ["*", "Backup", "backup.amazonaws.com", ""])
def test_a_receiver_that_is_no_service_is_refused(service: str) -> None:
    with pytest.raises(ConstructError, match=r"^\[Stack/Boundary\] additional_role_receivers holds"):
        PermissionsBoundary(cdk.Stack(cdk.App(), "Stack"), "Boundary", additional_role_receivers=[service])


def test_a_boundary_over_the_limit_is_refused() -> None:
    actions = [f"timestream:Select{'x' * number}*" for number in range(60)]
    with pytest.raises(ConstructError, match="IAM allows 6144"):
        PermissionsBoundary(cdk.Stack(cdk.App(), "Stack"), "Boundary", additional_actions=actions)


def test_a_name_that_iam_refuses_is_refused() -> None:
    with pytest.raises(ConstructError, match="'a b' is no policy name"):
        PermissionsBoundary(cdk.Stack(cdk.App(), "Stack"), "Boundary", managed_policy_name="a b")
