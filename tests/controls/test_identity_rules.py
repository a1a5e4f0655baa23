from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

JOIN = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":role/work"]]}
ACCOUNT = {"Ref": "AWS::AccountId"}


def role(**properties: Any) -> dict[str, Any]:
    trust = properties.pop("trust", {"Principal": {"Service": "lambda.amazonaws.com"}})
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **trust}]},
            **properties,
        },
    }


def policy(*statements: dict[str, Any], resource_type: str = "AWS::IAM::ManagedPolicy") -> dict[str, Any]:
    return {"Type": resource_type, "Properties": {"PolicyDocument": {"Statement": list(statements)}}}


def alone(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": statement}}}


def inline(*statements: dict[str, Any]) -> dict[str, Any]:
    return role(Policies=[{"PolicyName": "inline", "PolicyDocument": {"Statement": list(statements)}}])


def allow(action: Any, resource: Any = JOIN, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trusting(principal: dict[str, Any] | str, **condition: Any) -> dict[str, Any]:
    return role(trust={"Principal": principal, **({"Condition": condition} if condition else {})})


SAGEMAKER = {"Service": "sagemaker.amazonaws.com"}
TO_SAGEMAKER = {"Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}}
OF_A_DEFINITION = {"Condition": {"Null": {"sagemaker:InstanceTypes": "true"}}}
WITH_MACHINES = {"Condition": {"Null": {"sagemaker:InstanceTypes": "false"}}}
IN_SUBNETS = {"Condition": {"Null": {"sagemaker:VpcSubnets": "false"}}}
OUTSIDE = {
    "Effect": "Deny",
    "Action": ["sagemaker:CreateTrainingJob"],
    "Resource": "*",
    "Condition": {"Null": {"sagemaker:VpcSubnets": "true"}},
}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

PASSING = [
    ("MLG-IDN-01", role(PermissionsBoundary=JOIN)),
    ("MLG-IDN-02", policy(allow(["s3:GetObject"]))),
    ("MLG-IDN-02", policy(allow("s3:*"), {"Effect": "Deny", "Action": "*", "Resource": "*"})),
    ("MLG-IDN-02", inline(allow("s3:GetObject", "*"))),
    ("MLG-IDN-02", role(ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess", JOIN])),
    ("MLG-IDN-02", alone(allow("s3:GetObject"))),
    ("MLG-IDN-03", trusting({"Service": "lambda.amazonaws.com"})),
    ("MLG-IDN-03", trusting(SAGEMAKER, StringEquals={"aws:SourceAccount": ACCOUNT})),
    ("MLG-IDN-03", trusting(SAGEMAKER, ArnLike={"aws:SourceArn": JOIN})),
    ("MLG-IDN-03", trusting({"Service": {"Fn::Join": ["", ["logs.", {"Ref": "AWS::URLSuffix"}]]}})),
    ("MLG-IDN-04", trusting({"AWS": JOIN}, **MFA)),
    ("MLG-IDN-04", trusting({"AWS": [JOIN, "111122223333"]}, **MFA)),
    ("MLG-IDN-04", trusting({"Federated": JOIN})),
    ("MLG-IDN-04", trusting(SAGEMAKER)),
    ("MLG-IDN-05", policy(allow("iam:PassRole", **TO_SAGEMAKER))),
    ("MLG-IDN-05", policy(allow(["iam:GetRole", "iam:PassRole"], [JOIN, "arn:aws:iam::1:role/x"], **TO_SAGEMAKER))),
    ("MLG-IDN-05", policy(allow("iam:GetRole", "*"))),
    ("MLG-IDN-05", policy({"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"})),
    ("MLG-IDN-06", role()),
    ("MLG-IDN-07", policy(allow("sagemaker:CreateTrainingJob", "*", **IN_SUBNETS))),
    ("MLG-IDN-07", policy(allow("sagemaker:ListTrainingJobs", "*"))),
    ("MLG-IDN-07", policy(allow("sagemaker:*", "*"), OUTSIDE)),
    ("MLG-IDN-07", policy(allow("sagemaker:Create*", "*", **IN_SUBNETS))),
    ("MLG-IDN-07", policy({"Effect": "Deny", "Action": "sagemaker:CreateModel", "Resource": "*"})),
    ("MLG-IDN-07", inline(allow(["sagemaker:CreateModel", "s3:GetObject"], "*", **IN_SUBNETS))),
    ("MLG-IDN-07", policy(allow("sagemaker:CreateDataQualityJobDefinition", "*", **IN_SUBNETS))),
    ("MLG-IDN-07", policy(allow("sagemaker:CreateMonitoringSchedule", "*", **OF_A_DEFINITION))),
]

FAILING = [
    ("MLG-IDN-01", role()),
    ("MLG-IDN-02", policy(allow("*"))),
    ("MLG-IDN-02", policy(allow(["s3:GetObject", "*"]))),
    ("MLG-IDN-02", policy(allow("*"), resource_type="AWS::IAM::Policy")),
    ("MLG-IDN-02", policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})),
    ("MLG-IDN-02", inline(allow("*:*"))),
    ("MLG-IDN-02", alone(allow("*"))),
    ("MLG-IDN-02", policy({"Fn::If": ["Wanted", allow("*"), {"Ref": "AWS::NoValue"}]})),
    ("MLG-IDN-02", role(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])),
    ("MLG-IDN-03", trusting(SAGEMAKER)),
    ("MLG-IDN-03", trusting({"Service": "servicecatalog.amazonaws.com"})),
    ("MLG-IDN-03", trusting({"Service": ["glue.amazonaws.com", "sagemaker.amazonaws.com"]})),
    ("MLG-IDN-04", trusting({"AWS": JOIN})),
    ("MLG-IDN-04", trusting({"AWS": [JOIN, "111122223333"]})),
    ("MLG-IDN-04", trusting({"AWS": "*"}, **MFA)),
    ("MLG-IDN-04", trusting({"AWS": [JOIN, "*"]}, **MFA)),
    ("MLG-IDN-04", trusting("*")),
    ("MLG-IDN-05", policy(allow("iam:PassRole"))),
    ("MLG-IDN-05", policy(allow("iam:PassRole", "*", **TO_SAGEMAKER))),
    ("MLG-IDN-05", policy(allow(["iam:GetRole", "iam:PassRole"], ["*"], **TO_SAGEMAKER))),
    ("MLG-IDN-05", inline(allow("iam:PassRole", "*", **TO_SAGEMAKER))),
    ("MLG-IDN-05", policy(allow("iam:PassRole", [JOIN, "*"], **TO_SAGEMAKER))),
    ("MLG-IDN-05", policy(allow("iam:*"))),
    ("MLG-IDN-05", alone(allow("iam:PassRole"))),
    ("MLG-IDN-05", policy({"Effect": "Allow", "Action": "iam:PassRole", "NotResource": JOIN, **TO_SAGEMAKER})),
    ("MLG-IDN-06", {"Type": "AWS::IAM::User", "Properties": {}}),
    ("MLG-IDN-06", {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": "someone"}}),
    ("MLG-IDN-07", policy(allow("sagemaker:CreateTrainingJob", "*"))),
    ("MLG-IDN-07", policy(allow(["s3:GetObject", "sagemaker:CreateNotebookInstance"], "*"))),
    ("MLG-IDN-07", inline(allow("sagemaker:CreateModel", "*"))),
    ("MLG-IDN-07", alone(allow("sagemaker:CreateModel", "*"))),
    ("MLG-IDN-07", policy(allow("sagemaker:*", "*"))),
    ("MLG-IDN-07", policy(allow("sagemaker:CreateTrainingJob", "*"), OUTSIDE)),
    ("MLG-IDN-07", policy(allow("sagemaker:CreateModelBiasJobDefinition", "*"))),
    ("MLG-IDN-07", policy(allow("sagemaker:CreateMonitoringSchedule", "*"))),
    ("MLG-IDN-07", policy(allow(["sagemaker:CreateMonitoringSchedule", "sagemaker:AddTags"], "*", **WITH_MACHINES))),
    ("MLG-IDN-07", inline(allow("sagemaker:CreateMonitoringSchedule", "*"))),
]


def findings(control: str, resource: dict[str, Any]) -> list[str]:
    template = json.dumps({"Resources": {"Fine": {"Type": "AWS::SNS::Topic"}, "Subject": resource}})
    return [finding.logical_id for finding in engine(control).check_text(template)]


@pytest.mark.parametrize(("control", "resource"), PASSING)
def test_rule_admits(control: str, resource: dict[str, Any]) -> None:
    assert findings(control, resource) == []


@pytest.mark.parametrize(("control", "resource"), FAILING)
def test_rule_refuses(control: str, resource: dict[str, Any]) -> None:
    assert findings(control, resource) in (["Subject"], [""])


def test_every_identity_control_is_tried_both_ways() -> None:
    declared = {control for control in CATALOGUE if control.startswith("MLG-IDN-")}
    assert declared == {control for control, _ in PASSING} == {control for control, _ in FAILING}
