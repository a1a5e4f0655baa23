"""What the rules found on a resource."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mlgov_constructs.controls.control import Control


class Status(StrEnum):
    """Whether a finding stands, or was accepted by name."""

    FAILED = "failed"
    DEVIATION = "deviation"


@dataclass(frozen=True, slots=True)
class Finding:
    """One resource that does not meet one control.

    Attributes:
        control: The control whose rule failed.
        status: ``FAILED``, or ``DEVIATION`` when the resource carries a reasoned relaxation.
        template: The template file.
        logical_id: The resource in that template; empty when the demand is on the template.
        resource_type: Its CloudFormation type; empty as above.
        construct_path: The CDK path of the resource, where the template tells it.
        messages: What failed in the resource, one line each.
        line: The line in the template file, counted from 1.
        reason: The reason of the deviation; empty for a failure.
        claimed: The resource names this control as implemented, and yet the rule fails.
    """

    control: Control
    status: Status
    template: Path
    logical_id: str
    resource_type: str
    construct_path: str
    messages: tuple[str, ...]
    line: int
    reason: str
    claimed: bool
