"""The demonstration when things go wrong: a stand-in takes the place of the CDK command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from mlgov_constructs.local_cloud import LocalCloud, LocalCloudError
from mlgov_constructs.local_cloud.commands import local
from mlgov_constructs.local_cloud.demo.assembly import Assembly
from mlgov_constructs.local_cloud.demo.cdk_cli import CdkCli
from mlgov_constructs.local_cloud.demo.environment_copy import EnvironmentCopy
from mlgov_constructs.local_cloud.demo.inventory import Inventory
from mlgov_constructs.local_cloud.demo.kinds import ASKED_AS, KINDS, PARTS
from mlgov_constructs.local_cloud.demo.leftovers import read_leftovers
from mlgov_constructs.local_cloud.demo.orders import ORDERS, Order
from mlgov_constructs.local_cloud.demo.pipeline_run import resolve
from mlgov_constructs.local_cloud.demo.readback import Row, Section
from mlgov_constructs.local_cloud.demo.self_service import Offer

PLACE = "aws://unknown-account/eu-west-1"
CDK = """#!{python}
import os, pathlib, sys, time
command = sys.argv[1]
print("the stand-in runs", command, "for", os.environ.get("AWS_PROFILE", "nobody"))
if command == "synth":
    folder = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text({manifest!r})
if command == "bootstrap":
    {bootstrap}
"""


def manifest(**stacks: dict[str, Any]) -> str:
    described = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": PLACE,
            **stack,
            "properties": {"templateFile": f"{name}.template.json", **stack.get("properties", {})},
        }
        for name, stack in stacks.items()
    }
    return json.dumps({"artifacts": {"tree": {"type": "cdk:tree"}, **described}})


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of an app whose bootstrap fails; the working directory, of a user with a profile."""
    folder = tmp_path_factory.mktemp("app")
    stand_in(folder, "print('no rights'); sys.exit(3)")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("AWS_PROFILE", "production")
        yield folder


@pytest.fixture(scope="module")
def failed(app: Path) -> Result:
    return run()


def stand_in(folder: Path, bootstrap: str) -> None:
    file = folder / "node_modules" / ".bin" / "cdk"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(CDK.format(python=sys.executable, manifest=manifest(Only={}), bootstrap=bootstrap))
    file.chmod(0o700)
    environment = folder / "environments" / "sandbox.yaml"
    environment.parent.mkdir(exist_ok=True)
    environment.write_text("name: sandbox\n")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(local, ["demo", "--directory", "cloud", *arguments])


def test_a_failing_step_shows_the_end_of_the_log_and_stops_the_cloud(app: Path, failed: Result) -> None:
    assert failed.exit_code == 1
    assert "✓" in failed.output
    assert "✗" in failed.output
    assert "cdk bootstrap failed with exit code 3; cloud/cdk.log ends with:" in failed.output
    assert failed.output.rstrip().endswith("no rights")
    assert not (app / "cloud" / "process.json").exists()


@pytest.mark.usefixtures("failed")
def test_it_keeps_the_users_aws_settings_out(app: Path) -> None:
    log = (app / "cloud" / "cdk.log").read_text()
    assert "the stand-in runs bootstrap for nobody" in log
    assert "production" not in log


@pytest.mark.usefixtures("failed")
def test_the_local_cloud_is_of_the_apps_region_and_account(app: Path) -> None:
    assert "bootstrap aws://123456789012/eu-west-1" in (app / "cloud" / "cdk.log").read_text()


@pytest.mark.usefixtures("app")
def test_an_environment_that_is_missing_is_told_at_once() -> None:
    result = run("--environment", "nowhere.yaml")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "There is no file nowhere.yaml" in result.output


