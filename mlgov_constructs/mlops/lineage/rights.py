"""What the collector of the inventory may do, and who asks it."""

from __future__ import annotations

from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.grants import statement
from mlgov_constructs.preparation.feature_database import table_arns

# Lists, the graph of lineage and the history of events know no resource.
LISTS = (
    "cloudtrail:LookupEvents",
    "sagemaker:ListArtifacts",
    "sagemaker:ListEndpoints",
    "sagemaker:ListInferenceComponents",
    "sagemaker:ListModelCards",
    "sagemaker:ListModelPackageGroups",
    "sagemaker:ListMonitoringSchedules",
    "sagemaker:QueryLineage",
)
# Everything in the account, whatever its tags: what nobody tagged is what an inventory must show.
DESCRIBED = {
    "artifact": ("sagemaker:DescribeArtifact",),
    "endpoint": ("sagemaker:DescribeEndpoint", "sagemaker:ListTags"),
    "endpoint-config": ("sagemaker:DescribeEndpointConfig",),
    "inference-component": ("sagemaker:DescribeInferenceComponent",),
    "model": ("sagemaker:DescribeModel",),
    "model-card": ("sagemaker:DescribeModelCard",),
    "model-package": ("sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"),
    "model-package-group": ("sagemaker:ListTags",),
    "pipeline": ("sagemaker:DescribePipelineExecution", "sagemaker:ListPipelineExecutionSteps"),
}
ASK = (
    "athena:BatchGetNamedQuery",
    "athena:GetNamedQuery",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetWorkGroup",
    "athena:ListNamedQueries",
    "athena:ListQueryExecutions",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)


def collector_statements(*, bucket_arn: str, key_arn: str, prefix: str) -> list[dict[str, Any]]:
    """Return what the collector needs: to look at everything, and to write files that it cannot read.

    Args:
        bucket_arn: The bucket of the inventory.
        key_arn: Its key.
        prefix: Where the tables lie.
    """
    tokens = aws_tokens()
    described = [statement(actions, tokens.arn("sagemaker", f"{kind}/*")) for kind, actions in DESCRIBED.items()]
    return [
        {"Sid": "ListModelsAndEndpoints", **statement(LISTS, "*")},
        *described,
        {"Sid": "WriteInventory", **statement(["s3:PutObject"], f"{bucket_arn}/{prefix}/*")},
        {"Sid": "EncryptInventory", **statement(["kms:GenerateDataKey"], key_arn), "Condition": _through_s3()},
    ]


def query_statements(
    *, bucket_arn: str, key_arn: str, tables: str, results: str, database: str, work_group: str
) -> list[dict[str, Any]]:
    """Return what somebody needs to ask the inventory, and nothing else that Athena can do.

    Args:
        bucket_arn: The bucket of the inventory.
        key_arn: Its key.
        tables: The prefix of the tables.
        results: The prefix of the results.
        database: The database.
        work_group: The workgroup.

    Source: https://docs.aws.amazon.com/athena/latest/ug/example-policies-workgroup.html
    """
    tokens = aws_tokens()
    reads = ["s3:GetObject", "s3:GetObjectVersion"]
    prefixes = {"StringLike": {"s3:prefix": [f"{tables}/*", f"{results}/*"]}}
    return [
        statement(ASK, tokens.arn("athena", f"workgroup/{work_group}")),
        statement(["athena:GetDataCatalog"], tokens.arn("athena", "datacatalog/AwsDataCatalog")),
        statement(
            ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"],
            table_arns(database, "*"),
        ),
        statement([*reads], f"{bucket_arn}/{tables}/*"),
        statement(
            [*reads, "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"],
            f"{bucket_arn}/{results}/*",
        ),
        {**statement(["s3:ListBucket"], bucket_arn), "Condition": prefixes},
        statement(["s3:GetBucketLocation"], bucket_arn),
        {**statement(["kms:Decrypt", "kms:GenerateDataKey"], key_arn), "Condition": _through_s3()},
    ]


def _through_s3() -> dict[str, Any]:
    tokens = aws_tokens()
    return {"StringEquals": {"kms:ViaService": f"s3.{tokens.region}.{tokens.url_suffix}"}}
