"""``mlgov explain`` on the sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.conftest import ROOT
from tests.environments import Assembly

Run = Callable[..., Result]


@pytest.fixture
def explain(mlgov: Run, assembly: Assembly, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(ROOT)
    folder = assembly("sandbox", "aws")
    return lambda *arguments: mlgov("explain", *arguments, "--assembly", folder)


def test_what_is_allowed_names_the_statements(explain: Run) -> None:
    result = explain("DataScientist", "s3:GetObject", "Raw/sandbox/a", "--context", "aws:SourceVpce=VpcEndpointss3")
    assert result.exit_code == 0
    assert result.output.startswith("allowed  mlgov-sandbox-data-scientist  s3:GetObject  arn:aws:s3:::")
    assert "endpoint          allow: statement OwnPrincipalsOnOwnResources of VpcEndpointss3" in result.output


def test_a_deny_is_named(explain: Run) -> None:
    result = explain("mlgov-sandbox-data-scientist", "s3:GetObject", "Raw/sandbox/a")
    assert result.exit_code == 1
    assert "resource          deny: statement DenyOutsideNetworks" in result.output


def test_silence_is_named(explain: Run) -> None:
    result = explain("CostOwner", "sagemaker:ListTrainingJobs")
    assert result.exit_code == 1
    assert "identity          no statement allows it" in result.output


def test_a_key_that_the_action_does_not_know_is_named(explain: Run) -> None:
    result = explain("DataScientist", "sagemaker:ListTrainingJobs", "--context", "s3:prefix=x")
    assert "not tested by this action: s3:prefix" in result.output


def test_json_says_the_same(explain: Run) -> None:
    result = explain("Auditor", "s3:GetObject", "Raw/sandbox/a", "--format", "json")
    answer = json.loads(result.output)
    assert (answer["allowed"], answer["refusedBy"]) == (False, ["resource", "identity"])
    assert {"layer": "identity", "effect": "Deny", "policy": "AuditorRights67459A79", "sid": "NoData"} in answer[
        "statements"
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Nobody", "s3:GetObject"], "'Nobody' is no role of"),
        (["CostOwner", "s3:GetObject", "Nothing/a"], "'Nothing' is no ARN and no resource of"),
        (["CostOwner", "s3:GetObject", "Raw/a", "--context", "prefix"], "--context 'prefix' is no KEY=VALUE"),
    ],
)
def test_what_is_not_understood_ends_with_2(explain: Run, arguments: list[str], message: str) -> None:
    result = explain(*arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_a_folder_that_is_no_assembly(mlgov: Run, tmp_path: Path) -> None:
    result = mlgov("explain", "CostOwner", "s3:GetObject", "--assembly", tmp_path)
    assert result.exit_code == 2
    assert "holds no cloud assembly. Run 'cdk synth' first" in result.output


def test_without_the_simulator_one_line_says_so(
    mlgov: Run, assembly: Assembly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = mlgov("explain", "CostOwner", "ce:GetTags", "--assembly", assembly("sandbox", "aws"))
    assert result.exit_code == 2
    error = result.output.splitlines()[-1]
    assert "@cloud-copilot/iam-simulate, which is not installed here. Run: npm install --save-dev" in error
