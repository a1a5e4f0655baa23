"""What an environment may cost, and who is told."""

from mlgov_constructs.cost.project_budget import PROJECT_TAG_KEY, ProjectBudget

__all__ = ["PROJECT_TAG_KEY", "ProjectBudget"]