def test_without_the_cdk_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sandbox.yaml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("--environment", "sandbox.yaml")
    assert result.exit_code == 1
    assert "Install Node.js" in result.output


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A demonstration whose bootstrap does not end."""
    stand_in(tmp_path, "print('waiting', os.getpid(), flush=True); time.sleep(600)")
    # A shell starts what runs in the background with SIGINT ignored, and these tests may run there.
    listen = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            listen,
            Path(sys.executable).with_name("mlgov"),
            "local",
            "demo",
            "--directory",
            "cloud",
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()
    process.wait()
    LocalCloud(directory=tmp_path / "cloud").stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_stops_everything(waiting: subprocess.Popen[str], tmp_path: Path, number: int) -> None:
    log = tmp_path / "cloud" / "cdk.log"
    deadline = time.monotonic() + 60
    while not (log.exists() and "waiting" in log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    cdk = int(log.read_text().split("waiting ")[1].split()[0])
    cloud = LocalCloud.from_directory(tmp_path / "cloud").pid
    assert cloud
    waiting.send_signal(number)
    assert waiting.wait(timeout=30) != 0
    for pid in (cdk, cloud):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


class TestCdkCli:
    def test_each_line_is_told_and_logged(self, app: Path) -> None:
        lines: list[str] = []
        CdkCli(app / "cdk.log").run("list", environment={}, on_line=lines.append)
        assert lines == ["the stand-in runs list for nobody\n"]
        assert (app / "cdk.log").read_text() == "\n$ cdk list\nthe stand-in runs list for nobody\n"


class TestAssembly:
    def read(self, folder: Path, **stacks: dict[str, Any]) -> Assembly:
        (folder / "manifest.json").write_text(manifest(**stacks))
        return Assembly.read(folder)

    def test_lower_stacks_come_first(self, tmp_path: Path) -> None:
        assembly = self.read(
            tmp_path,
            Top={"dependencies": ["Middle", "asset"]},
            Middle={"displayName": "stage/Middle", "dependencies": ["Low"], "properties": {"stackName": "the-middle"}},
            Low={},
        )
        assert assembly.stack_names == ("Low", "the-middle", "Top")
        assert assembly.identifiers == {"Low": "Low", "the-middle": "stage/Middle", "Top": "Top"}
        assert (assembly.account, assembly.region) == ("123456789012", "eu-west-1")

    def test_an_account_that_is_named_is_taken(self, tmp_path: Path) -> None:
        assembly = self.read(tmp_path, One={"environment": "aws://210987654321/unknown-region"})
        assert (assembly.account, assembly.region) == ("210987654321", "us-east-1")

    def test_the_organisation_is_that_of_the_conditions(self, tmp_path: Path) -> None:
        condition = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
        (tmp_path / "One.template.json").write_text(json.dumps({"Condition": condition}, indent=1))
        assert self.read(tmp_path, One={}).organization == "o-a1b2c3d4e5"

    def test_the_stacks_whose_templates_differ_are_those_that_changed(self, tmp_path: Path) -> None:
        found = []
        for folder, texts in ((tmp_path / "1", {"Low": "a", "Top": "b"}), (tmp_path / "2", {"Low": "a", "Top": "c"})):
            folder.mkdir()
            for name, text in texts.items():
                (folder / f"{name}.template.json").write_text(text)
            (folder / "New.template.json").write_text("d")
            names = [*texts, *(["New"] if folder.name == "2" else [])]
            found.append(self.read(folder, **{name: {} for name in names}))
        assert found[1].changed_since(found[0]) == ("Top", "New")
        assert found[1].changed_since(found[1]) == ()

    def test_no_stack_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(LocalCloudError, match="holds no stack"):
            self.read(tmp_path)

    def test_two_accounts_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(LocalCloudError, match="stacks of 2 accounts"):
            self.read(tmp_path, One={}, Two={"environment": "aws://210987654321/eu-west-1"})

    def test_the_region_of_most_stacks_is_looked_at(self, tmp_path: Path) -> None:
        elsewhere = {"environment": "aws://unknown-account/us-east-1"}
        assembly = self.read(tmp_path, Bill=elsewhere, One={}, Two={})
        assert (assembly.region, assembly.regions) == ("eu-west-1", ("eu-west-1", "us-east-1"))
        assert assembly.stack_names == ("One", "Two")


def test_a_section_names_what_is_amiss() -> None:
    section = Section("Keys", ("Key",), (Row(("a",)), Row(("b",), ("it must rotate",))), {"there must be three": False})
    assert section.faults == ["Keys: b: it must rotate", "Keys: there must be three"]


class TestLeftovers:
    BUCKET, ROLE = "AWS::S3::Bucket", "AWS::IAM::Role"

    def read(self, left: dict[str, tuple[str, ...]], *types: str) -> Section:
        empty = dict.fromkeys((self.BUCKET, self.ROLE), ())
        kept = {self.BUCKET: {"data": "the-stack/Data"}}
        return read_leftovers(Inventory(empty), Inventory({**empty, **left}), kept, types)

    def test_what_is_kept_by_name_may_stay(self) -> None:
        section = self.read({self.BUCKET: ("data",)}, self.BUCKET, self.ROLE, "AWS::IAM::Policy", "Custom::Any")
        assert section.faults == []
        assert [row.cells for row in section.rows] == [("S3::Bucket", "data", "-")]

    def test_anything_else_is_a_fault(self) -> None:
        section = self.read({self.BUCKET: ("data", "forgotten"), self.ROLE: ("a-role",)})
        assert section.faults == [
            "What is left: IAM::Role: nothing else must be left",
            "What is left: S3::Bucket: nothing else must be left",
        ]

    def test_what_had_to_stay_is_missed(self) -> None:
        assert self.read({}).faults == ["What is left: S3::Bucket: the-stack/Data (data) must have stayed"]

    def test_a_type_that_nobody_asks_for_is_a_fault(self) -> None:
        section = self.read({self.BUCKET: ("data",)}, "AWS::DynamoDB::Table")
        assert section.faults == ["What is left: it must be known how to ask for AWS::DynamoDB::Table"]

    def test_nothing_is_a_part_and_asked_for(self) -> None:
        asked = {kind.type_name for kind in KINDS}
        assert not PARTS & asked
        assert not ASKED_AS.keys() & (asked | PARTS)
        assert {*ASKED_AS.values()} <= asked

    def test_an_inventory_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        inventory = Inventory({self.BUCKET: ("a", "b")})
        inventory.write(tmp_path / "before.json")
        assert Inventory.read(tmp_path / "before.json") == inventory


class TestOrders:
    def test_the_forms_defaults_stand_beside_what_is_chosen(self) -> None:
        fields = ({"ParameterKey": "Project", "DefaultValue": "churn"}, {"ParameterKey": "Name"})
        offer = Offer("prod-1", "Any", "pa-1", "v1", {"v1": "pa-1"}, "path-1", "portfolio", fields)
        order = Order("Any", "data-scientist", lambda _deployed, _told: Section("Any", (), (), {}), {"Name": "mine"})
        assert order.choose(offer, {"ModelVersion": "3"}) == {"Project": "churn", "Name": "mine"}
        assert order.choose(offer, {"Name": "known-only-now"})["Name"] == "known-only-now"

    def test_no_two_orders_are_of_one_product(self) -> None:
        assert len({order.product for order in ORDERS}) == len({order.name for order in ORDERS}) == len(ORDERS)


MODELS = "# a comment\nname: trial\nmlops:\n  pipeline: {data: tables}\n"


class TestEnvironmentCopy:
    def copy(self, folder: Path, text: str) -> EnvironmentCopy:
        (folder / "trial.yaml").write_text(text)
        return EnvironmentCopy(folder / "trial.yaml", folder / "copies")

    def test_the_file_itself_is_deployed_first(self, tmp_path: Path) -> None:
        copy = self.copy(tmp_path, MODELS)
        assert copy.first() == tmp_path / "trial.yaml"
        assert copy.has_models
        assert not copy.file.exists()

    def test_an_endpoint_waits_for_its_model(self, tmp_path: Path) -> None:
        text = MODELS + "  serving: {model_version: 7, instances: 3}\n"
        copy = self.copy(tmp_path, text)
        assert "serving" not in copy.first().read_text()
        assert "pipeline" in copy.first().read_text()
        assert yaml(copy.change(copy.serve(1)))["mlops"]["serving"] == {"model_version": 1, "instances": 3}
        assert (tmp_path / "trial.yaml").read_text() == text

    @pytest.mark.parametrize(
        ("text", "serving"),
        [
            (MODELS, {"drift_check_hours": 24, "model_version": 2}),
            ("mlops:\n  notify: [a@example.com]\n", {"model_version": 2}),
        ],
    )
    def test_an_endpoint_that_the_file_does_not_know_is_asked_for(
        self, tmp_path: Path, text: str, serving: dict[str, Any]
    ) -> None:
        copy = self.copy(tmp_path, text)
        copy.change(copy.serve(1))
        assert yaml(copy.change(copy.serve(2)))["mlops"]["serving"] == serving

    @pytest.mark.parametrize("text", ["name: [\n", "", "- a\n"])
    def test_a_file_that_cannot_be_read_is_left_to_the_app(self, tmp_path: Path, text: str) -> None:
        copy = self.copy(tmp_path, text)
        assert copy.first() == tmp_path / "trial.yaml"
        assert not copy.has_models


def yaml(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(file.read_text())
    return found


class TestResolve:
    def test_references_of_a_definition_are_filled_in(self) -> None:
        request = {
            "Metadata": {"run": {"Get": "Execution.PipelineExecutionArn"}, "fixed": "as it is", "count": 3},
            "Places": [{"Std:Join": {"On": "/", "Values": ["s3://bucket", {"Get": "Parameters.Folder"}, 1]}}],
            "Model": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
        }
        assert resolve(request, {"Execution.PipelineExecutionArn": "arn", "Parameters.Folder": "data"}) == {
            "Metadata": {"run": "arn", "fixed": "as it is", "count": 3},
            "Places": ["s3://bucket/data/1"],
            "Model": "Steps.Train.ModelArtifacts.S3ModelArtifacts",
        }
