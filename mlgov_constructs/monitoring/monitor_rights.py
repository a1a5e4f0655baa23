"""What the role of a monitor needs beside what every monitoring role has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from aws_cdk import aws_s3 as s3

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.monitoring.baseline import Baseline
from mlgov_constructs.monitoring.batch_transform_input import BatchTransformInput
from mlgov_constructs.monitoring.endpoint_input import EndpointInput
from mlgov_constructs.monitoring.ground_truth import GroundTruth
from mlgov_constructs.monitoring.monitor_input import monitored_location

# Both spellings are documented: with a slash before, and without.
NAMESPACES = tuple(
    f"{slash}aws/sagemaker/{source}/*-metric*" for slash in ("", "/") for source in ("Endpoints", "ModelMonitoring")
)


class BucketAccess(NamedTuple):
    """What the jobs do in a bucket.

    Attributes:
        bucket: The bucket.
        keys: The keys of single files that they read.
        prefix: A prefix under which they read everything.
        reports: A prefix under which they write.
    """

    bucket: s3.IBucket
    keys: tuple[str, ...] = ()
    prefix: str | None = None
    reports: str | None = None

    @property
    def read(self) -> list[str]:
        """What is read, as the end of an ARN."""
        return [*self.keys, *([] if self.prefix is None else [f"{self.prefix}/*"])]


def monitor_statements(
    *,
    monitored: EndpointInput | BatchTransformInput,
    project: str,
    baseline: Baseline,
    bucket: s3.IBucket,
    prefix: str,
    ground_truth: GroundTruth | None,
    reads: Sequence[tuple[s3.IBucket, str]],
) -> list[dict[str, Any]]:
    """Return what the jobs of one monitor need: what they read, where they write, their metrics.

    Args:
        monitored: The endpoint, which captures, or the batch transform jobs.
        project: The project.
        baseline: What is compared with.
        bucket: The bucket of the reports.
        prefix: The prefix of the reports.
        ground_truth: What turned out to be right.
        reads: Other files that the jobs read, by bucket.
    """
    captured, captured_prefix = monitored_location(monitored, project)
    accesses = [
        BucketAccess(captured, prefix=captured_prefix),
        BucketAccess(baseline.bucket, baseline.keys),
        BucketAccess(bucket, reports=prefix),
        *(BucketAccess(other, (key,)) for other, key in reads),
    ]
    if ground_truth is not None:
        accesses.append(BucketAccess(ground_truth.bucket, prefix=ground_truth.prefix.strip("/")))
    return [*bucket_statements(accesses), *metric_statements()]


def bucket_statements(accesses: Iterable[BucketAccess]) -> list[dict[str, Any]]:
    """Return what it takes to read and write in some buckets, keys included, in few statements.

    Args:
        accesses: What is done in which bucket.
    """
    by_bucket: dict[str, list[BucketAccess]] = {}
    for access in accesses:
        by_bucket.setdefault(access.bucket.bucket_arn, []).append(access)
    return [statement for arn, group in by_bucket.items() for statement in _of_bucket(arn, group)]


def metric_statements() -> list[dict[str, Any]]:
    """Return what it takes to publish the metrics of monitors, and no others."""
    condition = {"StringLike": {"cloudwatch:namespace": list(NAMESPACES)}}
    return [{**_allow("cloudwatch:PutMetricData", "*"), "Condition": condition}]


def _of_bucket(arn: str, accesses: Sequence[BucketAccess]) -> Iterator[dict[str, Any]]:
    read = list(dict.fromkeys(place for access in accesses for place in access.read))
    written = [f"{access.reports}/*" for access in accesses if access.reports is not None]
    use_key = ["kms:Decrypt", "kms:DescribeKey"]
    if read:
        # A prefix is listed with and without what follows it.
        listed = read + [access.prefix for access in accesses if access.prefix is not None]
        yield _allow("s3:GetObject", [f"{arn}/{place}" for place in read])
        yield {**_allow("s3:ListBucket", arn), "Condition": {"StringLike": {"s3:prefix": listed}}}
    if written:
        use_key.append("kms:GenerateDataKey")
        yield _allow(["s3:AbortMultipartUpload", "s3:PutObject"], [f"{arn}/{place}" for place in written])
    key = accesses[0].bucket.encryption_key
    if key is not None:
        tokens = aws_tokens()
        via_s3 = {"StringEquals": {"kms:ViaService": f"s3.{tokens.region}.{tokens.url_suffix}"}}
        yield {**_allow(use_key, key.key_arn), "Condition": via_s3}


def _allow(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    # No Sid: a role has these statements for many monitors, and the CDK merges those alike.
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
