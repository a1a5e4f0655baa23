from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

FIRST_OF_LINEAGE = "MLG-MLO-20"  # from here on: the inventory, which has tests of its own
READER = {"AWS": [{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::111122223333:root"]]}]}
IN_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}}
SEE = ["sagemaker:DescribeModelPackage", "sagemaker:List*", "sagemaker:CreateModel"]


def statement(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": READER, "Action": SEE, "Resource": "*", **changes}


def group(*statements: dict[str, Any], **changes: Any) -> dict[str, Any]:
    policy = {"ModelPackageGroupPolicy": {"Version": "2012-10-17", "Statement": list(statements)}} if statements else {}
    return {
        "Type": "AWS::SageMaker::ModelPackageGroup",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "ModelPackageGroupName": "churn",
            "Tags": [{"Key": "mlgov:project", "Value": {"Ref": "Project"}}],
            **policy,
        },
        **changes,
    }


ISOLATED = (
    '{"Type":"Training","Arguments":{"EnableInterContainerTrafficEncryption": true,'
    '"EnableNetworkIsolation":true,"VpcConfig":{"Subnets":["'
)
END = '"]}}}'


def text(form: str, body: str) -> Any:
    """A definition in one of the forms that a template has."""
    forms: dict[str, Any] = {
        "plain": body,
        "Fn::Join": {"Fn::Join": ["", [{"Ref": "Subnet"}, body, {"Ref": "Subnet"}]]},
        "Fn::If": {"Fn::If": ["Spot", {"Fn::Join": ["", [body]]}, {"Fn::Join": ["", [{"Ref": "Subnet"}, body]]}]},
        "Fn::Sub": {"Fn::Sub": body},
        "Fn::Sub with values": {"Fn::Sub": [body, {"Subnet": "subnet-1"}]},
    }
    return forms[form]


def pipeline(body: Any = ISOLATED + END, **changes: Any) -> dict[str, Any]:
    properties = {
        "ParallelismConfiguration": {"MaxParallelExecutionSteps": 4},
        "PipelineDefinition": {"PipelineDefinitionBody": body},
        "PipelineName": "churn",
        "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        "Tags": [{"Key": "mlgov:project", "Value": "churn"}],
    }
    return {"Type": "AWS::SageMaker::Pipeline", "Properties": {**properties, **changes}}


KEY = {"Fn::GetAtt": ["Key", "Arn"]}
PINNED = f"registry.example.org/churn@sha256:{'a' * 64}"
ORIGIN = {"mlgov:data-version": "v1", "mlgov:code-commit": {"Ref": "Commit"}, "mlgov:image": PINNED}
KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "RetainExceptOnCreate"}
IMAGES = (
    PINNED,
    {"Fn::Join": ["", [{"Ref": "Registry"}, f"/churn@sha256:{'a' * 64}"]]},
    {"Fn::Join": ["", [{"Ref": "Registry"}, "/churn@", {"Ref": "Digest"}]]},
    {"Fn::Sub": "${Registry}/churn@${Digest}"},
    {"Ref": "Image"},
)
TAGS = (
    "registry.example.org/churn:latest",
    {"Fn::Join": ["", [{"Ref": "Registry"}, "/churn:", {"Ref": "Tag"}]]},
    {"Fn::Sub": "${Registry}/churn:1.0"},
)


