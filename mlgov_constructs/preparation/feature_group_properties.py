"""The one place where a feature group is hardened."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from aws_cdk import CfnTag

from mlgov_constructs.identity import PROJECT_TAG

CONTROLS = ("MLG-PRE-01", "MLG-PRE-02", "MLG-PRE-03", "MLG-PRE-04", "MLG-PRE-05")
CATALOG = "AwsDataCatalog"
MOST_FEATURES = 2_500
FOLDER = "feature-store"  # under the prefix of the project


class TableFormat(StrEnum):
    """How the offline store lies in S3.

    Example:
        >>> TableFormat.ICEBERG.value
        'Iceberg'
    """

    ICEBERG = "Iceberg"
    GLUE = "Glue"


def feature_group_properties(
    *,
    project: str,
    feature_group_name: str,
    record_identifier: str,
    event_time: str,
    features: Any,
    role_arn: str,
    bucket_name: str,
    bucket_key_arn: str,
    database: str,
    table: str,
    table_format: TableFormat = TableFormat.ICEBERG,
    online_store: Any = None,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return every property of a hardened feature group, as ``CfnFeatureGroup`` takes them.

    ``FeatureGroup`` and the template of ``FeatureGroupProduct`` both use it, so a provisioned
    feature group is hardened as one that a stack creates. Values may be tokens and dynamic
    references. The offline store is never left out: it is the history that a model can be traced
    to.

    Args:
        project: The project, which becomes a tag and the prefix in the bucket.
        feature_group_name: The name of the feature group.
        record_identifier: The feature that names a record.
        event_time: The feature that says when a record was true.
        features: The definitions of all features, these two included: a list, or a token of one.
        role_arn: The role that writes the offline store.
        bucket_name: The bucket of the offline store.
        bucket_key_arn: The key of that bucket.
        database: The Glue database of the table.
        table: The Glue table.
        table_format: How the offline store lies in S3.
        online_store: What :func:`online_store_properties` returns, or a condition around it.
        description: What the features are, up to 128 characters.
        tags: More tags.
    """
    # The stores are JSON-typed, so in the casing of CloudFormation.
    return {
        "feature_group_name": feature_group_name,
        "record_identifier_feature_name": record_identifier,
        "event_time_feature_name": event_time,
        "feature_definitions": features,
        "description": description,
        "role_arn": role_arn,
        "offline_store_config": {
            "S3StorageConfig": {
                "S3Uri": f"s3://{bucket_name}/{offline_prefix(project)}",
                "KmsKeyId": bucket_key_arn,
            },
            "DataCatalogConfig": {"Catalog": CATALOG, "Database": database, "TableName": table},
            "DisableGlueTableCreation": False,
            "TableFormat": table_format.value,
        },
        "online_store_config": online_store,
        "tags": [CfnTag(key=key, value=value) for key, value in {**(tags or {}), PROJECT_TAG: project}.items()],
    }


def online_store_properties(key_arn: str, *, storage: str, ttl: Any = None) -> dict[str, Any]:
    """Return the settings of an encrypted online store, in the casing of CloudFormation.

    Args:
        key_arn: The key of the records.
        storage: ``Standard`` or ``InMemory``.
        ttl: How long a record stays, as unit and value; for ever when ``None``.
    """
    settings = {"EnableOnlineStore": True, "SecurityConfig": {"KmsKeyId": key_arn}, "StorageType": storage}
    return settings if ttl is None else {**settings, "TtlDuration": ttl}


def offline_prefix(project: str) -> str:
    """Return where the offline stores of a project lie in their bucket.

    Example:
        >>> offline_prefix("churn")
        'churn/feature-store'
    """
    return f"{project}/{FOLDER}"
