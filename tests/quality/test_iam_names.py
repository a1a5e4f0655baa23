"""The check of IAM names finds what IAM itself lets pass."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.quality.iam_names import check_iam_names, key_exists, matching_actions
from tests.quality.policies import statements


def policy(**statement: Any) -> dict[str, Any]:
    """A template with one policy of one statement."""
    document = {"Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}
    return {"Resources": {"P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": document}}}}


GOOD: list[dict[str, Any]] = [
    {"Action": "s3:GetObject"},
    {"Action": ["s3:Get*", "SageMaker:createtrainingjob", "*"]},
    {"NotAction": "iam:*"},
    {"Action": "kms:Decrypt", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}},
    {"Action": "kms:Encrypt", "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:*"}}},
    {"Action": "s3:PutObject", "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:PrincipalOrgPaths": "o-*/*"}}},
    {"Action": "s3:PutObject", "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
    {"Action": "sagemaker:CreateTrainingJob", "Condition": {"Null": {"sagemaker:VpcSubnets": "true"}}},
    {"Action": "sagemaker:*", "Condition": {"StringEquals": {"aws:RequestTag/mlgov:project": "x"}}},
    {"Action": "sts:AssumeRoleWithSAML", "Condition": {"StringEquals": {"SAML:aud": "x"}}},
    {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/mlgov:project}/*"},
    {"Action": "s3:GetObject", "Resource": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${Bucket}/*"}},
    {"Action": {"Fn::If": ["Prod", "s3:GetObject", "s3:PutObject"]}},
    {"Action": ["s3:GetObject", {"Ref": "AWS::NoValue"}]},
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({"Action": "s3:GetObjects"}, "the action s3:GetObjects does not exist"),
    ({"Action": ["s3:GetObject", "s3:Fetch*"]}, "the action s3:Fetch* does not exist"),
    ({"Action": "s4:GetObject"}, "the action s4:GetObject does not exist"),
    ({"Action": "GetObject"}, "the action GetObject does not exist"),
    ({"NotAction": "iam:Makes*"}, "the action iam:Makes* does not exist"),
    ({"Action": {"Fn::If": ["Prod", "s3:GetObject", "s3:Gut"]}}, "the action s3:Gut does not exist"),
    (
        {"Action": "s3:GetObject", "Condition": {"StringEqual": {"aws:SourceVpce": "v"}}},
        "the condition operator StringEqual does not exist",
    ),
    (
        {"Action": "s3:GetObject", "Condition": {"NullIfExists": {"aws:SourceVpce": "true"}}},
        "the condition operator NullIfExists does not exist",
    ),
    (
        {"Action": "s3:GetObject", "Condition": {"StringEquals": {"aws:SourceVpcEndpoint": "v"}}},
        "the condition key aws:SourceVpcEndpoint does not exist",
    ),
    (
        {"Action": "s3:GetObject", "Condition": {"StringEquals": {"aws:RequestTag": "v"}}},
        "the condition key aws:RequestTag does not exist",
    ),
    (
        {"Action": "sagemaker:CreateTrainingJob", "Condition": {"Null": {"sagemaker:VpcSubnet": "true"}}},
        "the condition key sagemaker:VpcSubnet does not exist",
    ),
    (
        {"Action": "sagemaker:CreateTransformJob", "Condition": {"Null": {"sagemaker:VpcSubnets": "true"}}},
        "the condition key sagemaker:VpcSubnets is supported by none of the statement's actions",
    ),
    (
        {"Action": "sagemaker:CreateTrainingJob", "Condition": {"Null": {"sagemaker:VolumeKmsKey": "true"}}},
        "the condition key sagemaker:VolumeKmsKey is deprecated; use sagemaker:VolumeKmsKeyArn",
    ),
    (
        {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:PrincipleTag/project}/*"},
        "the policy variable aws:PrincipleTag/project does not exist",
    ),
    (
        {"Action": "s3:GetObject", "Condition": {"StringEquals": {"aws:SourceVpc": "${aws:ResorceTag/x}"}}},
        "the policy variable aws:ResorceTag/x does not exist",
    ),
]


@pytest.mark.parametrize("statement", GOOD, ids=json.dumps)
def test_what_exists_passes(statement: dict[str, Any]) -> None:
    assert check_iam_names(policy(**statement)) == []


@pytest.mark.parametrize(("statement", "fault"), BAD, ids=[fault for _, fault in BAD])
def test_what_does_not_exist_is_named(statement: dict[str, Any], fault: str) -> None:
    assert check_iam_names(policy(**statement)) == [f"P/PolicyDocument/Statement/0: {fault}"]


@pytest.mark.parametrize(
    ("resource_type", "properties", "place"),
    [
        ("AWS::IAM::Role", {"AssumeRolePolicyDocument": "DOC"}, "AssumeRolePolicyDocument"),
        ("AWS::IAM::Role", {"Policies": [{"PolicyName": "p", "PolicyDocument": "DOC"}]}, "Policies/0/PolicyDocument"),
        ("AWS::S3::BucketPolicy", {"PolicyDocument": "DOC"}, "PolicyDocument"),
        ("AWS::KMS::Key", {"KeyPolicy": "DOC"}, "KeyPolicy"),
        ("AWS::SNS::TopicPolicy", {"PolicyDocument": "DOC"}, "PolicyDocument"),
        ("AWS::EC2::VPCEndpoint", {"PolicyDocument": "DOC"}, "PolicyDocument"),
        ("AWS::EC2::VPCEndpoint", {"PolicyDocument": {"Fn::If": ["C", "DOC", "DOC"]}}, "PolicyDocument/Fn::If/1"),
    ],
)
def test_every_kind_of_policy_is_read(resource_type: str, properties: dict[str, Any], place: str) -> None:
    document = json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:Nothing", "Resource": "*"}})
    template = {"Resources": {"R": {"Type": resource_type, "Properties": properties}}}
    parsed = json.loads(json.dumps(template).replace('"DOC"', document))
    faults = check_iam_names(parsed)
    assert faults[0] == f"R/{place}/Statement: the action s3:Nothing does not exist"


def test_a_policy_that_is_written_as_text_is_read() -> None:
    text = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:Nothing", "Resource": "*"}]})
    template = {"Resources": {"R": {"Type": "AWS::Organizations::Policy", "Properties": {"Content": text}}}}
    assert check_iam_names(template) == ["R/Content/Statement/0: the action s3:Nothing does not exist"]


def test_a_statement_of_a_firewall_is_no_policy() -> None:
    rule = {"Statement": {"ManagedRuleGroupStatement": {"Name": "x"}}}
    template = {"Resources": {"R": {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [rule]}}}}
    assert list(statements(template)) == []


def test_conditional_statements_are_read() -> None:
    choice = {"Fn::If": ["C", {"Effect": "Allow", "Action": "s3:A"}, {"Ref": "AWS::NoValue"}]}
    template = {"Resources": {"R": {"Properties": {"PolicyDocument": {"Statement": [choice]}}}}}
    assert [statement.body["Action"] for statement in statements(template)] == ["s3:A"]


def test_names_ignore_case() -> None:
    assert matching_actions("S3:getobject") == {("s3", "GetObject")}
    assert key_exists("AWS:sourcevpce")
