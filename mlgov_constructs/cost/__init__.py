"""What an environment may cost, and who is told."""

from mlgov_constructs.cost.budget_properties import PROJECT_TAG_KEY
from mlgov_constructs.cost.project_budget import ProjectBudget

__all__ = ["PROJECT_TAG_KEY", "ProjectBudget"]
