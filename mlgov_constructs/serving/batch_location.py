"""Where a batch lies, or what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.protection.prefix import check_prefix


@checked_arguments
@dataclass(frozen=True)
class BatchLocation:
    """A prefix of a bucket with a customer managed key.

    Attributes:
        bucket: The bucket.
        prefix: The prefix, without a slash at either end.

    Raises:
        ValueError: The bucket has no key, or the prefix is empty or an address.

    Example:
        ``BatchLocation(bucket, "churn/batch/input")``
    """

    bucket: s3.IBucket
    prefix: str

    def __post_init__(self) -> None:
        check_prefix("A batch", self.prefix, "churn/batch/input")
        if self.bucket.encryption_key is None:
            msg = (
                f"The bucket {self.bucket.node.path} of a batch has no customer managed key. "
                "Use a GovernedBucket, or import the bucket with its encryption_key."
            )
            raise ValueError(msg)

    @property
    def path(self) -> str:
        """The prefix, without a slash at either end."""
        return self.prefix.strip("/")

    @property
    def key(self) -> kms.IKey:
        """The key of the bucket."""
        key = self.bucket.encryption_key
        assert key is not None  # noqa: S101 - checked when it was made
        return key

    def covers(self, other: BatchLocation) -> bool:
        """Return whether a batch that reads here reads what lies there, as S3 compares how keys begin.

        Args:
            other: The other place.
        """
        same = self.bucket is other.bucket or self.bucket.node.addr == other.bucket.node.addr
        return same and f"{other.path}/".startswith(self.path)

    @property
    def uri(self) -> str:
        """Where it lies."""
        return f"s3://{self.bucket.bucket_name}/{self.path}"
