"""How the account of an environment is watched."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from stacks.environment.settings import Matching, Settings
from stacks.environment.values import Reason

ControlId = Annotated[
    str,
    Matching(
        r"MLG-[A-Z]{3}-[0-9]{2}|[A-Za-z0-9]{2,20}\.[0-9]{1,3}",
        "a control of the catalogue ('MLG-SRV-07') or of Security Hub ('SageMaker.4')",
    ),
]


class ExceptionSettings(Settings):
    """Something that is accepted until a day."""

    control: ControlId
    """The control: of the catalogue for AWS Config and the hooks, of Security Hub for its findings."""

    reason: Reason
    """Why, in 15 characters or more."""

    expires: date
    """The last day, as in 2027-03-31; a synthesis after it fails."""

    resource: Annotated[str, Field(min_length=1)] = "*"
    """The ARN of the resource that is meant; all when absent."""


class ComplianceSettings(Settings):
    """AWS Config, Security Hub and the hooks of CloudFormation."""

    recorder: Literal["create", "existing"] = "create"
    """`existing` where the account records already, as under Control Tower: an account has one recorder a region."""

    recording: Literal["continuous", "daily"] = "continuous"
    """How often changes are recorded; daily costs less where much changes."""

    service_linked_role: Literal["create", "existing"] = "create"
    """`existing` where AWS Config was ever set up in the account."""

    security_hub: Literal["create", "existing"] = "create"
    """`existing` where Security Hub is on already."""

    hooks: Literal["none", "warn", "fail"] = "warn"
    """What the rules do to a stack that breaks them: nothing, a warning, a refusal."""

    exceptions: tuple[ExceptionSettings, ...] = ()
    """What is accepted until a day."""
