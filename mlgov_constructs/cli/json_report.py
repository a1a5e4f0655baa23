"""A check result for programs; docs/cli.md describes the fields."""

from __future__ import annotations

import json

from mlgov_constructs.cli.check_result import CheckResult
from mlgov_constructs.controls import Finding

#: Raised when a field changes its meaning or goes away; a new field does not raise it.
SCHEMA_VERSION = 1


def json_report(result: CheckResult) -> str:
    """Write a result as JSON.

    Args:
        result: The result.

    Example:
        >>> json.loads(json_report(CheckResult((), (), ())))["summary"]["findings"]
        0
    """
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "summary": {
            "templates": len(result.templates),
            "controls": len(result.controls),
            "findings": len(result.failures),
            "bySeverity": {severity.value: number for severity, number in result.by_severity.items()},
            "deviations": len(result.deviations),
            "errors": len(result.errors),
        },
        "templates": [template.as_posix() for template in result.templates],
        "controls": [control.id for control in result.controls],
        "findings": [_finding(finding) for finding in result.findings],
        "errors": list(result.errors),
    }
    return json.dumps(document, indent=2)


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "control": finding.control.id,
        "title": finding.control.title,
        "severity": finding.control.severity.value,
        "status": finding.status.value,
        "template": finding.template.as_posix(),
        "line": finding.line,
        "logicalId": finding.logical_id,
        "resourceType": finding.resource_type,
        "constructPath": finding.construct_path,
        "messages": list(finding.messages),
        "claimed": finding.claimed,
        "reason": finding.reason,
        "fix": finding.control.fix,
        "source": finding.control.source,
    }
