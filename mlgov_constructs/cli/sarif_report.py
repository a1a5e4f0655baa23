"""A check result as SARIF 2.1.0, which code hosts show beside the code.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mlgov_constructs.cli.check_result import CheckResult
from mlgov_constructs.controls import Control, Finding, Severity, Status

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
# Code hosts sort by this number, which follows the bands of CVSS.
SECURITY_SEVERITIES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}


def sarif_report(result: CheckResult) -> str:
    """Write a result as SARIF; a deviation is a result that is suppressed with its reason.

    Args:
        result: The result.

    Example:
        >>> json.loads(sarif_report(CheckResult((), (), ())))["version"]
        '2.1.0'
    """
    positions = {control.id: position for position, control in enumerate(result.controls)}
    run = {
        "tool": {
            "driver": {
                "name": "mlgov",
                "semanticVersion": version("mlgov-constructs"),
                "rules": [_rule(control) for control in result.controls],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not result.errors,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": error}} for error in result.errors
                ],
            }
        ],
        "artifacts": [{"location": {"uri": _uri(template)}} for template in result.templates],
        "results": [_result(finding, positions[finding.control.id]) for finding in result.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(control: Control) -> dict[str, Any]:
    mappings = [f"{mapping.framework}:{mapping.id}" for mapping in control.mappings]
    return {
        "id": control.id,
        "name": control.rule_name,
        "shortDescription": {"text": control.title},
        "fullDescription": {"text": control.statement},
        "help": {"text": f"{control.statement}\n\n{control.fix}"},
        "helpUri": control.source,
        "defaultConfiguration": {"level": LEVELS[control.severity]},
        "properties": {
            "security-severity": SECURITY_SEVERITIES[control.severity],
            "precision": "very-high",
            "tags": ["security", *mappings],
        },
    }


def _result(finding: Finding, rule_index: int) -> dict[str, Any]:
    control = finding.control
    result: dict[str, Any] = {
        "ruleId": control.id,
        "ruleIndex": rule_index,
        "level": LEVELS[control.severity],
        "message": {"text": f"{'. '.join(finding.messages)}. {control.fix}"},
        "locations": [_location(finding)],
        "partialFingerprints": {"mlgov/v1": _fingerprint(finding)},
        # An empty list says that suppression was considered: a result of its own has none.
        "suppressions": [],
    }
    if finding.status is Status.DEVIATION:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.reason}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(finding.template)},
            "region": {"startLine": finding.line},
        }
    }
    if finding.logical_id:
        location["logicalLocations"] = [
            {
                "name": finding.logical_id,
                "fullyQualifiedName": finding.construct_path or finding.logical_id,
                "kind": "resource",
            }
        ]
    return location


def _fingerprint(finding: Finding) -> str:
    """The same for the same finding after lines have moved."""
    identity = "\n".join((finding.control.id, finding.template.name, finding.logical_id))
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


def _uri(path: Path) -> str:
    """The path from the working folder, which is where a code host looks; else a full URI."""
    absolute = path.resolve()
    working_folder = Path.cwd()
    if absolute.is_relative_to(working_folder):
        return absolute.relative_to(working_folder).as_posix()
    return absolute.as_uri()
