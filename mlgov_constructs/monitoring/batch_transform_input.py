"""Batch transform jobs whose captured data is monitored."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_s3 as s3

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.monitoring.dataset_format import DatasetFormat
from mlgov_constructs.protection.prefix import check_prefix

LOCAL_PATH = "/opt/ml/processing/input/transform"


@checked_arguments
@dataclass(frozen=True)
class BatchTransformInput:
    """What batch transform jobs read and wrote, as their data capture keeps it.

    Attributes:
        bucket: The bucket of the captured data; the role of the monitor is granted to read it.
        prefix: The prefix that the jobs capture to.
        dataset_format: How its rows are written.

    Raises:
        ValueError: The prefix is empty or an address.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-batch.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> bucket = s3.Bucket.from_bucket_name(Stack(App(), "Stack"), "Data", "data")
        >>> BatchTransformInput(bucket, "churn/captured", DatasetFormat.csv(header=True)).uri
        's3://data/churn/captured'
    """

    bucket: s3.IBucket
    prefix: str
    dataset_format: DatasetFormat

    def __post_init__(self) -> None:
        check_prefix("What batch jobs captured", self.prefix, "churn/captured")

    @property
    def uri(self) -> str:
        """Where the captured data lies."""
        return f"s3://{self.bucket.bucket_name}/{self.prefix.strip('/')}"
