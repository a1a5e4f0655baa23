"""Where an asynchronous endpoint finds its requests and leaves its results."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.protection.prefix import check_prefix


@checked_arguments
@dataclass(frozen=True)
class AsyncResults:
    """The bucket of an asynchronous endpoint, and who is told of results.

    Attributes:
        bucket: A bucket with a customer managed key, a ``GovernedBucket`` for example.
        prefix: What lies under it: ``input``, ``output`` and ``failures``; ``<project>/async`` when
            omitted.
        success_topic: The topic that is told of each result; it must admit the role of the model.
        error_topic: The topic that is told of each failure.

    Raises:
        ValueError: The prefix cannot be one, or the bucket has no key.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection import DataKey, GovernedBucket
        >>> stack = Stack(App(), "Stack")
        >>> AsyncResults(GovernedBucket(stack, "Data", encryption_key=DataKey(stack, "Key"))).prefix_of("churn")
        'churn/async'
    """

    bucket: s3.IBucket
    prefix: str | None = None
    success_topic: sns.ITopic | None = None
    error_topic: sns.ITopic | None = None

    def __post_init__(self) -> None:
        check_prefix("What an asynchronous endpoint keeps", self.prefix, "churn/async")
        if self.bucket.encryption_key is None:
            msg = (
                f"The bucket {self.bucket.node.path} of asynchronous results has no customer managed key. "
                "Use a GovernedBucket, or import the bucket with its encryption_key."
            )
            raise ValueError(msg)

    def prefix_of(self, project: str) -> str:
        """Return the prefix, without a slash at either end.

        Args:
            project: The project of the endpoint.
        """
        return (self.prefix or f"{project}/async").strip("/")
