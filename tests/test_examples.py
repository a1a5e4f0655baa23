"""Every program in docs/examples runs, and what it synthesizes passes every rule."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlgov_constructs.controls import RuleEngine, Status

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_synthesizes_and_passes_every_rule(example: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, str(example)],
        cwd=ROOT,
        env={**os.environ, "CDK_OUTDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    templates = sorted(tmp_path.rglob("*.template.json"))
    assert templates
    engine = RuleEngine()
    failed = [f for template in templates for f in engine.check(template) if f.status is Status.FAILED]
    assert [(finding.control.id, finding.logical_id) for finding in failed] == []
