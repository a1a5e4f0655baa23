from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

KEY = {"Fn::GetAtt": ["Key", "Arn"]}
RESULTS: dict[str, Any] = {
    "OutputLocation": {"Fn::Join": ["", ["s3://", {"Ref": "Bucket"}, "/lineage/results/"]]},
    "ExpectedBucketOwner": {"Ref": "AWS::AccountId"},
    "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": KEY},
}
CONFIGURATION: dict[str, Any] = {
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": True,
    "BytesScannedCutoffPerQuery": 1073741824,
    "ResultConfiguration": RESULTS,
}


def work_group(**changes: Any) -> dict[str, Any]:
    merged = {**CONFIGURATION, **changes}
    kept = {name: value for name, value in merged.items() if value is not None}
    return {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "lineage", "WorkGroupConfiguration": kept}}


def results(**changes: Any) -> dict[str, Any]:
    merged = {**RESULTS, **changes}
    return work_group(ResultConfiguration={name: value for name, value in merged.items() if value is not None})


def key(**encryption: Any) -> dict[str, Any]:
    return results(EncryptionConfiguration=encryption)


BARE = {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "lineage"}}
WRONG = [
    *((f"MLG-MLO-{number}", BARE) for number in range(20, 25)),
    ("MLG-MLO-20", work_group(EnforceWorkGroupConfiguration=False)),
    ("MLG-MLO-20", work_group(EnforceWorkGroupConfiguration=None)),
    ("MLG-MLO-21", results(EncryptionConfiguration=None)),
    ("MLG-MLO-21", key(EncryptionOption="SSE_S3")),
    ("MLG-MLO-21", key(EncryptionOption="SSE_KMS")),
    ("MLG-MLO-21", key(EncryptionOption="SSE_KMS", KmsKey="arn:aws:kms:eu-west-1:111122223333:alias/aws/s3")),
    ("MLG-MLO-22", work_group(BytesScannedCutoffPerQuery=None)),
    ("MLG-MLO-23", work_group(PublishCloudWatchMetricsEnabled=False)),
    ("MLG-MLO-23", work_group(PublishCloudWatchMetricsEnabled=None)),
    ("MLG-MLO-24", work_group(ResultConfiguration=None)),
    ("MLG-MLO-24", results(OutputLocation=None)),
    ("MLG-MLO-24", results(ExpectedBucketOwner=None)),
]
RIGHT = [
    *((f"MLG-MLO-{number}", work_group()) for number in range(20, 25)),
    ("MLG-MLO-21", key(EncryptionOption="CSE_KMS", KmsKey={"Fn::If": ["Own", KEY, {"Ref": "Other"}]})),
    ("MLG-MLO-21", key(EncryptionOption="SSE_KMS", KmsKey="arn:aws:kms:eu-west-1:111122223333:key/1")),
    ("MLG-MLO-22", work_group(BytesScannedCutoffPerQuery={"Ref": "Limit"})),
]


def findings(control: str, subject: dict[str, Any]) -> set[str]:
    template = json.dumps({"Resources": {"Fine": {"Type": "AWS::SNS::Topic"}, "Subject": subject}})
    return {finding.logical_id for finding in engine(control).check_text(template)}


@pytest.mark.parametrize(("control", "subject"), WRONG)
def test_what_is_wrong_fails(control: str, subject: dict[str, Any]) -> None:
    assert findings(control, subject) == {"Subject"}


@pytest.mark.parametrize(("control", "subject"), RIGHT)
def test_what_is_right_passes(control: str, subject: dict[str, Any]) -> None:
    assert findings(control, subject) == set()


def test_every_control_of_the_inventory_is_tried() -> None:
    lineage = {control for control in CATALOGUE if "MLG-MLO-20" <= control <= "MLG-MLO-24"}
    assert lineage == {control for control, _ in WRONG}
