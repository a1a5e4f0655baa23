"""The key security indicators as one JSON document; docs/oscal.md describes the fields."""

from __future__ import annotations

import json
from typing import Any

from mlgov_constructs.evidence.evidence import Evidence
from mlgov_constructs.evidence.ksi import KsiEvidence, key_security_indicators

#: Raised when a field changes its meaning or goes away; a new field does not raise it.
SCHEMA_VERSION = 1
RULES = "FedRAMP Consolidated Rules for 2026"
SOURCE = "https://www.fedramp.gov/2026/reference/key-security-indicators/"
NOTICE = (
    "What templates say of these indicators before deployment. The choice of controls is this library's. "
    "A provider's own validation of the running service is not in it."
)


def ksi_document(evidence: Evidence) -> str:
    """Write what the templates say of the indicators.

    Args:
        evidence: The evidence.
    """
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "environment": evidence.environment,
        "timestamp": evidence.timestamp.isoformat(),
        "version": evidence.version,
        "rules": RULES,
        "source": SOURCE,
        "notice": NOTICE,
        "indicators": [_indicator(each) for each in key_security_indicators(evidence)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _indicator(indicator: KsiEvidence) -> dict[str, Any]:
    return {
        "id": indicator.id,
        "title": indicator.title,
        "statement": indicator.statement,
        "nist80053": list(indicator.nist),
        "status": indicator.status.value,
        "summary": indicator.summary,
        "controls": [
            {"id": each.control.id, "title": each.control.title, "status": each.status.value}
            for each in indicator.controls
        ],
        "methods": [
            {"id": each.id, "title": each.title, "when": each.when, "controls": sorted(each.controls)}
            for each in indicator.methods
        ],
        "classes": [
            {"class": each.name, "force": each.force, "needed": each.needed, "met": each.met}
            for each in indicator.classes
        ],
        "refusedBy": list(indicator.refusals),
    }
