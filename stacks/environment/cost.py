"""The budget of an environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stacks.environment.settings import Settings
from stacks.environment.values import EmailAddress

Percent = Annotated[float, Field(gt=0, le=1000)]


class CostSettings(Settings):
    """What the project may cost in a month, and who hears of it."""

    monthly_budget_usd: Annotated[float, Field(gt=0, le=1_000_000_000)]
    """Budget of a month in US dollars, more than 0."""

    notify: Annotated[tuple[EmailAddress, ...], Field(min_length=1, max_length=10)]
    """Who is told, 1 to 10 e-mail addresses."""

    actual_percent: Annotated[tuple[Percent, ...], Field(min_length=1, max_length=5)] = (50, 80, 100)
    """Percentages of the budget at which real spending is told, 1 to 5 of them."""

    forecast_percent: Annotated[tuple[Percent, ...], Field(min_length=1, max_length=5)] = (100,)
    """Percentages of the budget at which forecast spending is told, 1 to 5 of them."""

    stop_at_percent: Percent | None = None
    """Percentage of the budget at which nobody may start new work in the project; never when absent."""

    stop_approval: Literal["automatic", "manual"] = "automatic"
    """Whether that happens by itself, or when somebody who answers for the cost agrees."""

    find_idle: bool = True
    """Tell daily of endpoints that nobody asks, and of notebooks and apps that run on and on."""

    stop_idle: bool = False
    """Stop such notebooks and apps too; endpoints and data are never touched."""

    idle_hours: Annotated[int, Field(ge=1, le=168)] = 24
    """Hours without a request after which an endpoint is idle, 1 to 168."""

    longest_run_hours: Annotated[int, Field(ge=1, le=168)] = 12
    """Hours after which a notebook or app runs too long, 1 to 168."""

    anomalies: bool = False
    """Tell of unusual spending, and divide the bill by project, in a stack in the region of the bill."""
