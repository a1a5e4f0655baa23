"""The evidence as one JSON document; docs/evidence.md describes the fields."""

from __future__ import annotations

import json
from typing import Any

from mlgov_constructs.cli.cost_report import json_report as cost_report
from mlgov_constructs.controls import Finding
from mlgov_constructs.evidence.evidence import ControlEvidence, Evidence

#: Raised when a field changes its meaning or goes away; a new field does not raise it.
SCHEMA_VERSION = 1


def json_document(evidence: Evidence) -> str:
    """Write everything that the evidence says.

    Args:
        evidence: The evidence.
    """
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "environment": evidence.environment,
        "timestamp": evidence.timestamp.isoformat(),
        "version": evidence.version,
        "summary": {status.value: number for status, number in evidence.by_status.items()},
        "templates": [
            {
                "name": each.name,
                "stack": each.stack,
                "kind": each.kind,
                "region": each.region,
                "sha256": each.sha256,
                "resources": each.resources,
                "bytes": each.size,
            }
            for each in evidence.templates
        ],
        "controls": [_control(each) for each in evidence.controls],
        "resources": [
            {
                "template": each.template,
                "logicalId": each.logical_id,
                "type": each.type,
                "constructPath": each.construct_path,
                "claims": list(each.claims),
            }
            for each in evidence.resources
        ],
        "exceptions": [
            {
                "control": each.control,
                "resource": each.resource,
                "reason": each.reason,
                "expires": each.expires.isoformat(),
                "template": each.template,
                "logicalId": each.logical_id,
            }
            for each in evidence.exceptions
        ],
        "acknowledgments": [
            {"id": each.id, "constructPath": each.construct_path, "reason": each.reason, "findings": each.findings}
            for each in evidence.acknowledgments
        ],
        "packs": [
            {
                "name": each.name,
                "passed": each.passed,
                "error": each.error,
                "acknowledged": each.acknowledged,
                "findings": [
                    {
                        "rule": finding.rule,
                        "description": finding.description,
                        "severity": finding.severity,
                        "constructPath": finding.construct_path,
                    }
                    for finding in each.findings
                ],
            }
            for each in evidence.packs
        ],
        "roles": [
            {
                "stack": each.stack,
                "name": each.name,
                "description": each.description,
                "trusted": list(each.trusted),
                "bounded": each.bounded,
                "activities": list(each.activities),
                "services": list(each.services),
                "denies": each.denies,
                "otherPolicies": list(each.other_policies),
            }
            for each in evidence.roles
        ],
        "cost": _cost(evidence),
    }
    return json.dumps(document, indent=2) + "\n"


def _control(each: ControlEvidence) -> dict[str, Any]:
    control = each.control
    return {
        "id": control.id,
        "title": control.title,
        "statement": control.statement,
        "area": each.area.title,
        "severity": control.severity,
        "status": each.status,
        "fix": control.fix,
        "source": control.source,
        "mappings": [
            {"framework": mapping.framework, "id": mapping.id, "published": mapping.published}
            for mapping in control.mappings
        ],
        "resources": [
            {
                "template": judged.resource.template,
                "logicalId": judged.resource.logical_id,
                "verdict": judged.verdict,
                "claimed": judged.claimed,
            }
            for judged in each.resources
        ],
        "findings": [_finding(finding) for finding in each.findings],
        "deviations": [
            {
                "template": deviation.template,
                "logicalId": deviation.logical_id,
                "type": deviation.type,
                "constructPath": deviation.construct_path,
                "reason": deviation.reason,
                "found": deviation.found,
            }
            for deviation in each.deviations
        ],
        "packs": [
            {"rule": said.rule, "findings": said.findings, "acknowledged": said.acknowledged} for said in each.packs
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "status": finding.status,
        "template": finding.template.as_posix(),
        "line": finding.line,
        "logicalId": finding.logical_id,
        "type": finding.resource_type,
        "constructPath": finding.construct_path,
        "messages": list(finding.messages),
        "claimed": finding.claimed,
        "reason": finding.reason,
    }


def _cost(evidence: Evidence) -> dict[str, Any]:
    """What ``mlgov cost --format json`` says, with the names of the templates alone."""
    document: dict[str, Any] = json.loads(cost_report(evidence.cost))
    for stack in document["stacks"]:
        stack["template"] = stack["template"].removeprefix(f"{evidence.folder.as_posix()}/")
    return document