def card(keep: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    properties = {
        "Content": {},
        "ModelCardName": "churn",
        "ModelCardStatus": "PendingReview",
        "SecurityConfig": {"KmsKeyId": KEY},
        "Tags": [{"Key": "mlgov:project", "Value": "churn"}],
    }
    kept = {name: value for name, value in {**properties, **changes}.items() if value is not None}
    return {"Type": "AWS::SageMaker::ModelCard", **(KEPT if keep is None else keep), "Properties": kept}


def version(keep: dict[str, str] | None = None, image: Any = PINNED, **changes: Any) -> dict[str, Any]:
    properties = {
        "CustomerMetadataProperties": ORIGIN,
        "InferenceSpecification": {"Containers": [{"Image": PINNED}, {"Image": image}]},
        "ModelApprovalStatus": "PendingManualApproval",
        "ModelPackageGroupName": {"Ref": "Group"},
        "SecurityConfig": {"KmsKeyId": KEY},
    }
    kept = {name: value for name, value in {**properties, **changes}.items() if value is not None}
    return {"Type": "AWS::SageMaker::ModelPackage", **(KEPT if keep is None else keep), "Properties": kept}


def said(status: str) -> dict[str, Any]:
    return {"ModelCardContent": "{}", "ModelCardStatus": status}


FORMS = ("plain", "Fn::Join", "Fn::If", "Fn::Sub", "Fn::Sub with values")
OFF = (
    (ISOLATED + END).replace('"EnableNetworkIsolation":true', '"EnableNetworkIsolation":false'),
    (ISOLATED + END).replace('Encryption": true', 'Encryption": false'),
    ISOLATED + END + '{"Type":"Processing","EnableNetworkIsolation": false}',
)
# Steps by hand: the search of AutoML, a transform, a check.
SEARCH = (
    '{"Type":"AutoML","SecurityConfig":{"EnableInterContainerTrafficEncryption":true,"VpcConfig":{"Subnets":[""]}}}'
)
TRANSFORM = '{"Type":"Transform","TransformResources":{"VolumeKmsKeyId":"1111-2222"}}'
BY_HAND = (
    SEARCH.replace('"EnableInterContainerTrafficEncryption":true,', ""),
    SEARCH.replace('"Subnets"', '"Others"'),
    TRANSFORM.replace('"VolumeKmsKeyId"', '"Volume"'),
    '{"Type":"ClarifyCheck"}',
    '{"Type":"QualityCheck"}',
)
SILENT = (
    (ISOLATED + END).replace('"EnableNetworkIsolation":true,', ""),
    (ISOLATED + END).replace('"EnableInterContainerTrafficEncryption": true,', ""),
    '{"Type": "Processing","EnableNetworkIsolation":true,"EnableInterContainerTrafficEncryption":true}',
)
WRONG = [
    ("MLG-MLO-01", group(statement(Principal="*"))),
    ("MLG-MLO-01", group(statement(Principal={"AWS": "*"}))),
    ("MLG-MLO-01", group(statement(Principal={"AWS": ["111122223333", "*"]}))),
    ("MLG-MLO-01", group(statement(Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}}))),
    ("MLG-MLO-01", group(statement(), statement(Principal="*"))),
    ("MLG-MLO-01", group(statement(Principal=None, NotPrincipal={"AWS": "111122223333"}))),
    ("MLG-MLO-01", group() | {"Properties": {"ModelPackageGroupPolicy": {"Statement": statement(Principal="*")}}}),
    ("MLG-MLO-02", group(statement(Action="sagemaker:UpdateModelPackage"))),
    ("MLG-MLO-02", group(statement(Action=[*SEE, "sagemaker:*"]))),
    ("MLG-MLO-02", group(statement(Action="*"))),
    ("MLG-MLO-02", group({**statement(NotAction="sagemaker:DeleteModelPackage"), "Action": []})),
    ("MLG-MLO-03", {key: value for key, value in group().items() if key != "DeletionPolicy"}),
    ("MLG-MLO-03", group(DeletionPolicy="Delete")),
    ("MLG-MLO-03", group(UpdateReplacePolicy="Delete")),
    ("MLG-MLO-04", group(Properties={"ModelPackageGroupName": "churn"})),
    ("MLG-MLO-04", group(Properties={"ModelPackageGroupName": "churn", "Tags": [{"Key": "team", "Value": "a"}]})),
    *(("MLG-MLO-05", pipeline(text(form, body))) for form in FORMS for body in (*OFF, *SILENT)),
    *(("MLG-MLO-05", pipeline(text(form, body))) for form in FORMS for body in BY_HAND),
    *(("MLG-MLO-05", pipeline(body.replace(":", " : "))) for body in (*OFF, *SILENT, *BY_HAND)),
    ("MLG-MLO-06", pipeline(ParallelismConfiguration={})),
    ("MLG-MLO-07", pipeline(Tags=[{"Key": "team", "Value": "a"}])),
    ("MLG-MLO-08", card(SecurityConfig=None)),
    ("MLG-MLO-08", card(SecurityConfig={})),
    ("MLG-MLO-08", card(SecurityConfig={"KmsKeyId": "alias/aws/sagemaker"})),
    ("MLG-MLO-09", card(ModelCardStatus="Approved")),
    ("MLG-MLO-09", version(ModelCard=said("Approved"))),
    ("MLG-MLO-10", card({})),
    ("MLG-MLO-10", card({"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Delete"})),
    ("MLG-MLO-10", card(Tags=None)),
    ("MLG-MLO-10", card(Tags=[{"Key": "team", "Value": "a"}])),
    ("MLG-MLO-11", version(ModelApprovalStatus="Approved")),
    ("MLG-MLO-11", version(ModelApprovalStatus=None)),
    ("MLG-MLO-11", version(ModelPackageGroupName=None)),
    *(("MLG-MLO-12", version(image=image)) for image in TAGS),
    ("MLG-MLO-12", version(InferenceSpecification=None)),
    ("MLG-MLO-12", version(InferenceSpecification={"Containers": [{"ModelDataUrl": "s3://b/k"}]})),
    ("MLG-MLO-13", version(CustomerMetadataProperties=None)),
    *(
        ("MLG-MLO-13", version(CustomerMetadataProperties={key: ORIGIN[key] for key in ORIGIN if key != missing}))
        for missing in ORIGIN
    ),
    ("MLG-MLO-14", version({})),
    ("MLG-MLO-14", version(SecurityConfig=None)),
    ("MLG-MLO-14", version(SecurityConfig={"KmsKeyId": "alias/aws/sagemaker"})),
]
RIGHT = [
    *((control, group()) for control in ("MLG-MLO-01", "MLG-MLO-02", "MLG-MLO-03", "MLG-MLO-04")),
    ("MLG-MLO-01", group(statement())),
    ("MLG-MLO-01", group(statement(Principal="*", Condition=IN_ORGANIZATION))),
    ("MLG-MLO-01", group(statement(Principal="*", Effect="Deny"))),
    ("MLG-MLO-02", group(statement())),
    ("MLG-MLO-02", group(statement(Effect="Deny", Action="sagemaker:UpdateModelPackage"))),
    ("MLG-MLO-03", group(DeletionPolicy="RetainExceptOnCreate")),
    *(("MLG-MLO-05", pipeline(text(form, ISOLATED + END))) for form in FORMS),
    ("MLG-MLO-05", pipeline((ISOLATED + END).replace(":", " : "))),
    *(("MLG-MLO-05", pipeline(text(form, '{"Type":"Condition"}'))) for form in FORMS),
    ("MLG-MLO-06", pipeline()),
    ("MLG-MLO-07", pipeline()),
    *((control, card()) for control in ("MLG-MLO-08", "MLG-MLO-09", "MLG-MLO-10")),
    ("MLG-MLO-08", card(SecurityConfig={"KmsKeyId": "alias/mlgov"})),
    ("MLG-MLO-09", version()),
    ("MLG-MLO-09", version(ModelCard=said("Draft"))),
    ("MLG-MLO-11", version()),
    *(("MLG-MLO-12", version(image=image)) for image in IMAGES),
    ("MLG-MLO-13", version()),
    ("MLG-MLO-14", version()),
]


def findings(control: str, subject: dict[str, Any]) -> list[str]:
    template = json.dumps({"Resources": {"Fine": {"Type": "AWS::SNS::Topic"}, "Subject": subject}})
    return [finding.logical_id for finding in engine(control).check_text(template)]


@pytest.mark.parametrize(("control", "subject"), WRONG)
def test_what_is_wrong_fails(control: str, subject: dict[str, Any]) -> None:
    assert set(findings(control, subject)) == {"Subject"}


@pytest.mark.parametrize(("control", "subject"), RIGHT)
def test_what_is_right_passes(control: str, subject: dict[str, Any]) -> None:
    assert findings(control, subject) == []


def test_every_mlops_control_is_tried() -> None:
    mlops = {control for control in CATALOGUE if "MLG-MLO-" <= control < FIRST_OF_LINEAGE}
    assert mlops == {control for control, _ in WRONG}
