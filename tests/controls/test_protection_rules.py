from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

ROOT = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}
ACCOUNT = {"Ref": "AWS::AccountId"}
KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}
KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
VIA = {"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": ["s3.eu-west-1.amazonaws.com"]}}
LOGS = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": {"Fn::Sub": "arn:${AWS::Partition}:logs:*"}}}
DATA_ACTIONS = ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"]
WRONG_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"


def key_statement(action: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": action, "Resource": "*", **more}


def key(*statements: dict[str, Any], **changes: Any) -> dict[str, Any]:
    properties = {
        "EnableKeyRotation": True,
        "KeyPolicy": {"Statement": list(statements) or [key_statement(["kms:DescribeKey", "kms:PutKeyPolicy"])]},
        **changes.pop("properties", {}),
    }
    return {"Type": "AWS::KMS::Key", "Properties": without_none(properties), **KEPT, **changes}


def deny(action: Any, condition: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", "Condition": condition, **more}


TLS = deny("s3:*", {"Bool": {"aws:SecureTransport": "false"}})
OLD_TLS = deny("s3:*", {"NumericLessThan": {"s3:TlsVersion": "1.2"}})
PERIMETER = deny(DATA_ACTIONS, {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}})
OTHER_KEY = deny("s3:PutObject", {"StringNotEquals": {WRONG_KEY: KEY_ARN}, "Null": {WRONG_KEY: "false"}})


def bucket(**changes: Any) -> dict[str, Any]:
    properties = {
        "BucketEncryption": encryption(),
        "VersioningConfiguration": {"Status": "Enabled"},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "LoggingConfiguration": {"DestinationBucketName": {"Fn::ImportValue": "AccessLogs"}},
        "LifecycleConfiguration": {
            "Rules": [
                {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
                {"Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 90}},
            ]
        },
        **changes.pop("properties", {}),
    }
    return {"Type": "AWS::S3::Bucket", "Properties": without_none(properties), **KEPT, **changes}


def encryption(**changes: Any) -> dict[str, Any]:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN, **changes.pop("default", {})}
    rule = {"ServerSideEncryptionByDefault": without_none(default), "BucketKeyEnabled": True, **changes}
    return {"ServerSideEncryptionConfiguration": [rule]}


def policed(*statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Statement": list(statements)}
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "One"}, "PolicyDocument": document}}
    return {"One": bucket(), "OnePolicy": policy}


def topic(*, key_id: Any = KEY_ARN, secure: Any = "false", with_policy: bool = True) -> dict[str, Any]:
    statement = deny("sns:Publish", {"Bool": {"aws:SecureTransport": secure}})
    properties = {"Topics": [{"Ref": "One"}], "PolicyDocument": {"Statement": [statement]}}
    policy = {"OnePolicy": {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}} if with_policy else {}
    return {"One": {"Type": "AWS::SNS::Topic", "Properties": without_none({"KmsMasterKeyId": key_id})}, **policy}


def group(**properties: Any) -> dict[str, Any]:
    kept = without_none({"KmsKeyId": KEY_ARN, "RetentionInDays": 365, **properties})
    return {"Type": "AWS::Logs::LogGroup", "Properties": kept}


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def changed(public_access: str) -> dict[str, Any]:
    result = copy.deepcopy(bucket())
    result["Properties"]["PublicAccessBlockConfiguration"][public_access] = False
    return result


def lifecycle(**limits: Any) -> dict[str, Any]:
    rule = {"Status": "Enabled", "AbortIncompleteMultipartUpload": {}, "NoncurrentVersionExpiration": {}, **limits}
    return bucket(properties={"LifecycleConfiguration": {"Rules": [rule]}})


SHARED = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
PUBLIC_ACCESS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")

