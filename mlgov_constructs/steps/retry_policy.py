"""When a step is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration

from mlgov_constructs.argument_types import checked_arguments


@checked_arguments
@dataclass(frozen=True)
class RetryPolicy:
    """Try a step again after some faults.

    Attributes:
        exceptions: The faults, as SageMaker names them.
        max_attempts: How often, 1 to 20.
        interval: Before the first attempt; one minute by default.
        backoff_rate: By how much the interval grows with each attempt.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html

    Example:
        >>> RetryPolicy(["SageMaker.CAPACITY_ERROR"], max_attempts=5).render()["MaxAttempts"]
        5
    """

    exceptions: Sequence[str]
    max_attempts: int = 3
    interval: Duration | None = None
    backoff_rate: float = 2.0

    def render(self) -> dict[str, Any]:
        """Return the policy as a pipeline definition has it."""
        return {
            "ExceptionType": list(self.exceptions),
            "IntervalSeconds": 60 if self.interval is None else int(self.interval.to_seconds()),
            "BackoffRate": self.backoff_rate,
            "MaxAttempts": self.max_attempts,
        }


# SageMaker retries throttling and faults of its own by itself; these it leaves to the policy.
DEFAULT_RETRIES = (RetryPolicy(("SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR")),)
