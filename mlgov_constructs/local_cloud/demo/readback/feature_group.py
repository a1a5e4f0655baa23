"""The feature group that a data scientist provisioned."""

from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.rows import PROJECT_TAG, key_row, role_row, sagemaker_tags, tags_row
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet


def read_feature_group(deployed: Deployed, name: str) -> Section:
    """Reads back a feature group.

    Args:
        deployed: The environment that it must lie in.
        name: The feature group.
    """
    group = deployed.client("sagemaker").describe_feature_group(FeatureGroupName=name)
    tags = sagemaker_tags(deployed, group["FeatureGroupArn"])
    history = group.get("OfflineStoreConfig", {})
    columns = [each["FeatureName"] for each in group["FeatureDefinitions"]]
    rows = (
        Row((name, group["FeatureGroupStatus"])),
        Row(("Features", ", ".join(columns))),
        _location(deployed, history, tags.get(PROJECT_TAG, "")),
        key_row(deployed, "History", history.get("S3StorageConfig", {}).get("KmsKeyId"), "in S3"),
        _table(deployed, history.get("DataCatalogConfig", {})),
        _online(deployed, group.get("OnlineStoreConfig")),
        role_row(deployed, group["RoleArn"]),
        tags_row(tags),
    )
    return Section("Provisioned feature group", ("What", "Read back"), rows, {})


def _location(deployed: Deployed, history: Mapping[str, Any], project: str) -> Row:
    uri = history.get("S3StorageConfig", {}).get("S3Uri", "")
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    demands = {
        "must be a bucket of the environment": bucket in deployed.ids("AWS::S3::Bucket"),
        "must lie under its project": bool(project) and prefix.startswith(f"{project}/"),
    }
    return Row(("Location", uri or "none"), unmet(demands))


def _table(deployed: Deployed, catalog: Mapping[str, str]) -> Row:
    database, table = catalog.get("Database", ""), catalog.get("TableName", "")
    in_environment = database in deployed.ids("AWS::Glue::Database")
    return Row(("Table", f"{database}.{table}"), unmet({"must be in a database of the environment": in_environment}))


def _online(deployed: Deployed, store: Mapping[str, Any] | None) -> Row:
    if not store or not store.get("EnableOnlineStore"):
        return Row(("Online store", "none"))
    return key_row(deployed, "Online store", store.get("SecurityConfig", {}).get("KmsKeyId"), "on")
