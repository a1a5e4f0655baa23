"""Checks that a template stays far from what CloudFormation accepts: 500 resources and 1 MB."""

from __future__ import annotations

import json
from pathlib import Path

MOST_RESOURCES = 300
MOST_BYTES = 700_000


def check_budget(template: Path) -> list[str]:
    """Say in what a template file is too large; empty when it is not."""
    text = template.read_bytes()
    resources = len(json.loads(text)["Resources"])
    faults = []
    if resources >= MOST_RESOURCES:
        faults.append(f"{template.name} has {resources} resources; keep it below {MOST_RESOURCES}")
    if len(text) >= MOST_BYTES:
        faults.append(f"{template.name} has {len(text)} bytes; keep it below {MOST_BYTES}")
    return faults
