"""The app as the command line runs it, with the CDK's own validation switched on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.cli.targets import find_templates
from mlgov_constructs.controls import RuleEngine, Status
from tests.environments import ENVIRONMENTS, ORGANIZATION, REGIONS, Assembly

ROOT = Path(__file__).parents[2]
STACKS = {"sandbox": 9, "production": 11}
DEVIATIONS = {
    "sandbox": {"MLG-PRT-05", "MLG-PRT-10", "MLG-GOV-02"},
    "production": {"MLG-PRT-05", "MLG-PRT-10"},
}
# Those of products that not every region can have: the online store, and the pull of a model's image, which answers
# on one instance where somebody chooses so.
OF_PRODUCTS = {
    "aws": {"MLG-PRE-05", "MLG-SRV-04", "MLG-SRV-06"},
    "aws-us-gov": {"MLG-SRV-04", "MLG-SRV-06"},
    "aws-cn": {"MLG-PRE-05"},
}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_app(tmp_path: Path, cdk_context: dict[str, Any]) -> Run:
    """Runs the app without credentials and with the CDK's own validation, with some context beside that of cdk.json."""

    def run(**context: str) -> subprocess.CompletedProcess[str]:
        env = {
            key: value for key, value in os.environ.items() if not key.startswith("AWS_") and key != "CDK_VALIDATION"
        }
        return subprocess.run(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env={**env, "CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": json.dumps({**cdk_context, **context})},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,  # after which it hangs, even where much else runs
        )

    return run


def violations(folder: Path) -> list[Any]:
    """What the plugins said of an assembly."""
    report = folder / "validation-report.json"
    plugins = json.loads(report.read_text(encoding="utf-8"))["pluginReports"] if report.exists() else []
    return [violation for plugin in plugins for violation in plugin["violations"]]


@pytest.mark.parametrize("name", ["sandbox", "production"])
def test_the_app_passes_every_plugin_and_needs_no_credentials(name: str, tmp_path: Path, run_app: Run) -> None:
    run = run_app(environment=f"environments/{name}.yaml")
    assert run.returncode == 0, run.stderr
    stacks = {path for path in tmp_path.glob("*.template.json") if ".product." not in path.name}
    assert len(stacks) == STACKS[name]
    assert violations(tmp_path) == []


def test_the_app_makes_the_stack_of_the_organization(tmp_path: Path, run_app: Run) -> None:
    run = run_app(organization="environments/organization.yaml")
    assert run.returncode == 0, run.stderr
    assert [path.name for path in tmp_path.glob("*.template.json")] == ["organization.template.json"]
    assert violations(tmp_path) == []


def test_an_environment_and_an_organization_are_two_deployments(tmp_path: Path, run_app: Run) -> None:
    run = run_app(environment="environments/sandbox.yaml", organization="environments/organization.yaml")
    assert run.returncode == 1
    assert run.stderr == (
        "The context names an environment (environments/sandbox.yaml) and an organization "
        "(environments/organization.yaml). They belong to different accounts: name one of them.\n"
    )
    assert not list(tmp_path.rglob("*.json"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ("[ou-ab12-11111111]", "[ou-1]"),
            "{file}:7: target_ids[0]: found 'ou-1'; must be the id of a root ('r-ab12'), ",
        ),
        (
            ("ml.t3.*", ", ".join(f"ml.t3.{letter}{number}*" for letter in "abcdef" for number in range(100))),
            "[organization/Controls/Guardrails] the policy limits takes ",
        ),
    ],
)
def test_the_app_ends_with_what_is_wrong_with_the_organization(
    change: tuple[str, str], expected: str, tmp_path: Path, run_app: Run
) -> None:
    bad = tmp_path / "bad.yaml"
    text = (ENVIRONMENTS / "organization.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    bad.write_text(text.replace(*change, 1), encoding="utf-8")
    run = run_app(organization=str(bad))
    assert run.returncode == 1
    assert run.stderr.startswith(expected.format(file=bad))
    assert len(run.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("*.template.json"))


@pytest.mark.parametrize("name", ["sandbox", "production"])
@pytest.mark.parametrize("partition", REGIONS)
def test_every_rule_passes_in_every_partition(assembly: Assembly, name: str, partition: str) -> None:
    engine = RuleEngine()
    findings = [finding for path in find_templates([assembly(name, partition)]) for finding in engine.check(path)]
    assert [(f.control.id, f.logical_id) for f in findings if f.status is Status.FAILED] == []
    assert {f.control.id for f in findings} == DEVIATIONS[name] | OF_PRODUCTS[partition]
    assert all(f.reason for f in findings)


@pytest.mark.parametrize("partition", REGIONS)
def test_the_organization_passes_every_rule_in_every_partition(assembly: Assembly, partition: str) -> None:
    (template,) = find_templates([assembly(ORGANIZATION, partition)])
    assert [(f.control.id, f.logical_id) for f in RuleEngine().check(template)] == []


def test_only_govcloud_goes_without_a_budget(assembly: Assembly) -> None:
    for partition in REGIONS:
        text = "".join(path.read_text(encoding="utf-8") for path in find_templates([assembly("sandbox", partition)]))
        assert ("AWS::Budgets::Budget" in text) is (partition != "aws-us-gov")
