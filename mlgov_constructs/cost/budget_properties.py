"""The one place where a budget of a project is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

CONTROLS = ("MLG-CST-01", "MLG-CST-02")
PROJECT_TAG_KEY = "mlgov:project"
ACTUAL_THRESHOLDS = (50, 80, 100)
FORECAST_THRESHOLDS = (100,)


def budget_properties(
    *,
    project: str,
    monthly_limit: float,
    subscribers: Sequence[Mapping[str, str]],
    actual_thresholds: Sequence[float] = ACTUAL_THRESHOLDS,
    forecast_thresholds: Sequence[float] = FORECAST_THRESHOLDS,
    project_tag_key: str = PROJECT_TAG_KEY,
    budget_name: str | None = None,
) -> dict[str, Any]:
    """Return every property of a monthly budget of a project, as ``CfnBudget`` takes them.

    ``ProjectBudget`` and the template of ``ProjectProduct`` both use it. Values may be tokens.

    Args:
        project: The value of the project tag.
        monthly_limit: US dollars a month.
        subscribers: Who is told, as AWS Budgets writes it.
        actual_thresholds: Per cent of the limit at which spending is reported.
        forecast_thresholds: Per cent of the limit at which the forecast is reported.
        project_tag_key: The key of the project tag.
        budget_name: A name; CloudFormation makes one when omitted.
    """
    return {
        "budget": {
            "budgetName": budget_name,
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "budgetLimit": {"amount": monthly_limit, "unit": "USD"},
            # JSON-typed, so in the casing of CloudFormation.
            "costFilters": {"TagKeyValue": [f"user:{project_tag_key}${project}"]},
        },
        "notifications_with_subscribers": [
            *_notifications("ACTUAL", actual_thresholds, subscribers),
            *_notifications("FORECASTED", forecast_thresholds, subscribers),
        ],
    }


def _notifications(
    kind: str, thresholds: Sequence[float], subscribers: Sequence[Mapping[str, str]]
) -> list[dict[str, Any]]:
    return [
        {
            "notification": {
                "notificationType": kind,
                "comparisonOperator": "GREATER_THAN",
                "threshold": threshold,
                "thresholdType": "PERCENTAGE",
            },
            "subscribers": [dict(each) for each in subscribers],
        }
        for threshold in thresholds
    ]
