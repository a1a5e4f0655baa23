"""The folder that is written: complete, checkable, the same for the same input."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.evidence import Evidence, EvidenceError, collect
from mlgov_constructs.evidence.csv_tables import csv_tables
from mlgov_constructs.evidence.evidence_package import FORMATS, SUMS, check_output, write_package
from tests.environments import Assembly
from tests.evidence.small_assembly import REASON, TIME

COMMAND = "from mlgov_constructs.cli.main import main; main()"
Change = Callable[[str, Callable[[dict[str, Any]], object]], None]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_everything_is_written_and_listed_with_its_hash(evidence: Evidence, tmp_path: Path) -> None:
    output = tmp_path / "new" / "evidence"
    names = write_package(evidence, output)
    assert names == sorted(path.name for path in output.iterdir())
    assert {"index.html", "evidence.json", "controls.csv", "findings.csv", "resources.csv", "findings.sarif"} <= {
        *names
    }
    listed = dict(reversed(line.split("  ")) for line in (output / SUMS).read_text(encoding="utf-8").splitlines())
    assert listed == {
        name: hashlib.sha256(content).hexdigest() for name, content in contents(output).items() if name != SUMS
    }
    assert [path.name for path in output.parent.iterdir()] == ["evidence"]


def test_the_same_input_gives_the_same_bytes_wherever_it_lies(cdk_out: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "cdk.out"
    shutil.copytree(cdk_out, moved)
    for name, folder in (("one", cdk_out), ("two", moved)):
        write_package(collect(folder, timestamp=TIME), tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_neither_the_seed_of_hashes_nor_the_order_of_files_changes_a_byte(assembly: Assembly, tmp_path: Path) -> None:
    sandbox = assembly("sandbox", "aws")
    for seed, reverse in (("1", False), ("2", True)):
        folder = tmp_path / f"cdk.out.{seed}"
        folder.mkdir()
        for path in sorted((path for path in sandbox.iterdir() if path.is_file()), reverse=reverse):
            shutil.copy(path, folder)
        subprocess.run(
            [sys.executable, "-c", COMMAND, "evidence", folder, "-o", tmp_path / seed, "--timestamp", TIME.isoformat()],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            timeout=300,
        )
    assert {"index.html", "assessment-results.json"} <= contents(tmp_path / "1").keys()
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_the_timestamp_is_all_that_time_changes(evidence: Evidence, tmp_path: Path) -> None:
    later = dataclasses.replace(evidence, timestamp=TIME + datetime.timedelta(days=400))
    write_package(evidence, tmp_path / "one", ("json", "csv", "sarif"))
    write_package(later, tmp_path / "two", ("json", "csv", "sarif"))
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert {name for name in one if one[name] != two[name]} == {"evidence.json", SUMS}
    assert two["evidence.json"].replace(b"2028-05-04T", b"2027-03-31T") == one["evidence.json"]


def test_a_template_that_changes_changes_the_evidence(cdk_out: Path, change: Change, tmp_path: Path) -> None:
    write_package(collect(cdk_out, timestamp=TIME), tmp_path / "one")
    change("trialnetwork.template.json", lambda template: template["Resources"]["Key5B"]["Properties"].clear())
    write_package(collect(cdk_out, timestamp=TIME), tmp_path / "two")
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert {name for name in one if one[name] == two[name]} == {"acknowledgments.csv", "exceptions.csv"}


def test_an_earlier_evidence_is_replaced_as_a_whole(evidence: Evidence, tmp_path: Path) -> None:
    write_package(evidence, tmp_path / "evidence")
    write_package(evidence, tmp_path / "evidence", ("csv",))
    assert "index.html" not in contents(tmp_path / "evidence")


def test_a_folder_with_anything_else_is_left_alone(evidence: Evidence, tmp_path: Path) -> None:
    output = tmp_path / "evidence"
    write_package(evidence, output)
    (output / "notes.txt").write_text("mine", encoding="utf-8")
    before = contents(output)
    with pytest.raises(EvidenceError, match=r"holds notes\.txt, which is not of an earlier evidence"):
        write_package(evidence, output)
    assert contents(output) == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"is no folder\. Name one that is empty or does not exist"):
        check_output(tmp_path / "file")


def test_an_empty_folder_will_do(evidence: Evidence, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert SUMS in write_package(evidence, tmp_path / "empty")


@pytest.mark.parametrize("method", ["write_text", "rename"])
def test_nothing_is_left_half_written(
    evidence: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    output = tmp_path / "evidence"
    write_package(evidence, output)
    before = contents(output)
    original = getattr(Path, method)

    def fail(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "index.html" or path.name.endswith(".new"):
            raise OSError(28, "No space left on device")
        return original(path, *arguments, **options)

    monkeypatch.setattr(Path, method, fail)
    with pytest.raises(EvidenceError, match="cannot be written: No space left on device"):
        write_package(evidence, output)
    assert contents(output) == before
    assert [path.name for path in output.parent.iterdir() if "evidence" in path.name] == ["evidence"]


def rows(evidence: Evidence, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_tables(evidence)[name])))


def test_the_table_of_controls(evidence: Evidence) -> None:
    found = {row["control"]: row for row in rows(evidence, "controls.csv")}
    assert len(found) == len(evidence.controls)
    row = found["MLG-NET-01"]
    assert (row["status"], row["area"], row["failed"], row["claimed"]) == ("failed", "Network", "1", "1")
    assert row["published mappings"] == "securityhub:EC2.15"
    assert "nist-800-53-r5:SC-7" in row["our mappings"]


def test_the_table_of_findings(evidence: Evidence) -> None:
    found = {row["control"]: row for row in rows(evidence, "findings.csv")}
    assert found["MLG-NET-05"]["reason"] == REASON
    assert (found["MLG-NET-01"]["construct"], found["MLG-NET-01"]["claimed"]) == ("trial/network/Vpc/Gateway", "yes")


def test_the_table_of_resources_leaves_none_out(evidence: Evidence) -> None:
    found = rows(evidence, "resources.csv")
    assert {row["logical id"] for row in found} == {each.logical_id for each in evidence.resources}
    judged = {row["control"]: row["verdict"] for row in found if row["logical id"] == "Key5B"}
    assert judged["MLG-PRT-01"] == "passed"


def test_the_table_of_exceptions(evidence: Evidence) -> None:
    (row,) = rows(evidence, "exceptions.csv")
    assert (row["control"], row["resource"], row["last day"]) == ("SageMaker.4", "*", "2027-03-30")
    assert (row["reason"], row["logical id"]) == ("Until launch, RISK-9", "Key5B")


def test_a_spreadsheet_runs_nothing_that_a_template_says(cdk_out: Path, change: Change) -> None:
    reason = '=HYPERLINK("https://example.com")'
    change(
        "trialnetwork.template.json",
        lambda template: template["Resources"]["Open3A"]["Metadata"]["mlgov"]["deviations"][0].update(reason=reason),
    )
    found = {row["control"]: row for row in rows(collect(cdk_out, timestamp=TIME), "findings.csv")}
    assert found["MLG-NET-05"]["reason"] == f"'{reason}"


def test_the_document_has_everything(evidence: Evidence) -> None:
    document = json.loads(FORMATS["json"](evidence)["evidence.json"])
    assert document["timestamp"] == "2027-03-31T09:00:00+00:00"
    assert document["summary"]["failed"] == len([each for each in document["controls"] if each["status"] == "failed"])
    assert {each["id"] for each in document["controls"]} == {each.control.id for each in evidence.controls}
    assert [each["id"] for each in document["acknowledgments"]] == ["Absent::Two", "Pack::One"]
    assert document["exceptions"][0]["expires"] == "2027-03-30"
    assert document["packs"][0]["findings"][0]["rule"] == "Three"
    assert document["roles"][0]["activities"] == ["ReadTable"]
    assert document["cost"]["stacks"][0]["template"] == "trialnetwork.template.json"


def test_sarif_names_the_templates_from_the_assembly(evidence: Evidence) -> None:
    run = json.loads(FORMATS["sarif"](evidence)["findings.sarif"])["runs"][0]
    uris = [each["location"]["uri"] for each in run["artifacts"]]
    assert uris == ["trialnetwork.template.json", "trialProduct.product.template.json"]
    assert len(run["results"]) == len(evidence.findings)
