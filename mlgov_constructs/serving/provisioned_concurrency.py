"""Copies of a serverless model that are kept ready."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.serving.endpoint_scaling import ScheduledCapacity


@checked_arguments
@dataclass(frozen=True)
class ProvisionedConcurrency:
    """For how many requests at once a serverless endpoint keeps a copy ready, so that none starts cold.

    Attributes:
        minimum: For how many at least, and at the start.
        maximum: For how many at most; ``minimum`` when omitted, and nothing scales.
        utilization: The share that should be in use, 0.1 to 0.9; more copies are made above it.
        schedule: Limits by the clock.

    Raises:
        ValueError: The limits contradict each other.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-autoscale.html

    Example:
        >>> ProvisionedConcurrency(1, 10).scales
        True
    """

    minimum: int
    maximum: int | None = None
    utilization: float = 0.7
    schedule: tuple[ScheduledCapacity, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.minimum <= self.most:
            msg = f"Provisioned concurrency from {self.minimum} to {self.most} is no range. Use 1 or more, and more."
            raise ValueError(msg)
        if not 0.1 <= self.utilization <= 0.9:
            msg = f"A utilization of {self.utilization:g} cannot be tracked. Use 0.1 to 0.9."
            raise ValueError(msg)

    @property
    def most(self) -> int:
        """For how many at most."""
        return self.minimum if self.maximum is None else self.maximum

    @property
    def scales(self) -> bool:
        """Whether their number changes."""
        return self.most > self.minimum or bool(self.schedule)
