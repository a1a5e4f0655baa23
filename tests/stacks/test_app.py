"""The app as the command line runs it, with the CDK's own validation switched on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.cli.targets import find_templates
from mlgov_constructs.controls import RuleEngine, Status
from tests.environments import REGIONS, Assembly

ROOT = Path(__file__).parents[2]
STACKS = {"sandbox": 9, "production": 11}
DEVIATIONS = {
    "sandbox": {"MLG-PRT-05", "MLG-PRT-10", "MLG-GOV-02"},
    "production": {"MLG-PRT-05", "MLG-PRT-10"},
}
# Those of products that not every region can have: the online store, and the pull of a model's image.
OF_PRODUCTS = {"aws": {"MLG-PRE-05", "MLG-SRV-04"}, "aws-us-gov": {"MLG-SRV-04"}, "aws-cn": {"MLG-PRE-05"}}


@pytest.mark.parametrize("name", ["sandbox", "production"])
def test_the_app_passes_every_plugin_and_needs_no_credentials(
    name: str, tmp_path: Path, cdk_context: dict[str, Any]
) -> None:
    context = {**cdk_context, "environment": f"environments/{name}.yaml"}
    env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_") and key != "CDK_VALIDATION"}
    run = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**env, "CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": json.dumps(context)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    stacks = {path for path in tmp_path.glob("*.template.json") if ".product." not in path.name}
    assert len(stacks) == STACKS[name]
    report = tmp_path / "validation-report.json"
    plugins = json.loads(report.read_text(encoding="utf-8"))["pluginReports"] if report.exists() else []
    assert [violation for plugin in plugins for violation in plugin["violations"]] == []


@pytest.mark.parametrize("name", ["sandbox", "production"])
@pytest.mark.parametrize("partition", REGIONS)
def test_every_rule_passes_in_every_partition(assembly: Assembly, name: str, partition: str) -> None:
    engine = RuleEngine()
    findings = [finding for path in find_templates([assembly(name, partition)]) for finding in engine.check(path)]
    assert [(f.control.id, f.logical_id) for f in findings if f.status is Status.FAILED] == []
    assert {f.control.id for f in findings} == DEVIATIONS[name] | OF_PRODUCTS[partition]
    assert all(f.reason for f in findings)


def test_only_govcloud_goes_without_a_budget(assembly: Assembly) -> None:
    for partition in REGIONS:
        text = "".join(path.read_text(encoding="utf-8") for path in find_templates([assembly("sandbox", partition)]))
        assert ("AWS::Budgets::Budget" in text) is (partition != "aws-us-gov")
