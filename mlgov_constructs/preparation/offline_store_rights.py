"""What the role of a feature group needs to keep its offline store."""

from __future__ import annotations

from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.preparation.feature_database import table_arns
from mlgov_constructs.preparation.feature_group_properties import offline_prefix


def offline_store_statements(
    *, project: str, bucket_arn: str, bucket_key_arn: str, database: str, table: str = "*"
) -> list[dict[str, Any]]:
    """Return what Feature Store needs to write features of a project, and nothing else of it.

    Args:
        project: The project, whose prefix is written.
        bucket_arn: The bucket of the offline stores.
        bucket_key_arn: Its key.
        database: The Glue database of the project's features.
        table: The table; every table of the database by default.

    Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSageMakerFeatureStoreAccess.html
    """
    tokens = aws_tokens()
    via_s3 = {"StringEquals": {"kms:ViaService": f"s3.{tokens.region}.{tokens.url_suffix}"}}
    under_prefix = f"{bucket_arn}/{offline_prefix(project)}/*"
    # No Sid: a role has these statements for many groups, and the CDK merges those alike.
    return [
        # An Iceberg table's metadata is read before the next snapshot is written.
        _allow(["s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"], under_prefix),
        _allow("s3:GetBucketAcl", bucket_arn),
        {**_allow(["kms:Decrypt", "kms:GenerateDataKey"], bucket_key_arn), "Condition": via_s3},
        _allow(["glue:GetTable", "glue:UpdateTable"], table_arns(database, table)),
    ]


def _allow(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
