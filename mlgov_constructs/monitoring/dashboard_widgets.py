"""The widgets of the dashboard."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

HALF, THIRD = 12, 8  # of the 24 columns of a dashboard


def heading(markdown: str) -> cloudwatch.TextWidget:
    """Return the heading of a row, in Markdown."""
    return cloudwatch.TextWidget(markdown=markdown, width=2 * HALF, height=1)


def graph(
    title: str, left: Sequence[cloudwatch.IMetric], right: Sequence[cloudwatch.IMetric], width: int = HALF
) -> cloudwatch.GraphWidget:
    """Return a graph, a third or a half of a row wide."""
    return cloudwatch.GraphWidget(title=title, left=list(left), right=list(right), width=width, height=6)


def idle_graph(hourly: cloudwatch.Metric, hourly_cost: float | None) -> cloudwatch.GraphWidget:
    """Return what the hours without a request cost, or the requests where no price is known."""
    if hourly_cost is None:
        return graph("Requests an hour", [hourly], [], THIRD)
    idle = cloudwatch.MathExpression(
        expression=f"IF(FILL(requests, 0) < 1, {hourly_cost:g}, 0)",
        using_metrics={"requests": hourly},
        label="USD an hour without a request",
        period=Duration.hours(1),
    )
    return graph("Cost of idle", [idle], [hourly], THIRD)
