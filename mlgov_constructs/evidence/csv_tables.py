"""The evidence as tables, for those who work with it in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from mlgov_constructs.controls import Control
from mlgov_constructs.evidence.evidence import Evidence, Verdict

Row = Sequence[object]
# What a spreadsheet would run as a formula when a cell begins with it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

CONTROLS = (
    "control", "title", "area", "severity", "status", "resources", "claimed", "passed", "deviating", "failed",
    "published mappings", "our mappings", "statement", "fix", "source",
)  # fmt: skip
FINDINGS = (
    "control", "title", "severity", "status", "template", "line", "logical id", "resource type", "construct",
    "what was found", "claimed", "reason", "fix",
)  # fmt: skip
RESOURCES = ("template", "stack", "logical id", "resource type", "construct", "control", "verdict", "claimed")
EXCEPTIONS = ("control", "resource", "reason", "last day", "template", "logical id")
ACKNOWLEDGMENTS = ("pack", "rule", "construct", "reason", "findings")


def csv_tables(evidence: Evidence) -> dict[str, str]:
    """Write the evidence as CSV.

    Args:
        evidence: The evidence.

    Returns:
        The tables by the names of their files.
    """
    return {
        "controls.csv": _table(CONTROLS, _controls(evidence)),
        "findings.csv": _table(FINDINGS, _findings(evidence)),
        "resources.csv": _table(RESOURCES, _resources(evidence)),
        "exceptions.csv": _table(EXCEPTIONS, _exceptions(evidence)),
        "acknowledgments.csv": _table(ACKNOWLEDGMENTS, _acknowledgments(evidence)),
    }


def _controls(evidence: Evidence) -> Iterator[Row]:
    for each in evidence.controls:
        control = each.control
        verdicts = [judged.verdict for judged in each.resources]
        yield (
            control.id,
            control.title,
            each.area.title,
            control.severity,
            each.status,
            len(each.resources),
            sum(judged.claimed for judged in each.resources),
            verdicts.count(Verdict.PASSED),
            verdicts.count(Verdict.DEVIATION),
            verdicts.count(Verdict.FAILED),
            _mappings(control, published=True),
            _mappings(control, published=False),
            control.statement,
            control.fix,
            control.source,
        )


def _findings(evidence: Evidence) -> Iterator[Row]:
    for finding in evidence.findings:
        yield (
            finding.control.id,
            finding.control.title,
            finding.control.severity,
            finding.status,
            finding.template.as_posix(),
            finding.line,
            finding.logical_id,
            finding.resource_type,
            finding.construct_path,
            "; ".join(finding.messages),
            _yes(finding.claimed),
            finding.reason,
            finding.control.fix,
        )


def _resources(evidence: Evidence) -> Iterator[Row]:
    """A row for each resource and control, and one for a resource that no control speaks of."""
    stacks = {template.name: template.stack for template in evidence.templates}
    judged: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for each in evidence.controls:
        for one in each.resources:
            key = (one.resource.template, one.resource.logical_id)
            judged.setdefault(key, []).append((each.control.id, one.verdict, _yes(one.claimed)))
    for resource in evidence.resources:
        known = (
            resource.template,
            stacks[resource.template],
            resource.logical_id,
            resource.type,
            resource.construct_path,
        )
        for control in judged.get((resource.template, resource.logical_id), [("", "", "")]):
            yield (*known, *control)


def _exceptions(evidence: Evidence) -> Iterator[Row]:
    for each in evidence.exceptions:
        yield each.control, each.resource, each.reason, each.expires.isoformat(), each.template, each.logical_id


def _acknowledgments(evidence: Evidence) -> Iterator[Row]:
    for each in evidence.acknowledgments:
        count = "no report" if each.findings is None else each.findings
        yield each.pack, each.rule, each.construct_path, each.reason, count


def _mappings(control: Control, *, published: bool) -> str:
    return "; ".join(f"{each.framework}:{each.id}" for each in control.mappings if each.published is published)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _table(head: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
