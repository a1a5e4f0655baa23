from __future__ import annotations

import json
import runpy
from pathlib import Path

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "governance.py"
AREAS = (
    "MLG-PRT-",
    "MLG-GOV-",
)


def test_example_runs_and_meets_the_controls() -> None:
    assembly = runpy.run_path(str(EXAMPLE))["app"].synth()
    (template,) = [stack.template for stack in assembly.stacks]
    engine = RuleEngine(control for name, control in CATALOGUE.items() if name.startswith(AREAS))
    findings = engine.check_text(json.dumps(template))
    assert [finding for finding in findings if finding.status is Status.FAILED] == []
