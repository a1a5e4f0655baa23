"""The budget of an environment."""

from __future__ import annotations

from typing import Annotated

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
