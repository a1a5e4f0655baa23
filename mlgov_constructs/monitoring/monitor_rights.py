"""What the role of a monitor needs beside what every monitoring role has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aws_cdk import aws_s3 as s3

from mlgov_constructs.aws_tokens import aws_tokens

# Both spellings are documented: with a slash before, and without.
NAMESPACES = tuple(
    f"{slash}aws/sagemaker/{source}/*-metric*" for slash in ("", "/") for source in ("Endpoints", "ModelMonitoring")
)
SHADOW_PREFIX = "sagemaker-clarify"


def read_statements(bucket: s3.IBucket, keys: Sequence[str] = (), prefixes: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return what it takes to read some files of a bucket, and its key.

    Args:
        bucket: The bucket.
        keys: The keys of single files.
        prefixes: Prefixes under which everything is read, and which are listed.
    """
    arn = bucket.bucket_arn
    listed = [f"{prefix}/*" for prefix in prefixes] + list(keys)
    return [
        _allow("s3:GetObject", [f"{arn}/{key}" for key in listed]),
        {**_allow("s3:ListBucket", arn), "Condition": {"StringLike": {"s3:prefix": listed + list(prefixes)}}},
        *_use_key(bucket, ["kms:Decrypt", "kms:DescribeKey"]),
    ]


def write_statements(bucket: s3.IBucket, prefix: str) -> list[dict[str, Any]]:
    """Return what it takes to write reports under a prefix.

    Args:
        bucket: The bucket.
        prefix: The prefix.
    """
    return [
        _allow(["s3:AbortMultipartUpload", "s3:PutObject"], f"{bucket.bucket_arn}/{prefix}/*"),
        *_use_key(bucket, ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]),
    ]


def metric_statements() -> list[dict[str, Any]]:
    """Return what it takes to publish the metrics of monitors, and no others."""
    condition = {"StringLike": {"cloudwatch:namespace": list(NAMESPACES)}}
    return [{**_allow("cloudwatch:PutMetricData", "*"), "Condition": condition}]


def shadow_endpoint_statements(model_name: str) -> list[dict[str, Any]]:
    """Return what Clarify needs to ask a copy of the model: it makes an endpoint and removes it.

    Args:
        model_name: The model that the analysis configuration names.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-container.html
    """
    tokens = aws_tokens()
    endpoints = tokens.arn("sagemaker", f"endpoint/{SHADOW_PREFIX}-*")
    configs = tokens.arn("sagemaker", f"endpoint-config/{SHADOW_PREFIX}-*")
    return [
        _allow("sagemaker:DescribeModel", tokens.arn("sagemaker", f"model/{model_name}")),
        _allow(
            [
                "sagemaker:AddTags",
                "sagemaker:CreateEndpoint",
                "sagemaker:CreateEndpointConfig",
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:InvokeEndpoint",
            ],
            [endpoints, configs],
        ),
    ]


def start_pipeline_statements(pipeline_arn: str) -> list[dict[str, Any]]:
    """Return what it takes to start one pipeline.

    Args:
        pipeline_arn: The pipeline.
    """
    return [_allow("sagemaker:StartPipelineExecution", pipeline_arn)]


def _use_key(bucket: s3.IBucket, actions: list[str]) -> Iterable[dict[str, Any]]:
    key = bucket.encryption_key
    if key is None:
        return
    tokens = aws_tokens()
    via_s3 = {"StringEquals": {"kms:ViaService": f"s3.{tokens.region}.{tokens.url_suffix}"}}
    yield {**_allow(actions, key.key_arn), "Condition": via_s3}


def _allow(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    # No Sid: a role has these statements for many monitors, and the CDK merges those alike.
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