# The control, and a resource or several.
PASSING: list[tuple[str, dict[str, Any]]] = [
    ("MLG-PRT-01", key()),
    ("MLG-PRT-01", key(properties={"KeySpec": "RSA_2048", "EnableKeyRotation": None})),
    ("MLG-PRT-02", key()),
    ("MLG-PRT-02", key(key_statement("kms:*", Effect="Deny"))),
    ("MLG-PRT-03", key()),
    (
        "MLG-PRT-03",
        key(key_statement(["kms:Describe*", "kms:Get*", "kms:List*", "kms:Delete*", "kms:Revoke*", "kms:Enable*"])),
    ),
    ("MLG-PRT-03", key(key_statement(["kms:Decrypt", "kms:ReEncrypt*"], Condition=VIA))),
    ("MLG-PRT-03", key(key_statement("kms:GenerateDataKey*", Condition=LOGS))),
    ("MLG-PRT-03", key(key_statement("kms:Decrypt", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}))),
    ("MLG-PRT-04", key()),
    ("MLG-PRT-04", key(properties={"PendingWindowInDays": 30}, DeletionPolicy="RetainExceptOnCreate")),
    ("MLG-PRT-05", bucket()),
    ("MLG-PRT-06", bucket()),
    ("MLG-PRT-07", bucket()),
    ("MLG-PRT-08", bucket()),
    ("MLG-PRT-09", policed(TLS, OLD_TLS)),
    ("MLG-PRT-10", bucket()),
    ("MLG-PRT-11", bucket()),
    ("MLG-PRT-11", bucket(DeletionPolicy="RetainExceptOnCreate")),
    ("MLG-PRT-12", policed(PERIMETER)),
    ("MLG-PRT-12", policed(deny("s3:*", {"StringNotEquals": {"aws:SourceVpce": {"Ref": "Endpoint"}}}))),
    ("MLG-PRT-13", policed(OTHER_KEY)),
    ("MLG-PRT-12", {**policed(PERIMETER), "Elsewhere": policed(PERIMETER)["OnePolicy"]}),
    ("MLG-PRT-13", policed({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "x"})),
    ("MLG-PRT-14", bucket()),
    ("MLG-PRT-14", lifecycle(Prefix="")),
    ("MLG-PRT-15", group()),
    ("MLG-PRT-17", policed(PERIMETER)),
    ("MLG-PRT-17", policed({**SHARED, "Principal": {"AWS": ROOT}})),
    ("MLG-PRT-17", policed({**SHARED, "Principal": {"AWS": [ROOT, "111122223333"]}})),
    ("MLG-PRT-17", policed({**SHARED, "Principal": {"Service": "logging.s3.amazonaws.com"}})),
    ("MLG-PRT-16", topic()),
    ("MLG-PRT-16", topic(key_id="alias/notices")),
    (
        "MLG-PRT-16",
        {
            **topic(),
            "Two": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "alias/notices"}},
            "TwoPolicy": topic()["OnePolicy"],
        },
    ),
]
FAILING: list[tuple[str, dict[str, Any]]] = [
    ("MLG-PRT-01", key(properties={"EnableKeyRotation": False})),
    ("MLG-PRT-01", key(properties={"EnableKeyRotation": None})),
    ("MLG-PRT-02", key(key_statement("kms:*"))),
    ("MLG-PRT-02", key(key_statement(["kms:DescribeKey", "kms:*"]))),
    ("MLG-PRT-02", key(key_statement(["*"]))),
    ("MLG-PRT-02", key(properties={"KeyPolicy": None})),
    ("MLG-PRT-02", key(properties={"KeyPolicy": {"Statement": key_statement("kms:*")}})),
    ("MLG-PRT-03", key(key_statement("kms:Decrypt"))),
    ("MLG-PRT-03", key(key_statement(["kms:Create*"]))),
    ("MLG-PRT-03", key(properties={"KeyPolicy": {"Statement": key_statement("kms:De*")}})),
    ("MLG-PRT-03", key(key_statement(["kms:DescribeKey", "kms:Decrypt"]))),
    ("MLG-PRT-03", key(key_statement(["kms:CreateGrant"], Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}}))),
    ("MLG-PRT-04", key(DeletionPolicy="Delete")),
    ("MLG-PRT-04", key(UpdateReplacePolicy="Delete")),
    ("MLG-PRT-04", key(properties={"PendingWindowInDays": 7})),
    ("MLG-PRT-05", bucket(properties={"BucketEncryption": None})),
    ("MLG-PRT-05", bucket(properties={"BucketEncryption": encryption(default={"SSEAlgorithm": "AES256"})})),
    ("MLG-PRT-05", bucket(properties={"BucketEncryption": encryption(default={"KMSMasterKeyID": None})})),
    ("MLG-PRT-05", bucket(properties={"BucketEncryption": encryption(BucketKeyEnabled=False)})),
    ("MLG-PRT-05", bucket(properties={"BucketEncryption": encryption(default={"KMSMasterKeyID": "alias/aws/s3"})})),
    ("MLG-PRT-06", bucket(properties={"VersioningConfiguration": None})),
    ("MLG-PRT-06", bucket(properties={"VersioningConfiguration": {"Status": "Suspended"}})),
    ("MLG-PRT-07", bucket(properties={"PublicAccessBlockConfiguration": None})),
    *(("MLG-PRT-07", changed(setting)) for setting in PUBLIC_ACCESS),
    ("MLG-PRT-08", bucket(properties={"OwnershipControls": None})),
    ("MLG-PRT-08", bucket(properties={"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}})),
    ("MLG-PRT-08", bucket(properties={"AccessControl": "LogDeliveryWrite"})),
    ("MLG-PRT-10", bucket(properties={"LoggingConfiguration": None})),
    ("MLG-PRT-10", bucket(properties={"LoggingConfiguration": {"LogFilePrefix": "own/"}})),
    ("MLG-PRT-11", bucket(DeletionPolicy="Delete")),
    ("MLG-PRT-11", bucket(UpdateReplacePolicy="Delete")),
    ("MLG-PRT-14", bucket(properties={"LifecycleConfiguration": None})),
    *(
        ("MLG-PRT-14", bucket(properties={"LifecycleConfiguration": {"Rules": [{"Status": status, name: {}}]}}))
        for status, name in (
            ("Enabled", "AbortIncompleteMultipartUpload"),
            ("Enabled", "NoncurrentVersionExpiration"),
            ("Disabled", "NoncurrentVersionExpiration"),
        )
    ),
    ("MLG-PRT-14", lifecycle(Prefix="tmp/")),
    ("MLG-PRT-14", lifecycle(TagFilters=[{"Key": "tmp", "Value": "yes"}])),
    ("MLG-PRT-15", group(KmsKeyId=None)),
    ("MLG-PRT-15", group(RetentionInDays=None)),
    ("MLG-PRT-16", topic(key_id=None)),
    ("MLG-PRT-16", topic(key_id="alias/aws/sns")),
]
# Here the policy of the resource is at fault.
FAILING_POLICIES: list[tuple[str, dict[str, Any]]] = [
    ("MLG-PRT-09", policed()),
    ("MLG-PRT-09", policed(OLD_TLS)),
    ("MLG-PRT-09", policed(TLS)),
    ("MLG-PRT-09", policed({**TLS, "Action": "s3:GetObject"}, OLD_TLS)),
    ("MLG-PRT-09", policed({**TLS, "Principal": {"AWS": ROOT}}, OLD_TLS)),
    ("MLG-PRT-09", policed({**TLS, "Condition": {**TLS["Condition"], "StringEquals": {"aws:x": "y"}}}, OLD_TLS)),
    ("MLG-PRT-12", policed(TLS)),
    ("MLG-PRT-12", policed({**PERIMETER, "Action": DATA_ACTIONS[:2]})),
    ("MLG-PRT-12", policed({**PERIMETER, "Principal": {"AWS": ROOT}})),
    ("MLG-PRT-12", policed({**PERIMETER, "Effect": "Allow"})),
    ("MLG-PRT-13", policed(TLS)),
    ("MLG-PRT-13", policed({**OTHER_KEY, "Effect": "Allow"})),
    ("MLG-PRT-16", topic(secure="true")),
    ("MLG-PRT-17", policed({**SHARED, "Principal": "*"})),
    ("MLG-PRT-17", policed({**SHARED, "Principal": {"AWS": "*"}})),
    ("MLG-PRT-17", policed({**SHARED, "Principal": {"AWS": [ROOT, "*"]}})),
    ("MLG-PRT-17", policed({**SHARED, "NotPrincipal": {"AWS": ROOT}})),
]


def template(resources: dict[str, Any]) -> str:
    return json.dumps({"Resources": {"One": resources} if "Type" in resources else resources})


@pytest.mark.parametrize(("control", "resources"), PASSING)
def test_passes(control: str, resources: dict[str, Any]) -> None:
    assert engine(control).check_text(template(resources)) == []


@pytest.mark.parametrize(
    ("control", "resources", "guilty"),
    [*((*case, "One") for case in FAILING), *((*case, "OnePolicy") for case in FAILING_POLICIES)],
)
def test_fails_and_names_the_resource(control: str, resources: dict[str, Any], guilty: str) -> None:
    findings = engine(control).check_text(template(resources))
    assert [(finding.control.id, finding.logical_id) for finding in findings] == [(control, guilty)]
    assert all(not message.startswith("Guard check") for finding in findings for message in finding.messages)


@pytest.mark.parametrize("control", ["MLG-PRT-09", "MLG-PRT-12"])
def test_a_bucket_without_a_policy_fails(control: str) -> None:
    assert engine(control).check_text(template({"One": bucket()}))
    two = {**policed(TLS, OLD_TLS, PERIMETER), "Two": bucket()}
    assert engine(control).check_text(template(two))


def test_a_topic_without_a_policy_fails() -> None:
    assert engine("MLG-PRT-16").check_text(template(topic(with_policy=False)))


def test_every_control_of_the_area_is_tried_both_ways() -> None:
    area = {name for name in CATALOGUE if name.startswith("MLG-PRT-")}
    assert area == {control for control, _ in PASSING} == {control for control, _ in (*FAILING, *FAILING_POLICIES)}
