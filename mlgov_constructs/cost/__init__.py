"""What an environment may cost, who is told, and what stops."""

from mlgov_constructs.cost.budget_properties import PROJECT_TAG_KEY
from mlgov_constructs.cost.cost_categories import CostCategories
from mlgov_constructs.cost.idle_detector import IdleDetector
from mlgov_constructs.cost.project_budget import ProjectBudget
from mlgov_constructs.cost.spending_anomalies import SpendingAnomalies
from mlgov_constructs.cost.spending_stop import SpendingStop
from mlgov_constructs.cost.stop_approval import StopApproval

__all__ = [
    "PROJECT_TAG_KEY",
    "CostCategories",
    "IdleDetector",
    "ProjectBudget",
    "SpendingAnomalies",
    "SpendingStop",
    "StopApproval",
]
