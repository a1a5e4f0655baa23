"""Who decides that spending stops."""

from __future__ import annotations

from enum import StrEnum


class StopApproval(StrEnum):
    """Who decides, once the budget is spent, in AWS Budgets' words."""

    AUTOMATIC = "AUTOMATIC"
    """Nobody: the stop is applied when AWS Budgets sees that the threshold is passed."""

    MANUAL = "MANUAL"
    """A person with ``budgets:ExecuteBudgetAction``, who is told and confirms."""
