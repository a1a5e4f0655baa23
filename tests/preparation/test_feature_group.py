from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.preparation import Feature, FeatureDatabase, OnlineStore
from tests.access import decision
from tests.preparation.conftest import FEATURES, REGIONS, ground
from tests.templates import Template, of_type

ALL = [f"MLG-PRE-0{number}" for number in range(1, 6)]
GROUP = "arn:aws:sagemaker:eu-west-1:111122223333:feature-group/churn-customers"
VIA = {name: {"kms__ViaService": f"{name}.eu-west-1.amazonaws.com"} for name in ("s3", "sagemaker")}


def group(template: Template, name: str) -> dict[str, Any]:
    (found,) = (g for i, g in of_type(template, "AWS::SageMaker::FeatureGroup").items() if i.startswith(name))
    return found


def logical_id(template: Template, kind: str, prefix: str) -> str:
    return next(i for i in of_type(template, kind) if i.startswith(prefix))


def test_the_offline_store_lies_in_the_bucket_with_its_key_and_a_table_of_the_project(preparation: Template) -> None:
    offline = group(preparation, "Plain")["Properties"]["OfflineStoreConfig"]
    bucket, path = offline["S3StorageConfig"]["S3Uri"]["Fn::Join"][1][1:]
    assert bucket["Ref"].startswith("Curated")
    assert path == "/churn/feature-store"
    assert offline["S3StorageConfig"]["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    table = offline["DataCatalogConfig"]
    assert (table["Catalog"], table["Database"]) == ("AwsDataCatalog", "features_churn")
    assert re.fullmatch("[a-z0-9_]+", table["TableName"])
    assert (offline["DisableGlueTableCreation"], offline["TableFormat"]) == (False, "Iceberg")


def test_the_role_of_the_store_writes_it(preparation: Template) -> None:
    for name in ("Plain", "Full"):
        assert group(preparation, name)["Properties"]["RoleArn"]["Fn::GetAtt"][0].startswith("Store")


def test_the_database_is_of_the_project_and_lies_at_its_prefix(preparation: Template) -> None:
    database = preparation["Resources"][logical_id(preparation, "AWS::Glue::Database", "Database")]
    assert database["Properties"]["CatalogId"] == {"Ref": "AWS::AccountId"}
    described = database["Properties"]["DatabaseInput"]
    assert (described["Name"], described["Description"]) == ("features_churn", "Features of project churn")
    bucket, path = described["LocationUri"]["Fn::Join"][1][1:]
    assert bucket["Ref"].startswith("Curated")
    assert path == "/churn/feature-store"
    assert database["Metadata"]["mlgov"] == {"controls": ["MLG-PRE-05"]}


def test_there_is_no_online_store_without_being_asked(preparation: Template) -> None:
    assert "OnlineStoreConfig" not in group(preparation, "Plain")["Properties"]


def test_every_option_is_honoured(preparation: Template) -> None:
    full = group(preparation, "Full")["Properties"]
    online = full["OnlineStoreConfig"]
    assert online["SecurityConfig"]["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    assert {key: value for key, value in online.items() if key != "SecurityConfig"} == {
        "EnableOnlineStore": True,
        "StorageType": "InMemory",
        "TtlDuration": {"Unit": "Hours", "Value": 36},
    }
    assert full["FeatureGroupName"] == "Churn-Customers"
    assert full["Description"] == "Orders of a customer"
    assert full["OfflineStoreConfig"]["TableFormat"] == "Glue"
    assert full["OfflineStoreConfig"]["DataCatalogConfig"]["TableName"] == "churn_customers"
    assert full["FeatureDefinitions"] == [
        {"FeatureName": "customer_id", "FeatureType": "String"},
        {"FeatureName": "event-time", "FeatureType": "String"},
        {"FeatureName": "orders", "FeatureType": "Integral"},
    ]
    assert (full["RecordIdentifierFeatureName"], full["EventTimeFeatureName"]) == ("customer_id", "event-time")


def test_no_tag_of_the_app_reaches_it_for_it_would_replace_it(preparation: Template) -> None:
    project = {"Key": "mlgov:project", "Value": "churn"}
    assert group(preparation, "Plain")["Properties"]["Tags"] == [project]
    assert group(preparation, "Full")["Properties"]["Tags"] == [{"Key": "owner", "Value": "ml-platform"}, project]


@pytest.mark.parametrize("kind", ["AWS::SageMaker::FeatureGroup", "AWS::Glue::Database"])
def test_features_outlive_their_stack(preparation: Template, kind: str) -> None:
    for found in of_type(preparation, kind).values():
        assert found["DeletionPolicy"] == found["UpdateReplacePolicy"] == "Retain"


def test_two_keys_remove_them_and_the_deviation_is_recorded(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app, "removable")
        base.group("Group", removal_policy=cdk.RemovalPolicy.DESTROY)
        FeatureDatabase(
            base.stack,
            "More",
            project="churn",
            bucket=base.bucket,
            database_name="more",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    one_key = synthesize(build)["removable"]
    two_keys = synthesize(build, context={"mlgov:allowDataRemoval": True})["removable"]
    more = logical_id(one_key, "AWS::Glue::Database", "More")
    assert group(one_key, "Group")["DeletionPolicy"] == one_key["Resources"][more]["DeletionPolicy"] == "Retain"
    for removed in (group(two_keys, "Group"), two_keys["Resources"][more]):
        assert removed["DeletionPolicy"] == "Delete"
        assert [deviation["control"] for deviation in removed["Metadata"]["mlgov"]["deviations"]] == ["MLG-PRE-05"]


def test_it_claims_its_controls_and_the_rules_agree(preparation: Template) -> None:
    assert group(preparation, "Full")["Metadata"]["mlgov"] == {"controls": ALL}
    assert RuleEngine([CATALOGUE[control] for control in ALL]).check_text(json.dumps(preparation)) == []


def test_the_vpc_gets_the_endpoints_that_features_need(preparation: Template) -> None:
    names = json.dumps([e["Properties"]["ServiceName"] for e in of_type(preparation, "AWS::EC2::VPCEndpoint").values()])
    for service in ("sagemaker.api", "sagemaker.featurestore-runtime", "sts", "kms", "s3", "glue", "athena"):
        assert re.search(rf'[."]{re.escape(service)}"', names), service


def test_it_comes_after_its_database_and_the_rights_of_its_role(preparation: Template) -> None:
    after = group(preparation, "Plain")["DependsOn"]
    assert {name[: len("Database")] for name in after} >= {"Database", "StoreRig"}


def test_the_role_writes_the_store_of_its_project_and_its_table_only(preparation: Template) -> None:
    role = logical_id(preparation, "AWS::IAM::Role", "Store")
    bucket = f"arn:aws:any:eu-west-1:111122223333:{logical_id(preparation, 'AWS::S3::Bucket', 'Curated')}"
    assert decision(preparation, role, "s3:PutObject", f"{bucket}/churn/feature-store/x/data/1.parquet") == "Allow"
    assert decision(preparation, role, "s3:PutObject", f"{bucket}/churn/models/1.tar.gz") == "ImplicitDeny"
    assert decision(preparation, role, "s3:PutObject", f"{bucket}/fraud/feature-store/1.parquet") == "ImplicitDeny"
    table = "arn:aws:glue:eu-west-1:111122223333:table/features_churn/{}".format
    assert decision(preparation, role, "glue:UpdateTable", table("churn_customers")) == "Allow"
    assert decision(preparation, role, "glue:UpdateTable", table("other")) == "ImplicitDeny"
    assert decision(preparation, role, "glue:DeleteTable", table("churn_customers")) == "ImplicitDeny"


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        ("Ingests", ("PutRecord", "DeleteRecord"), ("GetRecord", "BatchGetRecord", "DescribeFeatureGroup")),
        ("ReadsOnline", ("GetRecord", "BatchGetRecord", "DescribeFeatureGroup"), ("PutRecord", "DeleteRecord")),
        ("ReadsOffline", ("DescribeFeatureGroup",), ("GetRecord", "PutRecord", "DeleteRecord")),
    ],
)
def test_a_grant_gives_its_operations_on_this_group_only(
    preparation: Template, role: str, allowed: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    grantee = logical_id(preparation, "AWS::IAM::Role", role)
    for action in allowed:
        assert decision(preparation, grantee, f"sagemaker:{action}", GROUP) == "Allow"
        assert decision(preparation, grantee, f"sagemaker:{action}", f"{GROUP}-2") == "ImplicitDeny"
    for action in refused:
        assert decision(preparation, grantee, f"sagemaker:{action}", GROUP) == "ImplicitDeny"


@pytest.mark.parametrize(
    ("role", "via"), [("Ingests", "sagemaker"), ("ReadsOnline", "sagemaker"), ("ReadsOffline", "s3")]
)
def test_a_grant_gives_the_key_through_its_service_only(preparation: Template, role: str, via: str) -> None:
    grantee = logical_id(preparation, "AWS::IAM::Role", role)
    key = f"arn:aws:any:eu-west-1:111122223333:{logical_id(preparation, 'AWS::KMS::Key', 'Key')}"
    (other,) = VIA.keys() - {via}
    assert decision(preparation, grantee, "kms:Decrypt", key, **VIA[via]) == "Allow"
    assert decision(preparation, grantee, "kms:Decrypt", key, **VIA[other]) == "ImplicitDeny"
    assert decision(preparation, grantee, "kms:Encrypt", key, **VIA[via]) == "ImplicitDeny"


def test_the_history_is_read_by_file_and_by_table(preparation: Template) -> None:
    role = logical_id(preparation, "AWS::IAM::Role", "ReadsOffline")
    bucket = f"arn:aws:any:eu-west-1:111122223333:{logical_id(preparation, 'AWS::S3::Bucket', 'Curated')}"
    glue = "arn:aws:glue:eu-west-1:111122223333"
    assert decision(preparation, role, "s3:GetObject", f"{bucket}/churn/feature-store/1.parquet") == "Allow"
    assert decision(preparation, role, "s3:GetObject", f"{bucket}/churn/raw.csv") == "ImplicitDeny"
    assert decision(preparation, role, "s3:ListBucket", bucket, s3__prefix="churn/feature-store/a") == "Allow"
    assert decision(preparation, role, "s3:ListBucket", bucket, s3__prefix="churn/") == "ImplicitDeny"
    assert decision(preparation, role, "s3:GetBucketLocation", bucket) == "Allow"
    assert decision(preparation, role, "s3:GetBucketLocation", f"{bucket}2") == "ImplicitDeny"
    assert (
        decision(preparation, role, "s3:ListBucket", f"{bucket}2", s3__prefix="churn/feature-store/a") == "ImplicitDeny"
    )
    assert decision(preparation, role, "glue:GetTable", f"{glue}:table/features_churn/churn_customers") == "Allow"
    assert decision(preparation, role, "glue:GetTable", f"{glue}:table/features_fraud/x") == "ImplicitDeny"


def test_metrics_are_those_of_the_online_store() -> None:
    base = ground(cdk.App())
    group = base.group("Group", feature_group_name="customers")
    latency, throttled = group.metric_latency(), group.metric_throttled_requests()
    assert (latency.namespace, latency.metric_name, latency.statistic) == (
        "AWS/SageMaker/FeatureStore",
        "Latency",
        "p99",
    )
    assert throttled.dimensions == {"FeatureGroupName": "customers", "OperationName": "PutRecord"}
    assert group.metric_invocations().metric_name == "Invocations"


TWICE = [*FEATURES, Feature.string("Customer-ID")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": []}, "0 features are no feature group. Give 1 to 2,500."),
        ({"features": [Feature.string(f"f{number}") for number in range(2501)]}, "2501 features are no feature group"),
        ({"features": TWICE}, "features holds two that are one column, 'customer_id'"),
        ({"record_identifier": "id"}, "record_identifier 'id' is none of the features"),
        ({"event_time": "time"}, "event_time 'time' is none of the features"),
        ({"event_time": "orders"}, "event_time 'orders' is Integral. Make it a string (ISO 8601)"),
        ({"record_identifier": "event-time"}, "record_identifier and event_time are both 'event-time'"),
        ({"feature_group_name": "churn customers"}, "feature_group_name 'churn customers' is no name"),
        ({"feature_group_name": "c" * 65}, f"feature_group_name '{'c' * 65}' is no name"),
        ({"description": "d" * 129}, "the description has 129 characters. SageMaker takes 128."),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Group] {message}")):
        base.group("Group", **arguments)
    assert base.stack.node.try_find_child("Group") is None


def test_role_database_and_bucket_must_fit() -> None:
    base = ground(cdk.App(), "Stack")
    boundary = PermissionsBoundary(base.stack, "Other")
    training = JobRole(
        base.stack,
        "Training",
        job=JobType.TRAINING,
        project="churn",
        permissions_boundary=boundary,
        environment=JobEnvironment(vpc=base.vpc, encryption_key=base.key),
    )
    fraud = JobRole(base.stack, "Fraud", job=JobType.FEATURE_STORE, project="fraud", permissions_boundary=boundary)
    for arguments, message in (
        ({"role": training}, "the role is for training, not for the feature store"),
        ({"role": fraud}, "the role is of project 'fraud', the database of 'churn'"),
        ({"bucket": s3.Bucket(base.stack, "Plain")}, "bucket Stack/Plain has no customer managed key"),
    ):
        with pytest.raises(ConstructError, match=re.escape(message)):
            base.group("Group", **arguments)


def test_a_group_without_an_online_store_grants_no_reading_of_it() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="has no online store to read"):
        base.group("Group").grant_read_online(base.role)


