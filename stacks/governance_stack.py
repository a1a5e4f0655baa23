"""What watches an environment: the audit trail with its alarms, and the budget."""

from __future__ import annotations

from constructs import Construct

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.cost import ProjectBudget
from mlgov_constructs.governance import AuditTrail
from stacks.data_stack import DataStack
from stacks.environment import Capability, Environment
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.translation import RETENTION

SINGLE_REGION = Relaxation("The environment's file says trail.multi_region: false; another trail covers the account")


class GovernanceStack(EnvironmentStack):
    """Audit trail, alarms and monthly budget of one environment.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        foundation: The stack with key and archive of the logs.
        data: The stack whose buckets are watched.

    Attributes:
        trail: The audit trail.
        budget: The budget; ``None`` where the region has no budgets.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        foundation: FoundationStack,
        data: DataStack,
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Audit trail and budget")
        governance, cost = environment.governance, environment.cost
        self.trail = AuditTrail(
            self,
            "AuditTrail",
            log_archive=foundation.log_archive,
            encryption_key=foundation.log_key,
            trail_name=f"mlgov-{environment.name}",
            buckets=data.buckets,
            log_retention=RETENTION[governance.trail.retention_days],
            alarm_emails=governance.alarm_emails,
            permissions_boundary=foundation.permissions_boundary,
            single_region=None if governance.trail.multi_region else SINGLE_REGION,
        )
        self.budget = (
            None
            if not environment.offers(Capability.BUDGETS)
            else ProjectBudget(
                self,
                "Budget",
                project=environment.project,
                monthly_limit=cost.monthly_budget_usd,
                encryption_key=foundation.log_key,
                emails=cost.notify,
                actual_thresholds=cost.actual_percent,
                forecast_thresholds=cost.forecast_percent,
            )
        )
