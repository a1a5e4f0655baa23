"""What turned out to be right."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_s3 as s3

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.protection.prefix import check_prefix


@checked_arguments
@dataclass(frozen=True)
class GroundTruth:
    """The labels of past requests, which people or other systems write after the fact.

    Each record carries the event id of the request that it labels, and lies under the prefix in
    a folder of its hour, ``yyyy/mm/dd/hh``.

    Attributes:
        bucket: The bucket; the role of the monitor is granted to read under the prefix.
        prefix: The prefix.

    Raises:
        ValueError: The prefix is empty or an address.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> bucket = s3.Bucket.from_bucket_name(Stack(App(), "Stack"), "Data", "data")
        >>> GroundTruth(bucket, "churn/ground-truth").uri
        's3://data/churn/ground-truth'
    """

    bucket: s3.IBucket
    prefix: str

    def __post_init__(self) -> None:
        check_prefix("Ground truth", self.prefix, "churn/ground-truth")

    @property
    def uri(self) -> str:
        """Where the labels lie."""
        return f"s3://{self.bucket.bucket_name}/{self.prefix.strip('/')}"
