"""Which schedules AWS reads, of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html."""

from __future__ import annotations

import pytest

from mlgov_constructs import schedule_expression
from mlgov_constructs.schedule_expression import is_at, is_cron, is_rate, is_time_zone


@pytest.mark.parametrize(
    "fields",
    [
        "0 10 * * ? *",
        "15 12 * * ? *",
        "0 18 ? * MON-FRI *",
        "0 8 1 * ? *",
        "0/15 * * * ? *",
        "0/10 * ? * MON-FRI *",
        "0/5 8-17 ? * MON-FRI *",
        "0 22-2 * * ? *",
        "0 9 ? * 3#2 *",
        "0 9 ? * fri#1 *",
        "0 9 ? * 6L *",
        "0 9 L * ? *",
        "0 9 L-3 * ? *",
        "0 9 LW * ? *",
        "0 9 3W * ? *",
        "0 9 1,15 JAN,JUN-AUG ? 2026-2030",
        "*/5 * ? * L 2199",
    ],
)
def test_a_cron_expression_is_read(fields: str) -> None:
    assert is_cron(f"cron({fields})")


@pytest.mark.parametrize(
    "fields",
    [
        "60 3 ? * MON *",
        "0 24 ? * MON *",
        "0 3 0 * ? *",
        "0 3 32 * ? *",
        "0 3 1 13 ? *",
        "0 3 1 MOO ? *",
        "0 3 ? * 0 *",
        "0 3 ? * 8 *",
        "0 3 ? * MOO-FRI *",
        "0 3 ? * MON#6 *",
        "0 3 ? * 3#1,6#3 *",
        "0 3 32W * ? *",
        "0 3 ? * MON 1969",
        "0 3 ? * MON 2200",
        "0/0 3 ? * MON *",
        "0/5/5 3 ? * MON *",
        "0/x 3 ? * MON *",
        "1-2-3 3 ? * MON *",
        "-1 3 ? * MON *",
        "0, 3 ? * MON *",
        "? 3 ? * MON *",
        "0 3 * * * *",
        "0 3 ? * ? *",
        "0 3 * * MON *",
        "0 3 * * MON",
        "a b c d e f",
    ],
)
def test_a_cron_expression_is_refused(fields: str) -> None:
    assert not is_cron(f"cron({fields})")


@pytest.mark.parametrize("text", ["0 3 ? * MON *", "cron()", "cron(0 3 ? * MON *", ""])
def test_what_is_no_cron_expression_is_refused(text: str) -> None:
    assert not is_cron(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("rate(1 hour)", True), ("rate(12 hours)", True), ("rate(0 hours)", False), ("rate(1 hours)", False)],
)
def test_rates(text: str, expected: bool) -> None:
    assert is_rate(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at(2028-02-29T08:00:00)", True),
        ("at(2030-02-29T08:00:00)", False),
        ("at(2030-01-31T24:00:00)", False),
        ("at(2030-1-31T08:00:00)", False),
    ],
)
def test_times(text: str, expected: bool) -> None:
    assert is_at(text) is expected


@pytest.mark.parametrize(
    ("name", "exists"),
    [("UTC", True), ("Europe/Berlin", True), ("Europe/Paradise", False), ("europe/berlin", False), ("", False)],
)
def test_a_time_zone_exists(name: str, exists: bool) -> None:
    assert is_time_zone(name) is exists


def test_without_a_list_of_zones_any_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule_expression, "_time_zones", frozenset)
    assert is_time_zone("Europe/Paradise")
