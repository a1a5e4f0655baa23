"""The budgets and whom they tell."""

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet


def read_budgets(deployed: Deployed) -> Section:
    """Reads back every budget of an environment.

    Args:
        deployed: The environment.
    """
    rows = tuple(_row(deployed, name) for name in deployed.ids("AWS::Budgets::Budget"))
    columns = ("Budget", "Limit", "Counts", "Actual", "Forecast", "Tells")
    return Section("Budget", columns, rows, {"there must be a budget": bool(rows)})


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """What AWS Budgets tells of a budget.

    Args:
        limit: Amount, unit and period.
        filters: The tags that it counts, as ``key$value``.
        actual: The thresholds of actual cost.
        forecast: The thresholds of forecast cost.
        told: Whom it tells.
    """

    limit: str
    filters: tuple[str, ...]
    actual: str
    forecast: str
    told: tuple[str, ...]


def describe_budget(deployed: Deployed, name: str) -> BudgetFacts:
    """Returns what AWS Budgets tells of a budget.

    Args:
        deployed: The environment, whose account it is of.
        name: The budget.
    """
    client = deployed.client("budgets")
    which = {"AccountId": deployed.clients.account, "BudgetName": name}
    budget = client.describe_budget(**which)["Budget"]
    notifications = client.describe_notifications_for_budget(**which)["Notifications"]
    told = {
        item["Address"].rsplit(":", 1)[-1]
        for notification in notifications
        for item in client.describe_subscribers_for_notification(**which, Notification=_plain(notification))[
            "Subscribers"
        ]
    }
    limit = budget["BudgetLimit"]
    return BudgetFacts(
        f"{limit['Amount']} {limit['Unit']} {budget['TimeUnit'].lower()}",
        tuple(value.removeprefix("user:") for value in budget.get("CostFilters", {}).get("TagKeyValue", [])),
        _thresholds(notifications, "ACTUAL"),
        _thresholds(notifications, "FORECASTED"),
        tuple(sorted(told)),
    )


def _row(deployed: Deployed, name: str) -> Row:
    budget = describe_budget(deployed, name)
    cells = (
        name,
        budget.limit,
        ", ".join(budget.filters) or "the whole account",
        budget.actual or "none",
        budget.forecast or "none",
        ", ".join(budget.told) or "nobody",
    )
    demands = {
        "it must count one project": len(budget.filters) == 1,
        "it must warn of actual cost": bool(budget.actual),
        "it must warn of forecast cost": bool(budget.forecast),
        "it must tell someone": bool(budget.told),
    }
    return Row(cells, unmet(demands))


def _thresholds(notifications: list[dict[str, Any]], kind: str) -> str:
    found = sorted(item["Threshold"] for item in notifications if item["NotificationType"] == kind)
    return ", ".join(f"{value:g} %" for value in found)


def _plain(notification: dict[str, Any]) -> dict[str, Any]:
    """Returns a notification as requests name it: without its state."""
    return {name: value for name, value in notification.items() if name != "NotificationState"}
