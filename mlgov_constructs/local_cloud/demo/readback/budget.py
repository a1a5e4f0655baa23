"""The budgets and whom they tell."""

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


def _row(deployed: Deployed, name: str) -> Row:
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
    filters = [value.removeprefix("user:") for value in budget.get("CostFilters", {}).get("TagKeyValue", [])]
    limit = budget["BudgetLimit"]
    actual, forecast = (_thresholds(notifications, kind) for kind in ("ACTUAL", "FORECASTED"))
    cells = (
        name,
        f"{limit['Amount']} {limit['Unit']} {budget['TimeUnit'].lower()}",
        ", ".join(filters) or "the whole account",
        actual or "none",
        forecast or "none",
        ", ".join(sorted(told)) or "nobody",
    )
    demands = {
        "it must count one project": len(filters) == 1,
        "it must warn of actual cost": bool(actual),
        "it must warn of forecast cost": bool(forecast),
        "it must tell someone": bool(told),
    }
    return Row(cells, unmet(demands))


def _thresholds(notifications: list[dict[str, Any]], kind: str) -> str:
    found = sorted(item["Threshold"] for item in notifications if item["NotificationType"] == kind)
    return ", ".join(f"{value:g} %" for value in found)


def _plain(notification: dict[str, Any]) -> dict[str, Any]:
    """Returns a notification as requests name it: without its state."""
    return {name: value for name, value in notification.items() if name != "NotificationState"}
