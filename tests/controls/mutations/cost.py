"""Faults of budgets."""

from __future__ import annotations

from collections.abc import Callable

from tests.controls.mutations.faults import (
    Mutation,
    Resource,
    sets,
    statements_changed,
    statements_removed,
    with_value,
    without,
)

BUDGET = "AWS::Budgets::Budget"


def notifies(kind: str) -> Callable[[Resource], bool]:
    """The notifications of a kind."""
    return lambda entry: bool(entry["Notification"]["NotificationType"] == kind)


COST = (
    *(
        Mutation("MLG-CST-01", f"{kind} {fault}", BUDGET, change)
        for kind in ("ACTUAL", "FORECASTED")
        for fault, change in (
            ("is not notified", statements_removed("Properties/NotificationsWithSubscribers", notifies(kind))),
            (
                "has no subscriber",
                statements_changed("Properties/NotificationsWithSubscribers", notifies(kind), sets(Subscribers=[])),
            ),
        )
    ),
    Mutation("MLG-CST-01", "notifies nobody", BUDGET, without("Properties/NotificationsWithSubscribers")),
    Mutation("MLG-CST-02", "counts every project", BUDGET, without("Properties/Budget/CostFilters")),
    Mutation(
        "MLG-CST-02",
        "counts a service",
        BUDGET,
        with_value("Properties/Budget/CostFilters", {"Service": ["Amazon S3"]}),
    ),
)
