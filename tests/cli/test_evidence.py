"""``mlgov evidence``: exit codes, options and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.evidence.small_assembly import manifest, write, write_assembly

Run = Callable[..., Result]


@pytest.fixture
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a faulty environment in `cdk.out` and a good one in `good.out`."""
    monkeypatch.chdir(tmp_path)
    write_assembly(tmp_path / "cdk.out")
    good = tmp_path / "good.out"
    good.mkdir()
    template = {"Resources": {"Group": {"Type": "AWS::EC2::PlacementGroup"}}}
    write(
        good, {"manifest.json": manifest(good="good/stack"), "good.template.json": template, "good.metadata.json": {}}
    )
    return tmp_path


def test_a_good_environment(mlgov: Run, working_folder: Path) -> None:
    result = mlgov("evidence", "good.out", "-o", "evidence")
    assert result.exit_code == 0
    assert result.output.startswith("good: 1 template, ")
    assert result.output.endswith("; written to evidence\n")
    assert (working_folder / "evidence" / "index.html").is_file()


def test_a_control_that_fails_is_told_and_the_evidence_written(mlgov: Run, working_folder: Path) -> None:
    result = mlgov("evidence", "cdk.out", "-o", "evidence")
    assert result.exit_code == 1
    assert " failed, " in result.output
    assert (working_folder / "evidence" / "index.html").is_file()


def test_formats_can_be_chosen(mlgov: Run, working_folder: Path) -> None:
    assert mlgov("evidence", "good.out", "-o", "evidence", "--format", "json", "--format", "sarif").exit_code == 0
    written = {path.name for path in (working_folder / "evidence").iterdir()}
    assert written == {"evidence.json", "findings.sarif", "SHA256SUMS"}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("2027-03-31T09:00:00", "2027-03-31T09:00:00+00:00"),
        ("2027-03-31T09:00:00+02:00", "2027-03-31T09:00:00+02:00"),
        ("2027-03-31", "2027-03-31T00:00:00+00:00"),
    ],
)
def test_the_time_can_be_given(mlgov: Run, working_folder: Path, given: str, written: str) -> None:
    mlgov("evidence", "good.out", "-o", "evidence", "--format", "json", "--timestamp", given)
    assert json.loads((working_folder / "evidence" / "evidence.json").read_text())["timestamp"] == written


def test_what_is_no_time(mlgov: Run, working_folder: Path) -> None:
    result = mlgov("evidence", "good.out", "-o", "evidence", "--timestamp", "yesterday")
    assert result.exit_code == 2
    assert "'yesterday' is no time. Write it as in 2027-03-31T09:00:00+00:00." in result.output


def test_a_folder_that_is_no_assembly(mlgov: Run, working_folder: Path) -> None:
    (working_folder / "other").mkdir()
    result = mlgov("evidence", "other", "-o", "evidence")
    assert result.exit_code == 2
    assert result.stderr == "Error: other: holds no cloud assembly. Run 'cdk synth' first, or name its folder.\n"
    assert not (working_folder / "evidence").exists()


def test_a_folder_that_holds_something_else(mlgov: Run, working_folder: Path) -> None:
    result = mlgov("evidence", "good.out", "-o", "cdk.out")
    assert result.exit_code == 2
    assert "which is not of an earlier evidence" in result.stderr
    assert (working_folder / "cdk.out" / "manifest.json").is_file()
