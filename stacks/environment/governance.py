"""Audit trail and alarms of an environment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stacks.environment.compliance import ComplianceSettings
from stacks.environment.settings import Settings
from stacks.environment.values import EmailAddress, LogRetentionDays


class TrailSettings(Settings):
    """The audit trail."""

    multi_region: bool = True
    """Record all regions; a second trail in the account is charged by the event."""

    retention_days: LogRetentionDays = 365
    """Days that the trail stays searchable in CloudWatch Logs; one of the values that CloudWatch Logs knows."""


class GovernanceSettings(Settings):
    """Who hears of an alarm, and what is recorded."""

    alarm_emails: Annotated[tuple[EmailAddress, ...], Field(min_length=1, max_length=10)]
    """Who is told when an alarm goes off, 1 to 10 e-mail addresses."""

    trail: TrailSettings = TrailSettings()
    """The audit trail; recorded with the defaults when absent."""

    inventory: bool = True
    """Keep an inventory of models and endpoints, with where they come from, that can be asked."""

    compliance: ComplianceSettings | None = None
    """AWS Config, Security Hub and the hooks of CloudFormation; none of them when absent."""
