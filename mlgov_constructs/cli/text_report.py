"""A check result for people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import click

from mlgov_constructs.cli.check_result import CheckResult
from mlgov_constructs.controls import Finding, Severity, Status

COLORS = {Severity.CRITICAL: "bright_red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}


def text_report(result: CheckResult) -> str:
    """Write a result as text, with colors that ``click.echo`` drops where they do not belong.

    Args:
        result: The result.

    Example:
        >>> text_report(CheckResult((), (), ()))
        '0 templates, 0 controls: no findings'
    """
    lines: list[str] = []
    for template, findings in groupby(result.findings, key=lambda finding: finding.template):
        lines.append(click.style(str(template), bold=True))
        for finding in findings:
            lines += _finding_lines(finding)
        lines.append("")
    return "\n".join([*lines, _summary(result)])


def _finding_lines(finding: Finding) -> Iterator[str]:
    control = finding.control
    label = "deviation" if finding.status is Status.DEVIATION else control.severity.value
    color = "blue" if finding.status is Status.DEVIATION else COLORS[control.severity]
    place = f"{finding.logical_id} ({finding.resource_type})" if finding.logical_id else "the template as a whole"
    yield f"  line {finding.line}: {click.style(label, fg=color)} {control.id} {control.title}"
    yield f"    {place}" + (f", {finding.construct_path}" if finding.construct_path else "")
    for message in finding.messages:
        yield f"    - {message}"
    if finding.claimed and finding.status is Status.FAILED:
        yield "    - the construct claims this control, and its property is not in the template"
    if finding.reason:
        yield f"    Reason: {finding.reason}"
    else:
        yield f"    Fix: {control.fix}"


def _summary(result: CheckResult) -> str:
    counts = [f"{number} {severity}" for severity, number in result.by_severity.items() if number]
    parts = [
        f"{_number(len(result.failures), 'finding')} ({', '.join(counts)})" if counts else "no findings",
        _number(len(result.deviations), "deviation") if result.deviations else "",
        _number(len(result.errors), "template") + " not checked" if result.errors else "",
    ]
    scope = f"{_number(len(result.templates), 'template')}, {_number(len(result.controls), 'control')}"
    return f"{scope}: {', '.join(part for part in parts if part)}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
