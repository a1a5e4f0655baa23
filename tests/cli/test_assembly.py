"""Templates made concrete, as ``mlgov explain`` and the access matrix need them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.cli.access.assembly import Assembly
from mlgov_constructs.cli.access.layers import Layers, Request

BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Join": ["-", ["raw", {"Ref": "AWS::Region"}]]}}}


def write(folder: Path, environment: str, **stacks: dict[str, Any]) -> Assembly:
    artifacts = {}
    for name, template in stacks.items():
        (folder / f"{name}.json").write_text(json.dumps(template))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": environment,
            "properties": {"templateFile": f"{name}.json", "stackName": name},
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return Assembly((folder,))


@pytest.mark.parametrize(
    ("value", "concrete"),
    [
        ({"Ref": "Data12345678"}, "raw-cn-north-1"),
        ({"Fn::GetAtt": ["Data12345678", "Arn"]}, "arn:aws-cn:s3:::raw-cn-north-1"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com.cn"),
        ({"Fn::Select": ["1", ["a", "b"]]}, "b"),
        ({"Fn::If": ["Sometimes", {"Ref": "AWS::NoValue"}, "else"]}, "else"),
        ({"Fn::GetStackOutput": {"StackName": "lower", "OutputName": "Out"}}, "444455556666"),
        ({"Ref": "Size"}, "small"),
        (["a", {"Ref": "AWS::NoValue"}], ["a"]),
        ({"Fn::Base64": "x"}, '<Fn::Base64 "x">'),
    ],
)
def test_values_are_made_concrete(tmp_path: Path, value: Any, concrete: Any) -> None:
    upper = {
        "Parameters": {"Size": {"Type": "String", "Default": "small"}},
        "Resources": {"Data12345678": BUCKET, "Trial": {"Type": "AWS::SNS::Topic", "Properties": {"Tried": value}}},
    }
    lower = {"Resources": {}, "Outputs": {"Out": {"Value": {"Ref": "AWS::AccountId"}}}}
    cloud = write(tmp_path, "aws://444455556666/cn-north-1", upper=upper, lower=lower)
    assert cloud.find("upper", "Trial").properties == {"Tried": concrete}
    assert cloud.find("upper", "Data").short_id == "Data"


def test_a_repository_is_named_within_its_domain_and_its_policy_decides(tmp_path: Path) -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    resources = {
        "Domain": {"Type": "AWS::CodeArtifact::Domain", "Properties": {"DomainName": "mlgov"}},
        "Packages": {
            "Type": "AWS::CodeArtifact::Repository",
            "Properties": {
                "DomainName": {"Fn::GetAtt": ["Domain", "Name"]},
                "RepositoryName": "python",
                "PermissionsPolicyDocument": document,
            },
        },
        "Trial": {"Type": "AWS::SNS::Topic", "Properties": {"Tried": {"Ref": "Domain"}}},
    }
    cloud = write(tmp_path, "aws://unknown-account/unknown-region", only={"Resources": resources})
    arn = "arn:aws:codeartifact:us-east-1:111122223333"
    assert cloud.find("only", "Packages").arn == f"{arn}:repository/mlgov/python"
    assert cloud.find("only", "Trial").properties == {"Tried": f"{arn}:domain/mlgov"}
    request = Request("lambda.amazonaws.com", "codeartifact:ReadFromRepository", f"{arn}:repository/mlgov/python")
    assert Layers(cloud).simulation(request)["resourcePolicy"] == document


@pytest.mark.parametrize(
    ("kind", "properties", "arn"),
    [
        ("AWS::CloudWatch::Alarm", {"AlarmName": "slow"}, "arn:aws:cloudwatch:us-east-1:111122223333:alarm:slow"),
        ("AWS::Events::Rule", {"Name": "weekly"}, "arn:aws:events:us-east-1:111122223333:rule/weekly"),
    ],
)
def test_what_watches_has_the_arn_that_policies_name(
    tmp_path: Path, kind: str, properties: dict[str, Any], arn: str
) -> None:
    resources = {"Watch": {"Type": kind, "Properties": properties}}
    cloud = write(tmp_path, "aws://unknown-account/unknown-region", only={"Resources": resources})
    assert cloud.find("only", "Watch").arn == arn


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    cloud = write(tmp_path, "aws://unknown-account/unknown-region", only={"Resources": {}})
    with pytest.raises(KeyError, match="only has no resource Nothing"):
        cloud.find("only", "Nothing")


def test_policies_that_the_assembly_does_not_hold_are_named(tmp_path: Path) -> None:
    managed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": [managed]}}
    cloud = write(tmp_path, "aws://unknown-account/unknown-region", only={"Resources": {"Role": role}})
    layers = Layers(cloud)
    (found,) = cloud.of_type("AWS::IAM::Role")
    assert layers.unknown_policies(found) == [managed]
    simulation = layers.simulation(Request(found, "s3:GetObject"))
    assert simulation["identityPolicies"] == []
    assert simulation["request"]["principal"] == "arn:aws:sts::111122223333:assumed-role/only-role/session"


def test_a_session_of_studio_is_put_into_the_policies_that_name_it(tmp_path: Path) -> None:
    own = "arn:aws:sagemaker:us-east-1:111122223333:app/${sagemaker:DomainId}/*"
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": own}]}
    policies = [{"PolicyName": "Own", "PolicyDocument": document}]
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}, "Policies": policies}}
    cloud = write(tmp_path, "aws://unknown-account/unknown-region", only={"Resources": {"Role": role}})
    (found,) = cloud.of_type("AWS::IAM::Role")
    request = Request(found, "sagemaker:CreateApp", context={"sagemaker:DomainId": "d-1"})
    simulation = Layers(cloud).simulation(request)
    (policy,) = simulation["identityPolicies"]
    assert policy["policy"]["Statement"][0]["Resource"] == "arn:aws:sagemaker:us-east-1:111122223333:app/d-1/*"
    assert "sagemaker:DomainId" not in simulation["request"]["contextVariables"]
    assert simulation["request"]["contextVariables"]["aws:PrincipalArn"] == found.arn
