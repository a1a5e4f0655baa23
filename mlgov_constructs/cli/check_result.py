"""What a check found, before it is written in one format or another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mlgov_constructs.controls import Control, Finding, Severity, Status

RANKS = {severity: rank for rank, severity in enumerate(reversed(Severity))}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The findings of some controls on some templates.

    Attributes:
        controls: The controls that were checked.
        templates: The templates that were checked.
        findings: What does not meet a control, in the order of the templates.
        errors: Templates that could not be checked, one sentence each.
    """

    controls: tuple[Control, ...]
    templates: tuple[Path, ...]
    findings: tuple[Finding, ...]
    errors: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that nobody accepted."""
        return tuple(finding for finding in self.findings if finding.status is Status.FAILED)

    @property
    def deviations(self) -> tuple[Finding, ...]:
        """The findings that a resource accepts with a reason."""
        return tuple(finding for finding in self.findings if finding.status is Status.DEVIATION)

    @property
    def by_severity(self) -> dict[Severity, int]:
        """The number of failures of each severity, the worst first."""
        counted = Counter(finding.control.severity for finding in self.failures)
        return {severity: counted[severity] for severity in Severity}

    def fails(self, *, at_least: Severity, strict: bool) -> bool:
        """Tell whether the check fails.

        Args:
            at_least: The lowest severity that makes it fail.
            strict: Deviations make it fail as well.
        """
        counted = self.findings if strict else self.failures
        return any(RANKS[finding.control.severity] >= RANKS[at_least] for finding in counted)
