"""View cost."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow


@dataclass(frozen=True)
class ViewCost(Activity):
    """See what the work costs, and the budgets; Cost Explorer knows no resource.

    Example:
        ``ViewCost().statements()``
    """

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        costs = ("ce:GetCostAndUsage", "ce:GetCostForecast", "ce:GetDimensionValues", "ce:GetTags")
        budgets = aws_tokens().arn("budgets", "budget/*", region="")
        return [allow("ViewCost", costs, "*"), allow("ViewBudgets", "budgets:ViewBudget", budgets)]
