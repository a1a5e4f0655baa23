"""What schedules of EventBridge, its Scheduler and Application Auto Scaling can say: the same three forms."""

from __future__ import annotations

import functools
import re
import zoneinfo
from datetime import datetime
from typing import NamedTuple

RATE = re.compile(r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)")
CRON = re.compile(r"cron\((\S+ ){5}\S+\)")
AT = re.compile(r"at\(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\)")
AT_FORMAT = "at(%Y-%m-%dT%H:%M:%S)"
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class _Field(NamedTuple):
    """One of the six fields of a cron expression; ``names`` stand for the numbers from ``first`` on."""

    first: int
    last: int
    names: tuple[str, ...] = ()
    special: str = ""


FIELDS = (
    _Field(0, 59),
    _Field(0, 23),
    # The last day, one counted from there, the weekday nearest to a day, and the last weekday.
    _Field(1, 31, special=r"L|L-\d{1,2}|LW|([1-9]|[12]\d|3[01])W"),
    _Field(1, 12, MONTHS),
    # The last day of the week; the last of its kind in the month, and the first to the fifth.
    _Field(1, 7, DAYS, r"L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])"),
    _Field(1970, 2199),
)


def is_rate(expression: str) -> bool:
    """Tell whether an expression is a rate.

    Args:
        expression: The expression.

    Example:
        >>> is_rate("rate(1 day)"), is_rate("rate(1 days)")
        (True, False)
    """
    return RATE.fullmatch(expression) is not None


def is_cron(expression: str) -> bool:
    """Tell whether an expression is a cron expression of six fields whose values exist.

    Args:
        expression: The expression.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html

    Example:
        >>> is_cron("cron(0 3 ? * MON-FRI *)"), is_cron("cron(0 24 ? * MON *)"), is_cron("cron(0 3 * * * *)")
        (True, False, False)
    """
    if not CRON.fullmatch(expression):
        return False
    parts = expression[len("cron(") : -1].upper().split()
    day, weekday = parts[2], parts[4]
    # One of the two days says nothing, as both together would contradict each other.
    return (day == "?") != (weekday == "?") and all(
        (part == "?" and position in (2, 4)) or _fits(part, field)
        for position, (part, field) in enumerate(zip(parts, FIELDS, strict=True))
    )


def is_at(expression: str) -> bool:
    """Tell whether an expression is a time that exists.

    Args:
        expression: The expression.

    Example:
        >>> is_at("at(2030-01-31T08:00:00)"), is_at("at(2030-02-31T08:00:00)")
        (True, False)
    """
    if not AT.fullmatch(expression):
        return False
    try:
        datetime.strptime(expression, AT_FORMAT)
    except ValueError:
        return False
    return True


def is_time_zone(name: str) -> bool:
    """Tell whether there is a time zone of a name; on a machine without a list of them, any is taken.

    Args:
        name: The name, as the IANA writes it.

    Example:
        >>> is_time_zone("Europe/Berlin"), is_time_zone("UTC")
        (True, True)
    """
    zones = _time_zones()
    return not zones or name in zones


@functools.cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _fits(part: str, field: _Field) -> bool:
    if field.special and re.fullmatch(field.special, part):
        return True
    return all(_is_range(each, field) for each in part.split(","))


def _is_range(text: str, field: _Field) -> bool:
    start, *step = text.split("/")
    if len(step) > 1 or any(not each.isdecimal() or int(each) < 1 for each in step):
        return False
    if start == "*":
        return True
    ends = [_value(each, field) for each in start.split("-")]
    # A range of hours or days may go over midnight or the end of the week.
    return len(ends) <= 2 and all(end is not None for end in ends)


def _value(text: str, field: _Field) -> int | None:
    value = int(text) if text.isdecimal() else field.names.index(text) + field.first if text in field.names else None
    return value if value is not None and field.first <= value <= field.last else None