def test_a_database_has_a_name_for_athena() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="database_name 'Features' is none that Athena takes"):
        FeatureDatabase(base.stack, "Other", project="churn", bucket=base.bucket, database_name="Features")
    named = FeatureDatabase(base.stack, "Named", project="churn-2", bucket=base.bucket)
    assert named.database_name == "features_churn_2"


@pytest.mark.parametrize("name", ["", "a b", "-a", "a-", "a" * 65, "is_deleted", "Write_Time", "api_invocation_time"])
def test_a_feature_has_a_name_that_feature_store_takes(name: str) -> None:
    with pytest.raises(ValueError, match=r"^Feature name .* is (none|one that Feature Store adds)"):
        Feature.string(name)


@pytest.mark.parametrize(
    ("duration", "ttl"),
    [
        (cdk.Duration.days(30), {"Unit": "Days", "Value": 30}),
        (cdk.Duration.days(14), {"Unit": "Weeks", "Value": 2}),
        (cdk.Duration.minutes(90), {"Unit": "Minutes", "Value": 90}),
        (cdk.Duration.seconds(61), {"Unit": "Seconds", "Value": 61}),
    ],
)
def test_the_time_to_live_is_written_in_the_largest_unit(duration: cdk.Duration, ttl: dict[str, Any]) -> None:
    assert OnlineStore(time_to_live=duration).ttl == ttl


def test_a_time_to_live_is_a_second_or_more() -> None:
    with pytest.raises(ValueError, match="time_to_live is shorter than a second"):
        OnlineStore(time_to_live=cdk.Duration.millis(5))


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    text = json.dumps(templates[partition])
    assert "arn:aws" not in text
    assert f"{REGIONS[partition]}.amazonaws.com" not in text
