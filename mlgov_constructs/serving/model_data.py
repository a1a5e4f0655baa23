"""The artifact that a model loads."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from mlgov_constructs.argument_types import checked_arguments


@checked_arguments
@dataclass(frozen=True)
class ModelData:
    """A model artifact in a bucket.

    Attributes:
        bucket: The bucket; a model's role is granted to read the object, key included.
        key: The object, a ``.tar.gz`` archive, or for many models behind one endpoint the prefix
            that holds their archives, with a ``/`` at the end.

    Raises:
        ValueError: The key is an address.

    Example:
        >>> from aws_cdk import App, Stack
        >>> bucket = s3.Bucket.from_bucket_name(Stack(App(), "Stack"), "Models", "models")
        >>> ModelData(bucket, "churn/model.tar.gz").url
        's3://models/churn/model.tar.gz'
    """

    bucket: s3.IBucket
    key: str

    def __post_init__(self) -> None:
        if "://" in self.key or self.key.startswith("/"):
            msg = (
                f"The key {self.key!r} of a model is an address. Give the bucket, and the key as in churn/model.tar.gz."
            )
            raise ValueError(msg)

    @property
    def url(self) -> str:
        """Where it lies."""
        return f"s3://{self.bucket.bucket_name}/{self.key}"

    @property
    def is_prefix(self) -> bool:
        """Whether it is a place of many archives."""
        return self.key.endswith("/")

    def grant_read(self, role: iam.IGrantable) -> None:
        """Let a model's role read it.

        Args:
            role: The role.
        """
        self.bucket.grant_read(role, f"{self.key}*" if self.is_prefix else self.key)
