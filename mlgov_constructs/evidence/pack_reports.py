"""What other rule packs said at the synthesis, from the report that the CDK wrote of it.

The report names a pack that found something, accepted or not, and one that broke. A pack that found
nothing at all leaves no word there, as one that was never asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mlgov_constructs.controls import Control
from mlgov_constructs.evidence.acceptance import Acknowledgment, PackFinding, PackReport, PackRule
from mlgov_constructs.evidence.cloud_assembly import CloudAssembly

FRAMEWORK = "cdk-nag"


class PackReports:
    """The report of the synthesis, and what the app accepted of it.

    Args:
        assembly: The cloud assembly.
    """

    def __init__(self, assembly: CloudAssembly) -> None:
        self._accepted = sorted(assembly.acknowledged)
        self._reports = sorted(assembly.report, key=lambda each: str(each["pluginName"]))
        self.packs: Sequence[PackReport] = tuple(_pack(report) for report in self._reports)
        self._ran = frozenset(pack.name for pack in self.packs if not pack.error)
        self._stands = Counter(_rule(finding.rule) for pack in self.packs for finding in pack.findings)
        self._used = Counter(
            (each["acknowledgedId"], each["acknowledgedAt"])
            for each in self._suppressed()
            for _ in each["violatingConstructs"]
        )
        self._covered = Counter(
            _rule(each["ruleName"]) for each in self._suppressed() for _ in each["violatingConstructs"]
        )

    def acknowledgments(self) -> Iterator[Acknowledgment]:
        """Return what the app accepted, with the number of findings that each covers."""
        for finding, path, reason in self._accepted:
            count = self._used[finding, path] if finding.partition("::")[0] in self._ran else None
            yield Acknowledgment(finding, path, reason, count)

    def of_control(self, control: Control) -> Iterator[PackRule]:
        """Return what the packs that ran said by the rules that a control is mapped to.

        Args:
            control: The control.
        """
        for mapping in control.mappings:
            pack = mapping.id.partition("-")[0]
            if mapping.framework == FRAMEWORK and pack in self._ran:
                yield PackRule(pack, mapping.id, self._stands[mapping.id], self._covered[mapping.id])

    def _suppressed(self) -> Iterator[dict[str, Any]]:
        for report in self._reports:
            yield from report.get("suppressedViolations") or ()


def _pack(report: dict[str, Any]) -> PackReport:
    return PackReport(
        name=report["pluginName"],
        findings=tuple(
            PackFinding(
                rule=violation["ruleName"],
                description=violation.get("description", ""),
                severity=violation.get("severity", ""),
                construct_path=construct.get("constructPath", ""),
            )
            for violation in report.get("violations") or ()
            for construct in violation["violatingConstructs"]
        ),
        acknowledged=sum(len(each["violatingConstructs"]) for each in report.get("suppressedViolations") or ()),
        error=(report.get("metadata") or {}).get("error", ""),
    )


def _rule(name: str) -> str:
    """The rule of a finding, without what a rule with several findings adds in brackets."""
    return name.partition("[")[0]
