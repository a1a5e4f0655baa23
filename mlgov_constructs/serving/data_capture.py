"""What an endpoint keeps of its requests and answers."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_s3 as s3

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.protection.prefix import check_prefix


@checked_arguments
@dataclass(frozen=True)
class DataCapture:
    """Where requests and answers are kept, and how many of them.

    Monitoring for drift compares what is captured with the data that the model learned from.

    Attributes:
        bucket: A bucket with a customer managed key, a ``GovernedBucket`` for example; a model's
            role is granted to write under the prefix, key included.
        prefix: The prefix; ``<project>/data-capture`` when omitted. SageMaker adds endpoint,
            variant and hour.
        percentage: How many requests of a hundred are kept, 1 to 100; all of them by default.
        answers: Whether answers are kept as well as requests.

    Raises:
        ValueError: The percentage is out of range, the prefix cannot be one, or the bucket has no key.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection import DataKey, GovernedBucket
        >>> stack = Stack(App(), "Stack")
        >>> DataCapture(GovernedBucket(stack, "Data", encryption_key=DataKey(stack, "Key")), percentage=20).percentage
        20
    """

    bucket: s3.IBucket
    prefix: str | None = None
    percentage: int = 100
    answers: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.percentage <= 100:
            msg = f"Data capture of {self.percentage} percent is out of range. Use 1 to 100."
            raise ValueError(msg)
        check_prefix("Data capture", self.prefix, "churn/data-capture")
        if self.bucket.encryption_key is None:
            msg = (
                f"The bucket {self.bucket.node.path} of the data capture has no customer managed key. "
                "Use a GovernedBucket, or import the bucket with its encryption_key."
            )
            raise ValueError(msg)

    def prefix_of(self, project: str) -> str:
        """Return the prefix, without a slash at either end.

        Args:
            project: The project of the endpoint.
        """
        return (self.prefix or f"{project}/data-capture").strip("/")
