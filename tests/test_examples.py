"""Every program in docs/examples runs, and what it synthesizes passes every rule."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mlgov_constructs.controls import RuleEngine, Status

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))


@pytest.fixture(scope="session")
def readme_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    program = tmp_path_factory.mktemp("readme") / "readme.py"
    program.write_text(block, encoding="utf-8")
    return program


def test_the_example_of_the_readme_passes_every_rule(readme_example: Path, tmp_path: Path) -> None:
    synthesizes_and_passes_every_rule(readme_example, tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_synthesizes_and_passes_every_rule(example: Path, tmp_path: Path) -> None:
    synthesizes_and_passes_every_rule(example, tmp_path)


def synthesizes_and_passes_every_rule(example: Path, tmp_path: Path) -> None:
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
