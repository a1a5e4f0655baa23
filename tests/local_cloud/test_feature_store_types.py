"""A feature group with every property, its table, and its database."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

KEY = {"Fn::GetAtt": ["Key", "Arn"]}
DEFINITIONS = [
    {"FeatureName": "customer_id", "FeatureType": "String"},
    {"FeatureName": "event_time", "FeatureType": "Fractional"},
    {"FeatureName": "orders", "FeatureType": "Integral"},
]
GROUP: dict[str, Any] = {
    "FeatureGroupName": "Full-Group",
    "Description": "Orders of a customer",
    "RecordIdentifierFeatureName": "customer_id",
    "EventTimeFeatureName": "event_time",
    "FeatureDefinitions": DEFINITIONS,
    "RoleArn": "arn:aws:iam::123456789012:role/features",
    "OfflineStoreConfig": {
        "S3StorageConfig": {"S3Uri": "s3://curated/churn/feature-store", "KmsKeyId": KEY},
        "DataCatalogConfig": {"Catalog": "AwsDataCatalog", "Database": {"Ref": "Database"}, "TableName": "customers"},
        "DisableGlueTableCreation": False,
        "TableFormat": "Iceberg",
    },
    "OnlineStoreConfig": {
        "EnableOnlineStore": True,
        "SecurityConfig": {"KmsKeyId": KEY},
        "StorageType": "Standard",
        "TtlDuration": {"Unit": "Days", "Value": 30},
    },
    "ThroughputConfig": {"ThroughputMode": "OnDemand"},
    "Tags": [{"Key": "mlgov:project", "Value": "churn"}],
}
DATABASE: dict[str, Any] = {
    "CatalogId": {"Ref": "AWS::AccountId"},
    "DatabaseInput": {
        "Name": "features_churn",
        "Description": "Features",
        "LocationUri": "s3://curated/churn/feature-store",
    },
}


def group(**changes: Any) -> dict[str, Any]:
    return {"Type": "AWS::SageMaker::FeatureGroup", "Properties": {**GROUP, **changes}}


@pytest.fixture(scope="module")
def features(cloud: Cloud) -> Stack:
    database = {"Type": "AWS::Glue::Database", "Properties": DATABASE}
    return cloud.stack(Key={"Type": "AWS::KMS::Key"}, Database=database, Group=group())


def test_every_property_is_described(cloud: Cloud, features: Stack) -> None:
    assert features.describe()["StackStatus"] == "CREATE_COMPLETE", features.failures()
    sagemaker = cloud.client("sagemaker")
    found = sagemaker.describe_feature_group(FeatureGroupName="Full-Group")
    plain = ("Description", "EventTimeFeatureName", "FeatureDefinitions", "RecordIdentifierFeatureName", "RoleArn")
    assert {name: found[name] for name in plain} == {name: GROUP[name] for name in plain}
    assert found["ThroughputConfig"] == GROUP["ThroughputConfig"]
    key = cloud.client("kms").describe_key(KeyId=features.id("Key"))["KeyMetadata"]["Arn"]
    assert found["OnlineStoreConfig"] == {**GROUP["OnlineStoreConfig"], "SecurityConfig": {"KmsKeyId": key}}
    offline = found["OfflineStoreConfig"]
    assert offline["S3StorageConfig"]["KmsKeyId"] == key
    assert offline["S3StorageConfig"]["ResolvedOutputS3Uri"].startswith("s3://curated/churn/feature-store/123456789012")
    assert offline["DataCatalogConfig"]["Database"] == "features_churn"
    assert (found["FeatureGroupStatus"], offline["TableFormat"]) == ("Created", "Iceberg")
    tags = sagemaker.list_tags(ResourceArn=found["FeatureGroupArn"])["Tags"]
    assert tags == GROUP["Tags"]
    listed = sagemaker.list_feature_groups(NameContains="Full")["FeatureGroupSummaries"]
    assert [each["FeatureGroupName"] for each in listed] == ["Full-Group"]


def test_the_table_of_the_history_is_there(cloud: Cloud, features: Stack) -> None:
    glue = cloud.client("glue")
    database = glue.get_database(Name=features.id("Database"))["Database"]
    assert (database["Description"], database["LocationUri"]) == ("Features", "s3://curated/churn/feature-store")
    table = glue.get_table(DatabaseName="features_churn", Name="customers")["Table"]
    assert table["Parameters"] == {"table_type": "ICEBERG"}
    columns = {each["Name"]: each["Type"] for each in table["StorageDescriptor"]["Columns"]}
    assert columns["orders"] == "bigint"
    assert {"write_time", "api_invocation_time", "is_deleted"} < columns.keys()


def test_features_are_added_and_the_time_to_live_is_changed_in_place(cloud: Cloud, features: Stack) -> None:
    online = {**GROUP["OnlineStoreConfig"], "TtlDuration": {"Unit": "Weeks", "Value": 2}}
    more = [*DEFINITIONS, {"FeatureName": "amount", "FeatureType": "Fractional"}]
    changed = group(FeatureDefinitions=more, OnlineStoreConfig=online)
    assert features.update(Group=changed) == "UPDATE_COMPLETE", features.failures()
    found = cloud.client("sagemaker").describe_feature_group(FeatureGroupName="Full-Group")
    assert found["FeatureDefinitions"] == more
    assert found["OnlineStoreConfig"]["TtlDuration"] == {"Unit": "Weeks", "Value": 2}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"FeatureDefinitions": DEFINITIONS[:2]}, "features can only be added"),
        ({"Tags": [{"Key": "mlgov:project", "Value": "fraud"}]}, "custom-named resource"),
    ],
)
def test_what_would_lose_features_is_refused(features: Stack, change: dict[str, Any], reason: str) -> None:
    kept = features.resources["Group"]
    assert features.update(Group=group(**change)) != "UPDATE_COMPLETE"
    assert reason in features.failures()
    features.resources["Group"] = kept


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"EventTimeFeatureName": "orders"}, "String or Fractional"),
        ({"RecordIdentifierFeatureName": "other"}, "not in the feature definitions"),
        ({"FeatureDefinitions": [*DEFINITIONS, {"FeatureName": "is_deleted", "FeatureType": "String"}]}, "reserved"),
    ],
)
def test_what_the_service_would_refuse_is_refused(cloud: Cloud, change: dict[str, Any], reason: str) -> None:
    online = {"EnableOnlineStore": True}
    refused = group(FeatureGroupName="Refused", OfflineStoreConfig={"Ref": "AWS::NoValue"}, OnlineStoreConfig=online)
    refused["Properties"].update(change)
    assert reason in cloud.stack(Group=refused).failures()


def test_the_table_outlives_the_group(cloud: Cloud, features: Stack) -> None:
    del features.resources["Group"]
    assert features.update() == "UPDATE_COMPLETE", features.failures()
    assert cloud.client("sagemaker").list_feature_groups()["FeatureGroupSummaries"] == []
    assert cloud.client("glue").get_table(DatabaseName="features_churn", Name="customers")
    assert features.delete() == "DELETE_COMPLETE", features.failures()
