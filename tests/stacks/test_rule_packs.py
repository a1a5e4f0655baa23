"""The packs of cdk-nag that a synthesis asks for, from the command line to the evidence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import CATALOGUE
from mlgov_constructs.evidence import Evidence, collect
from stacks.rule_packs import RULE_PACKS, RulePackError, rule_packs
from tests.evidence.small_assembly import TIME
from tests.quality.nag import PACK_NAMES

ROOT = Path(__file__).parents[2]


def synth(outdir: Path, context: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run the app as the command line does."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**env, "CDK_OUTDIR": str(outdir), "CDK_CONTEXT_JSON": json.dumps(context)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Evidence:
    """The evidence of the sandbox, synthesized with every pack."""
    folder = tmp_path_factory.mktemp("packs") / "cdk.out"
    run = synth(folder, {**cdk_context, "nag": ",".join(RULE_PACKS)})
    assert run.returncode == 0, run.stderr
    return collect(folder, timestamp=TIME)


def names(nag: object) -> list[str]:
    context = {} if nag is None else {"nag": nag}
    return [pack.read_pack_name for pack in rule_packs(cdk.App(context=context))]  # type: ignore[attr-defined]


@pytest.mark.parametrize("nag", [None, "", " , ", []])
def test_no_pack_runs_unless_asked(nag: object) -> None:
    assert names(nag) == []


@pytest.mark.parametrize(
    "nag", ["nist-800-53-r5,aws-solutions", " nist-800-53-r5, aws-solutions,nist-800-53-r5 ", [*RULE_PACKS[2:0:-2]]]
)
def test_packs_are_asked_for_once_each_as_text_or_as_a_list(nag: object) -> None:
    assert names(nag)[0] == "NIST.800.53.R5"


def test_every_pack_that_the_tests_run_can_be_asked_for() -> None:
    assert sorted(names(list(RULE_PACKS))) == sorted(PACK_NAMES)


@pytest.mark.parametrize("nag", ["aws-solution", "aws-solutions,AwsSolutions", ["nist-800-53"]])
def test_a_pack_that_there_is_not(nag: object) -> None:
    with pytest.raises(RulePackError, match=r"asks for '.*', which is no rule pack\. Name some of aws-solutions, "):
        names(nag)


def test_the_app_says_so_before_it_builds_anything(tmp_path: Path, cdk_context: dict[str, Any]) -> None:
    run = synth(tmp_path, {**cdk_context, "nag": "aws-solution"})
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("The context nag asks for 'aws-solution', which is no rule pack.")
    assert list(tmp_path.iterdir()) == []


def test_nothing_stands_in_the_sandbox_and_the_evidence_lists_every_pack(judged: Evidence) -> None:
    assert {pack.name for pack in judged.packs} >= set(PACK_NAMES)
    assert {pack.name: (pack.findings, pack.error) for pack in judged.packs} == dict.fromkeys(
        (pack.name for pack in judged.packs), ((), "")
    )
    assert all(pack.acknowledged for pack in judged.packs if pack.name in PACK_NAMES)


def test_every_acknowledgment_of_the_ledger_shows_what_it_covers(judged: Evidence) -> None:
    shown = [each for each in judged.acknowledgments if each.pack in PACK_NAMES]
    assert [each.id for each in shown if each.findings is None] == []
    assert sum(each.findings or 0 for each in shown) == sum(pack.acknowledged for pack in judged.packs) > 100
    assert all(len(each.reason) > 30 for each in shown)


def test_controls_show_what_the_packs_say_by_every_rule_that_they_are_mapped_to(judged: Evidence) -> None:
    said = {each.control.id: [rule.rule for rule in each.packs] for each in judged.controls if each.packs}
    mapped = {
        control.id: [m.id for m in control.mappings if m.framework == "cdk-nag" and m.id.startswith(PACK_NAMES)]
        for control in CATALOGUE.values()
    }
    assert said == {control: rules for control, rules in mapped.items() if rules}
    assert {rule.pack for each in judged.controls for rule in each.packs} == set(PACK_NAMES)
    assert [rule for each in judged.controls for rule in each.packs if rule.findings] == []
