"""Templates of other people: the forms in which CloudFormation and IAM take what ours write in one form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls.plain_policies import PlainPolicies
from tests.controls.engines import engine

ANYONE = {"AWS": ["*"]}
KEY = {"Fn::GetAtt": ["Key", "Arn"]}
PASS = {"StringEquals": {"IAM:passedtoservice": "sagemaker.amazonaws.com"}}
OWN = {"StringEquals": {"AWS:SOURCEACCOUNT": {"Ref": "AWS::AccountId"}}}


def allow(action: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def deny(action: Any, condition: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": action, "Resource": "*", "Condition": condition}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"One": {"Type": f"AWS::{kind}", "Properties": properties}}


def policy(statement: Any, kind: str = "IAM::ManagedPolicy", name: str = "PolicyDocument") -> dict[str, Any]:
    return resource(kind, **{name: {"Version": "2012-10-17", "Statement": statement}})


def trust(statement: Any) -> dict[str, Any]:
    return policy(statement, "IAM::Role", "AssumeRolePolicyDocument")


def bucket_policy(statement: Any) -> dict[str, Any]:
    return {
        "One": resource("S3::BucketPolicy", Bucket={"Ref": "B"}, PolicyDocument={"Statement": statement})["One"],
    }


def model(**properties: Any) -> dict[str, Any]:
    return resource("SageMaker::Model", **properties)


def scp(statement: Any, *, is_text: bool = False) -> dict[str, Any]:
    content = {"Version": "2012-10-17", "Statement": statement}
    return resource(
        "Organizations::Policy", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(content) if is_text else content
    )


ALL_BUT_EVERYBODY = {"Effect": "Deny", "Action": "*", "Condition": {"ArnNotLike": {"AWS:principalarn": "*"}}}
TLS = deny("S3:*", {"Bool": {"AWS:securetransport": "false"}})
NEW_TLS = deny(["S3:*"], {"NumericLessThan": {"S3:tlsversion": "1.2"}})
PERIMETER = deny("S3:*", {"StringNotEquals": {"AWS:PRINCIPALACCOUNT": "111122223333"}})
GROUP = ("SageMaker::ModelPackageGroup", "ModelPackageGroupPolicy")
ECR = ("ECR::Repository", "RepositoryPolicyText")
STRANGERS = {"Effect": "Deny", "Action": "*", "Condition": {"StringNotEqualsIfExists": {"AWS:principalorgid": "o-1"}}}

# The control, and resources of which one is at fault.
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("MLG-CST-04", policy(allow("IAM:attachrolepolicy"))),
    ("MLG-CST-04", policy(allow("iam:AttachRolePolicy"), "IAM::RolePolicy")),
    ("MLG-CST-04", trust(allow("sts:AssumeRole", Principal={"Service": "budgets.amazonaws.com"}))),
    ("MLG-GOV-31", scp(ALL_BUT_EVERYBODY)),
    ("MLG-GOV-31", scp([ALL_BUT_EVERYBODY], is_text=True)),
    (
        "MLG-GOV-32",
        scp({"Effect": "Deny", "Action": "*", "Condition": {"StringNotEquals": {"AWS:requestedregion": "a"}}}),
    ),
    (
        "MLG-GOV-33",
        {
            "One": {
                "Type": "AWS::Organizations::Policy",
                "Properties": {"Type": "RESOURCE_CONTROL_POLICY", "Content": {"Statement": STRANGERS}},
            }
        },
    ),
    (
        "MLG-GOV-36",
        scp(
            {
                "Effect": "Deny",
                "Action": "sagemaker:createtrainingjob",
                "Condition": {"Null": {"SageMaker:VpcSubnets": "true"}},
            }
        ),
    ),
    ("MLG-IDN-02", policy(allow(), "IAM::UserPolicy")),
    ("MLG-IDN-03", trust(allow("sts:AssumeRole", Principal={"Service": "sagemaker.amazonaws.com"}))),
    ("MLG-IDN-04", trust(allow("sts:AssumeRole", Principal=ANYONE))),
    ("MLG-IDN-05", policy(allow("iam:passrole", Condition=PASS))),
    ("MLG-IDN-05", policy(allow("IAM:P*", Resource=["arn:aws:iam::111122223333:role/a"]), "IAM::GroupPolicy")),
    ("MLG-IDN-07", policy(allow("sagemaker:createtrainingjob"))),
    ("MLG-IDN-07", policy(allow("SAGEMAKER:Create*"), "IAM::RolePolicy")),
    ("MLG-MLO-01", policy(allow(Principal="*"), *GROUP)),
    ("MLG-MLO-02", policy(allow("sagemaker:updatemodelpackage", Principal="111122223333"), *GROUP)),
    ("MLG-PRT-02", policy(allow("KMS:*", Principal="111122223333"), "KMS::Key", "KeyPolicy")),
    ("MLG-PRT-03", policy(allow("kms:decrypt", Principal="111122223333"), "KMS::Key", "KeyPolicy")),
    ("MLG-PRT-12", bucket_policy(deny("s3:getobject", {"StringNotEquals": {"aws:PrincipalAccount": "1"}}))),
    ("MLG-PRT-15", resource("Logs::LogGroup", KmsKeyId={"Ref": "AWS::NoValue"}, RetentionInDays=7)),
    ("MLG-PRT-17", bucket_policy(allow("s3:GetObject", Principal=ANYONE))),
    ("MLG-TRN-01", policy(allow(Principal="*"), *ECR)),
    ("MLG-TRN-01", policy([allow(NotPrincipal={"AWS": "111122223333"})], *ECR)),
    ("MLG-TRN-01", resource("ECR::Repository", RepositoryPolicyText=json.dumps({"Statement": [allow(Principal="*")]}))),
    (
        "MLG-WSP-14",
        policy(allow("codeartifact:GetPackage", Principal="*"), "CodeArtifact::Domain", "PermissionsPolicyDocument"),
    ),
    ("MLG-WSP-14", policy(allow("CODEARTIFACT:*", Principal="1"), "CodeArtifact::Domain", "PermissionsPolicyDocument")),
    (
        "MLG-SRV-01",
        {**model(EnableNetworkIsolation="false"), "Two": model(EnableNetworkIsolation=True)["One"]},
    ),
]
GOOD: list[tuple[str, dict[str, Any]]] = [
    (
        "MLG-CST-04",
        policy(allow("IAM:attachrolepolicy", Condition={"ArnEquals": {"IAM:policyarn": "arn:aws:iam::aws:policy/a"}})),
    ),
    ("MLG-IDN-03", trust(allow("sts:AssumeRole", Principal={"Service": ["sagemaker.amazonaws.com"]}, Condition=OWN))),
    (
        "MLG-IDN-04",
        trust(
            allow(
                "sts:AssumeRole",
                Principal={"AWS": "111122223333"},
                Condition={"Bool": {"aws:multifactorauthpresent": "true"}},
            )
        ),
    ),
    ("MLG-IDN-05", policy(allow("iam:passrole", Resource="arn:aws:iam::1:role/a", Condition=PASS))),
    ("MLG-IDN-07", policy(allow("sagemaker:createmodel", Condition={"Null": {"SageMaker:vpcsubnets": "false"}}))),
    ("MLG-MLO-01", policy(allow(Principal={"AWS": "111122223333"}), *GROUP)),
    ("MLG-MLO-02", policy(allow("SageMaker:describemodelpackage", Principal="1"), *GROUP)),
    (
        "MLG-MLO-20",
        resource("Athena::WorkGroup", WorkGroupConfiguration={"EnforceWorkGroupConfiguration": "true"}),
    ),
    ("MLG-MLO-23", resource("Athena::WorkGroup", WorkGroupConfiguration={"PublishCloudWatchMetricsEnabled": "true"})),
    (
        "MLG-NET-02",
        policy(allow(["s3:GetObject"], Condition={"StringEquals": {"AWS:PrincipalAccount": "1"}}), "EC2::VPCEndpoint"),
    ),
    ("MLG-NET-04", resource("EC2::VPC", EnableDnsSupport="true", EnableDnsHostnames="true")),
    ("MLG-PRT-03", policy(allow("KMS:DECRYPT", Principal="1", Condition=OWN), "KMS::Key", "KeyPolicy")),
    (
        "MLG-PRT-04",
        {
            "One": {
                **resource("KMS::Key", PendingWindowInDays="30")["One"],
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
            }
        },
    ),
    ("MLG-PRT-09", bucket_policy([TLS, NEW_TLS])),
    ("MLG-PRT-12", bucket_policy(PERIMETER)),
    (
        "MLG-PRT-13",
        bucket_policy(
            deny("s3:putobject", {"StringNotEquals": {"S3:X-AMZ-SERVER-SIDE-ENCRYPTION-AWS-KMS-KEY-ID": KEY}})
        ),
    ),
    (
        "MLG-PRT-16",
        policy(deny("SNS:PUBLISH", {"Bool": {"AWS:SecureTransport": "false"}}), "SNS::TopicPolicy"),
    ),
    ("MLG-SRV-01", model(EnableNetworkIsolation="true")),
    (
        "MLG-TRN-01",
        policy(allow(Principal="*", Condition={"StringEquals": {"AWS:principalorgid": "o-1"}}), *ECR),
    ),
]


@pytest.mark.parametrize(("control", "resources"), sorted(FAULTS, key=lambda case: case[0]))
def test_a_fault_is_seen_in_every_form(control: str, resources: dict[str, Any]) -> None:
    found = engine(control).check_text(json.dumps({"Resources": resources}))
    assert [finding.logical_id for finding in found] == ["One"]


@pytest.mark.parametrize(("control", "resources"), sorted(GOOD, key=lambda case: case[0]))
def test_what_is_good_is_good_in_every_form(control: str, resources: dict[str, Any]) -> None:
    assert engine(control).check_text(json.dumps({"Resources": resources})) == []


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"Statement": []}, {"Statement": []}),
        ({"Statement": {"Fn::GetAtt": ["A", "B"]}}, {"Statement": {"Fn::GetAtt": ["A", "B"]}}),
        ({"Statement": [{"Fn::GetAtt": ["A", "B"]}]}, {"Statement": [{"Fn::GetAtt": ["A", "B"]}]}),
        (
            {"Statement": {"Action": [{"Ref": "A"}, "KMS:decrypt"]}},
            {"Statement": [{"Action": [{"Ref": "A"}, "kms:Decrypt"]}]},
        ),
        ({"Statement": {"Action": "S3:Other"}}, {"Statement": [{"Action": "s3:Other"}]}),
        ('{"Statement": {"Effect": "Deny"}}', {"Statement": [{"Effect": "Deny"}]}),
        ('{"Statement": ', '{"Statement": '),
        ('{"Note": "a \\"Statement\\""}', '{"Note": "a \\"Statement\\""}'),
    ],
    ids=json.dumps,
)
def test_a_policy_has_one_form(value: Any, plain: Any) -> None:
    policies = PlainPolicies(["Action == 'kms:Decrypt'"])
    template = {"Resources": {"One": {"Type": "A", "Properties": {"It": value}}, "Two": {"Type": "B"}}}
    assert policies.of(template)["Resources"]["One"]["Properties"]["It"] == plain
