"""How the number of instances follows the load and the clock."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.schedule_expression import is_at, is_cron, is_rate, is_time_zone


@checked_arguments
@dataclass(frozen=True)
class ScheduledCapacity:
    """Limits for the number of instances from a time on.

    Attributes:
        schedule: ``cron(...)`` of six fields, ``rate(...)`` or ``at(yyyy-mm-ddThh:mm:ss)``.
        min_capacity: The fewest instances from then on; unchanged when omitted.
        max_capacity: The most instances from then on; unchanged when omitted.
        time_zone: The zone of the schedule, as in ``Europe/Berlin``; UTC by default.

    Raises:
        ValueError: The schedule cannot be read, its zone does not exist, no limit is given, or the two contradict
            each other.

    Source: https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html

    Example:
        >>> ScheduledCapacity("cron(0 7 ? * MON-FRI *)", min_capacity=4).min_capacity
        4
    """

    schedule: str
    min_capacity: int | None = None
    max_capacity: int | None = None
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if not (is_cron(self.schedule) or is_rate(self.schedule) or is_at(self.schedule)):
            msg = (
                f"Schedule {self.schedule!r} is none that Application Auto Scaling reads. Write "
                "cron(0 7 ? * MON-FRI *), with ? for the day that is not said, rate(10 minutes) or "
                "at(2030-01-31T08:00:00)."
            )
            raise ValueError(msg)
        if not is_time_zone(self.time_zone):
            msg = f"Time zone {self.time_zone!r} does not exist. Write it as the IANA does, as in Europe/Berlin."
            raise ValueError(msg)
        if self.min_capacity is None and self.max_capacity is None:
            msg = f"Schedule {self.schedule!r} changes nothing. Give min_capacity or max_capacity."
            raise ValueError(msg)
        if self.min_capacity is not None and self.max_capacity is not None and self.max_capacity < self.min_capacity:
            msg = f"Schedule {self.schedule!r} allows {self.max_capacity} instances and demands {self.min_capacity}."
            raise ValueError(msg + " Make max_capacity at least min_capacity.")


@checked_arguments
@dataclass(frozen=True)
class EndpointScaling:
    """Instances are added and removed so that each has about as many requests as it can bear.

    Attributes:
        max_capacity: The most instances; twice the ``instance_count`` when omitted.
        invocations_per_instance: Requests a minute that one instance should have. Measure what an
            instance bears and take about 70 % of it; 600 is a start, not a measurement.
        scale_in_cooldown: How long to wait before fewer; 5 minutes by default.
        scale_out_cooldown: How long to wait before more; 1 minute by default.
        schedule: Limits by the clock.

    Raises:
        ValueError: The number of requests is not positive.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html

    Example:
        >>> EndpointScaling(max_capacity=8).invocations_per_instance
        600
    """

    max_capacity: int | None = None
    invocations_per_instance: float = 600
    scale_in_cooldown: Duration | None = None
    scale_out_cooldown: Duration | None = None
    schedule: tuple[ScheduledCapacity, ...] = ()

    def __post_init__(self) -> None:
        if self.invocations_per_instance <= 0:
            msg = f"invocations_per_instance {self.invocations_per_instance:g} is not positive. Use 1 or more."
            raise ValueError(msg)

    @property
    def lowest(self) -> int | None:
        """The fewest instances that a schedule leaves; ``None`` when none sets a limit."""
        limits = [limit for each in self.schedule for limit in (each.min_capacity, each.max_capacity)]
        return min((limit for limit in limits if limit is not None), default=None)

    def unreachable(self, most: int) -> int | None:
        """Return how many instances a schedule demands that no limit ever allows, or ``None``.

        Args:
            most: The most instances, where no schedule says otherwise.
        """
        highest = max([most, *(each.max_capacity for each in self.schedule if each.max_capacity is not None)])
        demanded = max((each.min_capacity for each in self.schedule if each.min_capacity is not None), default=0)
        return demanded if demanded > highest else None
