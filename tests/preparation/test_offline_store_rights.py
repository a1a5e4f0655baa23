from __future__ import annotations

import json

from mlgov_constructs.preparation.offline_store_rights import offline_store_statements

STATEMENTS = offline_store_statements(
    project="churn", bucket_arn="bucket", bucket_key_arn="key", database="features_churn", table="customers"
)


def test_files_are_read_and_written_under_the_prefix_of_the_project() -> None:
    files, acl, _, _ = STATEMENTS
    assert files["Action"] == ["s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"]
    assert files["Resource"] == "bucket/churn/feature-store/*"
    assert (acl["Action"], acl["Resource"]) == ("s3:GetBucketAcl", "bucket")


def test_the_key_is_used_through_the_bucket_only() -> None:
    key = STATEMENTS[2]
    assert (key["Action"], key["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey"], "key")
    assert list(key["Condition"]) == ["StringEquals"]
    assert key["Condition"]["StringEquals"]["kms:ViaService"].startswith("s3.")


def test_the_table_is_read_and_updated_and_no_other() -> None:
    table = STATEMENTS[3]
    assert table["Action"] == ["glue:GetTable", "glue:UpdateTable"]
    assert [arn.rsplit(":", 1)[-1] for arn in table["Resource"]] == [
        "catalog",
        "database/features_churn",
        "table/features_churn/customers",
    ]


def test_nothing_else_is_allowed() -> None:
    assert len(STATEMENTS) == 4
    assert "*" not in json.dumps(STATEMENTS).replace("feature-store/*", "")
