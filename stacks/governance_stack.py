"""What watches an environment: the audit trail with its alarms, the budget, and what idles."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.cost import IdleDetector, ProjectBudget, SpendingStop, StopApproval
from mlgov_constructs.governance import AuditTrail
from stacks.data_stack import DataStack
from stacks.environment import Capability, Environment
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.translation import RETENTION
from stacks.workspace_stack import WorkspaceStack

SINGLE_REGION = Relaxation("The environment's file says trail.multi_region: false; another trail covers the account")


class GovernanceStack(EnvironmentStack):
    """Audit trail, alarms, monthly budget and search for idle machines of one environment.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        foundation: The stack with key and archive of the logs.
        data: The stack whose buckets are watched.
        workspace: The stack whose machines are watched.
        spenders: The roles that may start no new work once the budget is spent.

    Attributes:
        trail: The audit trail.
        budget: The budget; ``None`` where the region has no budgets.
        stop: What refuses new work once the budget is spent; ``None`` unless the file asks for it.
        idle: What finds idle machines; ``None`` unless the file asks for it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        foundation: FoundationStack,
        data: DataStack,
        workspace: WorkspaceStack,
        spenders: Sequence[iam.IRole],
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Trail, budget and idle machines")
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
        self.stop = (
            SpendingStop(
                self,
                "Stop",
                budget=self.budget,
                roles=spenders,
                threshold=cost.stop_at_percent,
                approval=StopApproval(cost.stop_approval.upper()),
            )
            if self.budget and cost.stop_at_percent is not None
            else None
        )
        if self.stop:
            # A policy of this stack, because the stop already refers to the roles of the stack below.
            self.stop.grant_decide(
                iam.ManagedPolicy(
                    self,
                    "DecideStop",
                    description="Decides about the stop of spending",
                    roles=[workspace.personas["cost-owner"]],
                )
            )
        self.idle = (
            IdleDetector(
                self,
                "Idle",
                encryption_key=foundation.log_key,
                permissions_boundary=foundation.permissions_boundary,
                projects=[environment.project],
                domain_ids=[workspace.studio.domain_id] if workspace.studio else [],
                idle=Duration.hours(cost.idle_hours),
                longest_run=Duration.hours(cost.longest_run_hours),
                stop=cost.stop_idle,
                emails=cost.notify,
                log_retention=RETENTION[governance.trail.retention_days],
            )
            if cost.find_idle
            else None
        )
