"""The feature group product in the local cloud: provisioned, more features in a new version, terminated."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from mlgov_constructs.identity import JobType
from mlgov_constructs.protection import DataClass
from tests.catalog.conftest import NAMES, ground
from tests.catalog.test_feature_group_product import feature_group_product
from tests.local_cloud.catalog_templates import ACCOUNT, role, trust
from tests.local_cloud.conftest import Cloud, Stack
from tests.local_cloud.products import offer
from tests.templates import Template


@pytest.fixture(scope="module")
def data(cloud: Cloud) -> Stack:
    return cloud.stack(
        Role=role("product-features", trust("sagemaker")),
        Key={"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}},
        Bucket={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "product-curated"}},
        Database={
            "Type": "AWS::Glue::Database",
            "Properties": {"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseInput": {"Name": "features_churn"}},
        },
    )


def test_a_feature_group_is_provisioned_extended_and_terminated(
    cloud: Cloud, data: Stack, synthesize: Callable[..., dict[str, Template]]
) -> None:
    templates = synthesize(lambda app: feature_group_product(ground(app, "Stack")))
    (first,) = (template for name, template in templates.items() if name.endswith(".product"))
    second = copy.deepcopy(first)
    second["Metadata"]["mlgov"]["version"] = "v2"
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{data.id('Key')}"
    workspace = {
        NAMES.key_arn: key,
        NAMES.bucket_name(DataClass.CURATED): data.id("Bucket"),
        NAMES.job_role_arn("churn", JobType.FEATURE_STORE): f"arn:aws:iam::{ACCOUNT}:role/product-features",
    }
    chosen = {"Project": "churn", "Name": "customers", "Identifier": "customer_id", "OnlineStore": "yes"}
    sagemaker = cloud.client("sagemaker")
    with offer(cloud, first, second, workspace=workspace) as product:
        outputs = product.provision(
            "mine", **chosen, DaysToLive="30", NumberFeatures="amount,share", TextFeatures="city"
        )
        assert outputs["FeatureGroupName"] == "churn-customers"
        assert outputs["Query"] == 'SELECT * FROM "features_churn"."customers" LIMIT 10'
        found = sagemaker.describe_feature_group(FeatureGroupName="churn-customers")
        assert [(each["FeatureName"], each["FeatureType"]) for each in found["FeatureDefinitions"]] == [
            ("customer_id", "String"),
            ("event_time", "String"),
            ("city", "String"),
            ("amount", "Fractional"),
            ("share", "Fractional"),
        ]
        assert found["OnlineStoreConfig"]["TtlDuration"] == {"Unit": "Days", "Value": 30}
        assert found["OnlineStoreConfig"]["SecurityConfig"] == {"KmsKeyId": key}
        assert found["OfflineStoreConfig"]["S3StorageConfig"]["S3Uri"] == "s3://product-curated/churn/feature-store"
        product.update(
            "mine",
            "v2",
            **chosen,
            DaysToLive="60",
            NumberFeatures="amount,share",
            TextFeatures="city",
            WholeNumberFeatures="orders",
        )
        found = sagemaker.describe_feature_group(FeatureGroupName="churn-customers")
        assert found["FeatureDefinitions"][-1] == {"FeatureName": "orders", "FeatureType": "Integral"}
        assert found["OnlineStoreConfig"]["TtlDuration"] == {"Unit": "Days", "Value": 60}
        product.terminate("mine")
    with pytest.raises(sagemaker.exceptions.ClientError, match="does not exist"):
        sagemaker.describe_feature_group(FeatureGroupName="churn-customers")
    assert cloud.client("glue").get_table(DatabaseName="features_churn", Name="customers")


def test_without_an_online_store_and_without_a_list(
    cloud: Cloud, data: Stack, synthesize: Callable[..., dict[str, Template]]
) -> None:
    templates = synthesize(lambda app: feature_group_product(ground(app, "Stack")))
    (template,) = (template for name, template in templates.items() if name.endswith(".product"))
    workspace = {
        NAMES.key_arn: f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{data.id('Key')}",
        NAMES.bucket_name(DataClass.CURATED): data.id("Bucket"),
        NAMES.job_role_arn("churn", JobType.FEATURE_STORE): f"arn:aws:iam::{ACCOUNT}:role/product-features",
    }
    with offer(cloud, template, workspace=workspace) as product:
        product.provision("offline", Project="churn", Name="visits", Identifier="visit_id")
        found = cloud.client("sagemaker").describe_feature_group(FeatureGroupName="churn-visits")
        assert "OnlineStoreConfig" not in found
        assert len(found["FeatureDefinitions"]) == 2
        product.terminate("offline")
