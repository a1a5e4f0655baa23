"""When a monitor runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aws_cdk import Duration

from mlgov_constructs.argument_types import checked_arguments

HOURLY = "cron(0 * ? * * *)"
DAILY = re.compile(r"cron\(0 (\d|[01]\d|2[0-3]) \? \* \* \*\)")
EVERY = re.compile(r"cron\(0 (?:\d|[01]\d|2[0-3])/(0?[1-9]|1\d|2[0-4]) \? \* \* \*\)")
NOW = "NOW"
HOUR = 3600


@checked_arguments
@dataclass(frozen=True)
class MonitorSchedule:
    """When a monitor runs, in one of the few forms that SageMaker reads.

    Make one by :meth:`hourly`, :meth:`daily`, :meth:`every` or :meth:`once`. A run starts up to
    twenty minutes after its time.

    Attributes:
        expression: ``cron(0 * ? * * *)``, ``cron(0 <hour> ? * * *)``, ``cron(0 <hour>/<hours> ? *
            * *)`` or ``NOW``; times are UTC.
        window: How much data one run of ``NOW`` looks at; the others look at what came since.

    Raises:
        ValueError: SageMaker reads no such expression, or ``NOW`` has no window.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html

    Example:
        >>> MonitorSchedule.every(6).expression
        'cron(0 0/6 ? * * *)'
    """

    expression: str
    window: Duration | None = None

    def __post_init__(self) -> None:
        known = self.expression in (HOURLY, NOW) or DAILY.fullmatch(self.expression) or EVERY.fullmatch(self.expression)
        if not known:
            msg = (
                f"Schedule {self.expression!r} is none that SageMaker monitors by. Use MonitorSchedule.hourly(), "
                "daily(hour), every(hours) or once(window)."
            )
            raise ValueError(msg)
        if (self.expression == NOW) != (self.window is not None):
            msg = f"Schedule {self.expression!r} and window do not fit. A window belongs to NOW, and NOW needs one."
            raise ValueError(msg)

    @classmethod
    def hourly(cls) -> MonitorSchedule:
        """Return the one that runs each hour."""
        return cls(HOURLY)

    @classmethod
    def daily(cls, hour: int = 3) -> MonitorSchedule:
        """Return the one that runs once a day.

        Args:
            hour: The hour in UTC, 0 to 23; 3 by default.
        """
        return cls(f"cron(0 {hour} ? * * *)")

    @classmethod
    def every(cls, hours: int, *, start: int = 0) -> MonitorSchedule:
        """Return the one that runs every few hours.

        Args:
            hours: How many, 1 to 24.
            start: The hour of the first run of a day in UTC, 0 to 23; midnight by default.
        """
        return cls(f"cron(0 {start}/{hours} ? * * *)")

    @classmethod
    def once(cls, window: Duration) -> MonitorSchedule:
        """Return the one that runs at once and never again.

        Args:
            window: How far back the data goes that it looks at.
        """
        return cls(NOW, window)

    @property
    def seconds(self) -> int:
        """The time between two runs; a day for one that runs once."""
        if self.expression == HOURLY:
            return HOUR
        every = EVERY.fullmatch(self.expression)
        return (int(every.group(1)) if every else 24) * HOUR

    def to_properties(self) -> dict[str, str]:
        """Return the schedule, as ``CfnMonitoringSchedule`` takes it."""
        if self.window is None:
            return {"scheduleExpression": self.expression}
        return {
            "scheduleExpression": self.expression,
            "dataAnalysisStartTime": f"-{self.window.to_iso_string()}",
            "dataAnalysisEndTime": "-PT0H",
        }
