from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

GET_ATT = {"Fn::GetAtt": ["Other", "Arn"]}
RETAINED = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
NO_VALUE = {"Ref": "AWS::NoValue"}


def offline(**changes: Any) -> dict[str, Any]:
    storage = {"S3Uri": {"Fn::Sub": "s3://${Bucket}/churn"}, "KmsKeyId": GET_ATT}
    table = {"Catalog": "AwsDataCatalog", "Database": {"Ref": "Database"}, "TableName": "customers"}
    return {"S3StorageConfig": storage, "DataCatalogConfig": table, "TableFormat": "Iceberg", **changes}


def online(**changes: Any) -> dict[str, Any]:
    return {"EnableOnlineStore": True, "SecurityConfig": {"KmsKeyId": GET_ATT}, **changes}


HARDENED: dict[str, Any] = {
    "FeatureGroupName": "customers",
    "OfflineStoreConfig": offline(DisableGlueTableCreation=False),
    "OnlineStoreConfig": online(),
    "Tags": [{"Key": "other", "Value": "x"}, {"Key": "mlgov:project", "Value": {"Ref": "Project"}}],
}
CONTROLS = [f"MLG-PRE-0{number}" for number in range(1, 6)]
UNKEYED = {"S3Uri": "s3://bucket/churn"}
AWS_KEY = {"KmsKeyId": "alias/aws/sagemaker"}
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("MLG-PRE-01", {"OfflineStoreConfig": offline(S3StorageConfig=UNKEYED)}),
    ("MLG-PRE-01", {"OfflineStoreConfig": offline(S3StorageConfig={**UNKEYED, "KmsKeyId": "alias/aws/s3"})}),
    ("MLG-PRE-02", {"OnlineStoreConfig": {"EnableOnlineStore": True}}),
    ("MLG-PRE-02", {"OnlineStoreConfig": {}}),
    ("MLG-PRE-02", {"OnlineStoreConfig": online(SecurityConfig=AWS_KEY)}),
    ("MLG-PRE-02", {"OnlineStoreConfig": {"Fn::If": ["Online", {"EnableOnlineStore": True}, NO_VALUE]}}),
    ("MLG-PRE-02", {"OnlineStoreConfig": {"Fn::If": ["Offline", NO_VALUE, online(SecurityConfig=AWS_KEY)]}}),
    ("MLG-PRE-03", {"OfflineStoreConfig": offline(DisableGlueTableCreation=True)}),
    ("MLG-PRE-03", {"OfflineStoreConfig": offline(DisableGlueTableCreation="true")}),
    ("MLG-PRE-03", {"OfflineStoreConfig": {"S3StorageConfig": {**UNKEYED, "KmsKeyId": GET_ATT}}}),
    ("MLG-PRE-04", {"Tags": [{"Key": "project", "Value": "churn"}]}),
]
RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("MLG-PRE-01", {"OfflineStoreConfig": offline(S3StorageConfig={**UNKEYED, "KmsKeyId": "{{resolve:ssm:/a}}"})}),
    ("MLG-PRE-02", {"OnlineStoreConfig": {"Fn::If": ["Online", online(), NO_VALUE]}}),
    ("MLG-PRE-02", {"OnlineStoreConfig": online(SecurityConfig={"KmsKeyId": "{{resolve:ssm:/a}}"})}),
    ("MLG-PRE-03", {"OfflineStoreConfig": offline(DisableGlueTableCreation="false")}),
]


def findings(control: str, resource: dict[str, Any]) -> list[str]:
    template = json.dumps({"Resources": {"Fine": {"Type": "AWS::SNS::Topic"}, "Subject": resource}})
    return [finding.logical_id for finding in engine(control).check_text(template)]


def group(properties: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    return {"Type": "AWS::SageMaker::FeatureGroup", "Properties": properties, **RETAINED, **attributes}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in HARDENED.items() if key != name}


@pytest.mark.parametrize("control", CONTROLS)
def test_a_hardened_feature_group_passes(control: str) -> None:
    assert findings(control, group(HARDENED)) == []


@pytest.mark.parametrize(("control", "change"), WRONG)
def test_a_wrong_value_fails(control: str, change: dict[str, Any]) -> None:
    assert findings(control, group({**HARDENED, **change})) == ["Subject"]


@pytest.mark.parametrize(("control", "change"), RIGHT)
def test_other_right_values_pass(control: str, change: dict[str, Any]) -> None:
    assert findings(control, group({**HARDENED, **change})) == []


def test_a_group_without_an_online_store_passes() -> None:
    assert findings("MLG-PRE-02", group(without("OnlineStoreConfig"))) == []


@pytest.mark.parametrize(("control", "missing"), [("MLG-PRE-03", "OfflineStoreConfig"), ("MLG-PRE-04", "Tags")])
def test_what_is_not_said_fails(control: str, missing: str) -> None:
    assert findings(control, group(without(missing))) == ["Subject"]


@pytest.mark.parametrize("kind", ["AWS::SageMaker::FeatureGroup", "AWS::Glue::Database"])
@pytest.mark.parametrize("policy", ["DeletionPolicy", "UpdateReplacePolicy"])
def test_features_and_databases_are_retained(kind: str, policy: str) -> None:
    kept = {"Type": kind, "Properties": {}, **RETAINED}
    assert findings("MLG-PRE-05", kept) == []
    assert findings("MLG-PRE-05", {**kept, policy: "Delete"}) == ["Subject"]
    assert findings("MLG-PRE-05", {name: value for name, value in kept.items() if name != policy}) == ["Subject"]


def test_every_preparation_control_is_tried() -> None:
    assert [control for control in CATALOGUE if control.startswith("MLG-PRE-")] == CONTROLS
