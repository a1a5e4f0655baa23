"""What a monitoring job runs on, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration, Size, Token

from mlgov_constructs.argument_types import checked_arguments

# Instance types that a monitoring job may have unless told otherwise, with USD an hour in us-east-1.
HOURLY_USD = {
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.m5.4xlarge": 0.922,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
    "ml.r5.xlarge": 0.302,
    "ml.r5.2xlarge": 0.605,
}
INSTANCE_TYPES = tuple(HOURLY_USD)
MOST_INSTANCES = 100
SMALLEST_GIB, LARGEST_GIB = 1, 16_384
LONGEST_RUN = 86_400


@checked_arguments
@dataclass(frozen=True)
class MonitoringResources:
    """The cluster of a monitoring job and its time limit.

    Attributes:
        instance_type: The type, ``ml.m5.xlarge`` by default.
        instance_count: How many, 1 by default; traffic between two and more is encrypted.
        volume_size: The volume of each, 20 GiB by default.
        max_runtime: When a job is stopped; as long as SageMaker allows, at most an hour, when omitted.
        allowed_instance_types: The types that may be used; a list of common ones by default.

    Raises:
        ValueError: A value is out of range, or the type is not allowed.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringClusterConfig.html

    Example:
        >>> MonitoringResources(instance_count=2).instance_type
        'ml.m5.xlarge'
    """

    instance_type: str = "ml.m5.xlarge"
    instance_count: int = 1
    volume_size: Size | None = None
    max_runtime: Duration | None = None
    allowed_instance_types: tuple[str, ...] = INSTANCE_TYPES

    def __post_init__(self) -> None:
        if not Token.is_unresolved(self.instance_type) and self.instance_type not in self.allowed_instance_types:
            msg = (
                f"Instance type {self.instance_type!r} is not allowed. Use one of "
                f"{', '.join(self.allowed_instance_types)}, or extend allowed_instance_types."
            )
            raise ValueError(msg)
        if not 1 <= self.instance_count <= MOST_INSTANCES:
            msg = f"{self.instance_count} instances are out of range. Use 1 to {MOST_INSTANCES}."
            raise ValueError(msg)
        if not SMALLEST_GIB <= self.volume_gib <= LARGEST_GIB:
            msg = f"A volume of {self.volume_gib:g} GiB is out of range. Use {SMALLEST_GIB} to {LARGEST_GIB} GiB."
            raise ValueError(msg)

    @property
    def volume_gib(self) -> float:
        """The size of the volume in GiB."""
        return 20 if self.volume_size is None else self.volume_size.to_gibibytes()
