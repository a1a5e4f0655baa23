"""``mlgov lineage``, over files that the collector wrote and against an Athena that is played."""

from __future__ import annotations

import builtins
import gzip
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from mlgov_constructs.cli import lineage_athena
from mlgov_constructs.cli.lineage_answer import LineageError
from mlgov_constructs.cli.main import main
from mlgov_constructs.mlops.lineage import collector, lineage_queries
from tests.mlops.inventory import FIRST, SECOND, SESSION, FakeSageMaker, Inventory, schedule

MORNING, NOON, EVENING = (f"2026-11-20T{hour}:00:00.000Z" for hour in ("06", "12", "18"))
ANA, PIPELINE = f"{SESSION}/approvers/ana", f"{SESSION}/pipelines/run"


class Folder:
    """A folder to which the inventory is written as the collector writes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.inventory = Inventory()

    def write(self, table: str, rows: list[dict[str, Any]], at: str, by: str = "sweep") -> None:
        file = self.path / table / f"day={at[:10]}" / f"{by}-{at[11:13]}.json.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(collector.packed([{**row, "collected_at": at, "collected_by": by} for row in rows]))

    def sweep(self, at: str) -> None:
        looked = collector.Collector(FakeSageMaker(self.inventory))
        versions, served = list(looked.versions()), list(looked.served())
        self.write("model_versions", versions, at)
        self.write("served_models", served, at)
        found = {"model_versions_found": len(versions), "served_models_found": len(served)}
        self.write("sweeps", [found], at)

    def decide(self, arn: str, status: str, who: str, at: str) -> None:
        decision = {
            "model_package_arn": arn,
            "approval_status": status,
            "decided_by": who,
            "decided_by_role": collector.without_session(who),
            "decided_at": at,
        }
        self.write("decisions", [decision], at, "event")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.sweep(MORNING)
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["lineage", *arguments])


def rows(folder: Folder, *arguments: str) -> list[dict[str, str | None]]:
    result = run(str(folder.path), *arguments, "--format", "json")
    assert result.exit_code in (0, 1), result.output
    document = json.loads(result.stdout)
    assert document["schemaVersion"] == 1
    found: list[dict[str, str | None]] = document["rows"]
    assert (result.exit_code == 0) == bool(found)
    return found


def query(folder: Folder, name: str) -> list[dict[str, str | None]]:
    return rows(folder, "--query", name)


def names(found: list[dict[str, str | None]], column: str = "endpoint_name") -> list[str | None]:
    return [each[column] for each in found]


def test_who_serves_a_model_of_some_data(folder: Folder) -> None:
    found = rows(folder, "--data-version", "2026-11")
    assert [(each["endpoint_name"], each["variant"], each["version"]) for each in found] == [
        ("live", "main", "1"),
        ("live", "next", "2"),
        ("shared", "all", "1"),
    ]


def test_all_versions_with_approver_and_date(folder: Folder) -> None:
    second, first = rows(folder, "--model", "churn")
    assert (second["version"], second["approver"], second["decided_at"], second["evidence"]) == ("2", None, None, None)
    assert (first["approver"], first["decided_at"]) == (ANA, "2026-11-20T09:30:00.000Z")
    assert (first["evidence"], first["data_version"], first["code_commit"]) == ("registry", "2026-11", "c0ffee")


def test_what_cloudtrail_says_of_a_decision_counts_more_than_the_last_change(folder: Folder) -> None:
    folder.decide(FIRST, "Rejected", f"{SESSION}/approvers/ben", MORNING)
    folder.decide(FIRST, "Approved", f"{SESSION}/approvers/eve", NOON)
    first = rows(folder, "--model", "churn")[1]
    assert (first["approver"], first["decided_at"]) == (f"{SESSION}/approvers/eve", NOON)
    assert first["evidence"] == "CloudTrail"


def test_a_decision_that_no_longer_holds_is_not_told(folder: Folder) -> None:
    folder.decide(FIRST, "Rejected", f"{SESSION}/approvers/ben", MORNING)
    assert rows(folder, "--model", "churn")[1]["evidence"] == "registry"


def test_one_version_with_all_that_is_known(folder: Folder) -> None:
    found = rows(folder, "--package", FIRST)
    assert names(found) == ["live", "shared"]
    assert {each["data_sets"] for each in found} == {"s3://data/churn/2026-11"}
    assert {(each["stage"], each["run_status"], each["card"]) for each in found} == {
        ("Production", "Succeeded", "churn-card")
    }


def test_one_endpoint_with_all_that_is_known(folder: Folder) -> None:
    main_variant, next_variant = rows(folder, "--endpoint", "live")
    assert (main_variant["model_package_arn"], next_variant["model_package_arn"]) == (FIRST, SECOND)
    assert main_variant["monitors"] == "live-DataQuality, live-ModelBias"
    assert (main_variant["running_monitors"], main_variant["data_capture"]) == ("1", "true")
    assert main_variant["image"] is not None


def test_endpoints_that_nothing_watches(folder: Folder) -> None:
    assert names(query(folder, "endpoints-without-monitor")) == ["rogue", "shared"]
    folder.inventory.schedules["live"] = [schedule("DataQuality", "Failed")]
    folder.sweep(NOON)
    assert names(query(folder, "endpoints-without-monitor")) == ["live", "rogue", "shared"]


def test_endpoints_whose_model_nobody_registered(folder: Folder) -> None:
    assert names(query(folder, "endpoints-without-version")) == ["rogue"]


def test_endpoints_whose_version_is_not_approved(folder: Folder) -> None:
    (found,) = query(folder, "endpoints-not-approved")
    assert (found["endpoint_name"], found["variant"], found["approval_status"]) == (
        "live",
        "next",
        "PendingManualApproval",
    )


def test_versions_approved_by_who_registered_them(folder: Folder) -> None:
    assert query(folder, "approved-by-registrar") == []
    folder.decide(FIRST, "Approved", f"{SESSION}/pipelines/another-run", NOON)
    (found,) = query(folder, "approved-by-registrar")
    assert (found["model_package_arn"], found["registered_by"]) == (FIRST, PIPELINE)


def test_approved_versions_without_a_card_or_an_origin(folder: Folder) -> None:
    assert query(folder, "approved-without-card") == query(folder, "approved-untraceable") == []
    folder.inventory.cards = {}
    folder.inventory.versions[FIRST]["CustomerMetadataProperties"] = {}
    folder.sweep(NOON)
    assert names(query(folder, "approved-without-card"), "model_package_arn") == [FIRST]
    assert names(query(folder, "approved-untraceable"), "model_package_arn") == [FIRST]


def test_what_a_later_sweep_no_longer_finds_is_gone(folder: Folder) -> None:
    del folder.inventory.configs["rogue"]
    folder.sweep(NOON)
    assert query(folder, "endpoints-without-version") == []


def test_an_event_after_the_sweep_counts(folder: Folder) -> None:
    looked = collector.Collector(FakeSageMaker(folder.inventory))
    folder.inventory.configs["fresh"] = folder.inventory.configs["rogue"]
    folder.write("served_models", list(looked.endpoint("fresh")), NOON, "event")
    assert names(query(folder, "endpoints-without-version")) == ["fresh", "rogue"]
    folder.write("served_models", list(looked.endpoint("gone")), EVENING, "event")
    folder.write("served_models", [{"endpoint_name": "rogue", "endpoint_status": "Deleted"}], EVENING, "event")
    assert names(query(folder, "endpoints-without-version")) == ["fresh"]


def test_an_event_before_the_last_sweep_counts_no_more(folder: Folder) -> None:
    rogue = {"endpoint_name": "old", "endpoint_status": "InService"}
    folder.write("served_models", [rogue], "2026-11-19T23:00:00.000Z", "event")
    assert names(query(folder, "endpoints-without-version")) == ["rogue"]


def test_old_folders_are_what_they_were_when_they_were_collected(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.sweep("2026-02-03T06:00:00.000Z")
    assert names(query(folder, "endpoints-without-version")) == ["rogue"]


@pytest.mark.parametrize("name", lineage_queries())
def test_every_query_runs(folder: Folder, name: str) -> None:
    options = {"endpoint": "--endpoint", "version": "--package", "versions-of-model": "--model"}
    asked = [options.get(name, "--data-version"), "x"] if lineage_queries()[name].parameter else ["--query", name]
    rows(folder, *asked)


def test_text_leaves_out_what_is_empty(folder: Folder) -> None:
    result = run(str(folder.path), "--query", "endpoints-without-version")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "endpoint_name      rogue",
        "variant            all",
        "model_name         own",
        "image              own:latest",
    ]


def test_nothing_found_is_said_and_is_an_exit_code(folder: Folder) -> None:
    result = run(str(folder.path), "--endpoint", "none")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "The inventory knows nothing of none (endpoint)." in result.stderr


def test_the_queries_are_listed() -> None:
    result = run("--list")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) == len(lineage_queries())
    assert "versions-of-model" in result.output


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "Ask one question"),
        (["--endpoint", "a", "--model", "b"], "Ask one question"),
        (["--endpoint", "a", "--query", "b"], "Ask one question"),
        (["--query", "everything"], "There is no saved query 'everything'; --list tells them."),
        (["--query", "endpoint"], "asks for the name of the endpoint"),
    ],
)
def test_a_wrong_question_is_refused(folder: Folder, arguments: list[str], problem: str) -> None:
    result = run(str(folder.path), *arguments)
    assert result.exit_code == 2
    assert problem in result.output


def test_a_folder_without_an_inventory_is_told(tmp_path: Path) -> None:
    result = run(str(tmp_path), "--endpoint", "live")
    assert result.exit_code == 2
    assert "holds no inventory. Download one with" in result.output


@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(b"{no json", mtime=0), gzip.compress(b"{}", mtime=0)[:-3]],
    ids=["no gzip", "no JSON", "cut off"],
)
def test_a_broken_file_is_named(folder: Folder, content: bytes) -> None:
    (file,) = folder.path.glob("sweeps/*/*.json.gz")
    file.write_bytes(content)
    result = run(str(folder.path), "--endpoint", "live")
    assert result.exit_code == 2
    assert file.name in result.output
    assert "Download it again." in result.output


class Athena:
    """A client of Athena with the saved queries and one answer."""

    def __init__(self, *states: str) -> None:
        self.states = [*states] or ["SUCCEEDED"]
        self.started: dict[str, Any] = {}
        self.stopped = False

    def get_paginator(self, operation: str) -> Any:
        known: dict[str, list[dict[str, Any]]] = {
            "list_named_queries": [{"NamedQueryIds": list(lineage_queries())}],
            "get_query_results": [
                {"ResultSet": {"Rows": [_row("endpoint_name", "variant"), _row("live", "main")]}},
                {"ResultSet": {"Rows": [_row("rogue", None)]}},
            ],
        }
        pages = known[operation]
        return type("Paginator", (), {"paginate": lambda self, **_: iter(pages)})()

    def batch_get_named_query(self, *, NamedQueryIds: list[str]) -> dict[str, Any]:  # noqa: N803
        saved = [{"Name": name, "QueryString": f"-- {name}", "Database": "models"} for name in NamedQueryIds]
        return {"NamedQueries": saved}

    def start_query_execution(self, **parameters: Any) -> dict[str, Any]:
        self.started = parameters
        return {"QueryExecutionId": "q"}

    def get_query_execution(self, *, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803
        assert QueryExecutionId == "q"
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        reason = {"StateChangeReason": "TABLE_NOT_FOUND"} if state == "FAILED" else {}
        return {"QueryExecution": {"Status": {"State": state, **reason}}}

    def stop_query_execution(self, *, QueryExecutionId: str) -> None:  # noqa: N803
        assert QueryExecutionId == "q"
        self.stopped = True


def _row(*values: str | None) -> dict[str, Any]:
    return {"Data": [{"VarCharValue": value} if value else {} for value in values]}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage_athena, "PAUSE_SECONDS", 0)


@pytest.fixture
def athena(monkeypatch: pytest.MonkeyPatch) -> Athena:
    played = Athena("QUEUED", "RUNNING", "SUCCEEDED")
    monkeypatch.setattr(boto3.Session, "client", lambda self, name: played)
    return played


def test_athena_is_asked_the_saved_query(athena: Athena) -> None:
    result = run("--data-version", "it's 11", "--work-group", "models", "--region", "eu-west-1", "--format", "json")
    assert result.exit_code == 0, result.output
    assert athena.started == {
        "QueryString": "-- endpoints-of-data-version",
        "QueryExecutionContext": {"Database": "models"},
        "WorkGroup": "models",
        "ExecutionParameters": ["'it''s 11'"],
    }
    assert json.loads(result.output)["rows"] == [
        {"endpoint_name": "live", "variant": "main"},
        {"endpoint_name": "rogue", "variant": None},
    ]


def test_a_query_without_parameter_gets_none(athena: Athena) -> None:
    assert run("--query", "endpoints-without-monitor", "--region", "eu-west-1").exit_code == 0
    assert "ExecutionParameters" not in athena.started


def test_a_query_that_is_not_saved_is_told_with_those_that_are(athena: Athena) -> None:
    result = run("--query", "other", "--region", "eu-west-1")
    assert result.exit_code == 2
    assert "Workgroup mlgov-lineage has no saved query 'other'" in result.output
    assert "versions-of-model" in result.output


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        ("FAILED", "The query failed: TABLE_NOT_FOUND"),
        ("CANCELLED", "The query cancelled: Athena gives no reason"),
        ("RUNNING", "Athena took more than 0 seconds"),
    ],
)
def test_a_query_that_gives_no_rows_is_an_error(state: str, problem: str) -> None:
    athena = Athena(state)
    with pytest.raises(LineageError, match=problem):
        lineage_athena.ask_athena(athena, "models", "endpoint", "live", timeout=0)
    assert athena.stopped == (state == "RUNNING")


def test_a_refusal_is_told(athena: Athena, monkeypatch: pytest.MonkeyPatch) -> None:
    error = {"Error": {"Code": "InvalidRequestException", "Message": "WorkGroup is not found."}}

    def refuse(**parameters: Any) -> None:
        raise ClientError(error, "StartQueryExecution")

    monkeypatch.setattr(athena, "start_query_execution", refuse)
    result = run("--endpoint", "live", "--region", "eu-west-1")
    assert result.exit_code == 2
    assert "Athena refused (InvalidRequestException): WorkGroup is not found." in result.output


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--profile", "nobody"], "--profile"),
        ([], "You must specify a region"),
        (["--region", "eu-west-1"], "Unable to locate credentials"),
    ],
)
def test_a_missing_configuration_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: list[str], problem: str
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    result = run("--endpoint", "live", *options)
    assert result.exit_code == 2
    assert problem in result.output


def test_without_boto3_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "boto3":
            raise ModuleNotFoundError(name=name)
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    result = run("--endpoint", "live")
    assert result.exit_code == 2
    assert "needs boto3. Run: pip install" in result.output
