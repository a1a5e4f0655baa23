"""Exceptions that have expired, as a policy-validation plugin of the CDK."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from mlgov_constructs.controls.control_exception import EXCEPTIONS_KEY
from mlgov_constructs.controls.validation_plugin import ValidationPlugin, by_assembly

NAME = "mlgov-exceptions"
RULE = "MLG-EXCEPTION-EXPIRED"


class ExceptionExpiry(ValidationPlugin):
    """Fails the synthesis once an exception to a control has expired.

    The templates carry the last day of each exception, so they are the same whenever they are
    synthesized; only this check looks at the calendar.

    Args:
        today: The day to compare with; the day of the synthesis, in UTC, when omitted.

    Example:
        >>> app = cdk.App()
        >>> cdk.Validations.of(app).add_plugins(ExceptionExpiry())
    """

    def __init__(self, today: datetime.date | None = None) -> None:
        super().__init__(NAME, [RULE])
        self._today = today

    def violations(self, templates: Sequence[Path]) -> Iterable[cdk.PolicyViolation]:
        """Return one violation for each exception whose last day is over.

        Args:
            templates: The templates of the stacks.
        """
        today = self._today or datetime.datetime.now(datetime.UTC).date()
        return [
            _violation(exception, logical_id, template)
            for template in (path for assembly in by_assembly(templates) for path in assembly)
            for logical_id, resource in _resources(template).items()
            for exception in resource.get("Metadata", {}).get(EXCEPTIONS_KEY, ())
            if today > datetime.date.fromisoformat(exception["expires"])
        ]


def _resources(template: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(template.read_text(encoding="utf-8")).get("Resources", {})
    return found


def _violation(exception: dict[str, str], logical_id: str, template: Path) -> cdk.PolicyViolation:
    control, resource, expires = exception["control"], exception["resource"], exception["expires"]
    return cdk.PolicyViolation(
        rule_name=RULE,
        description=f"The exception to {control} for {resource} ended on {expires}: {exception['reason']}",
        fix="Meet the control and remove the exception, or have it granted anew with a later day.",
        severity="error",
        violating_resources=[
            cdk.PolicyViolatingResource(
                resource_logical_id=logical_id, template_path=str(template), locations=[f"{control} until {expires}"]
            )
        ],
    )
