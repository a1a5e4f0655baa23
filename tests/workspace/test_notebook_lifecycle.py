from __future__ import annotations

import ast
import base64
import io
import json
import logging
import shutil
import ssl
import subprocess
from datetime import UTC, datetime
from importlib import resources, util
from pathlib import Path
from types import ModuleType
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.workspace import NotebookLifecycle
from mlgov_constructs.workspace.notebook_lifecycle import LONGEST_CONTENT, on_start_script
from tests.templates import Template, of_type

SCRIPT = Path(str(resources.files("mlgov_constructs.workspace").joinpath("lifecycle", "idle_stop.py")))
STARTED, NOW = "2026-11-22T08:00:00Z", datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def idle_stop() -> ModuleType:
    """The script of the instance, imported as a module."""
    spec = util.spec_from_file_location("idle_stop", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def jupyter(idle_stop: ModuleType, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the Jupyter server answers, by path."""
    answers: dict[str, Any] = {"kernels": [], "terminals": [], "status": {"started": STARTED}}
    monkeypatch.setattr(idle_stop, "ask", answers.__getitem__)
    return answers


def kernel(last_activity: str, state: str = "idle") -> dict[str, str]:
    return {"last_activity": last_activity, "execution_state": state}


def test_an_old_kernel_is_idle(idle_stop: ModuleType, jupyter: dict[str, Any]) -> None:
    jupyter["kernels"] = [kernel("2026-11-22T10:59:00.123456Z"), kernel("2026-11-22T09:00:00Z")]
    assert idle_stop.is_idle(NOW, 60)
    assert not idle_stop.is_idle(NOW, 120)


@pytest.mark.parametrize("state", ["busy", "starting", "restarting"])
def test_a_busy_kernel_keeps_the_instance_running(idle_stop: ModuleType, jupyter: dict[str, Any], state: str) -> None:
    jupyter["kernels"] = [kernel("2026-11-22T08:00:00Z", state)]
    assert not idle_stop.is_idle(NOW, 60)


def test_a_terminal_counts_as_work(idle_stop: ModuleType, jupyter: dict[str, Any]) -> None:
    jupyter["terminals"] = [{"name": "1", "last_activity": "2026-11-22T11:50:00Z"}]
    assert not idle_stop.is_idle(NOW, 60)
    assert idle_stop.is_idle(NOW, 10)


def test_without_work_the_start_of_the_server_counts(idle_stop: ModuleType, jupyter: dict[str, Any]) -> None:
    assert idle_stop.is_idle(NOW, 240)
    assert not idle_stop.is_idle(NOW, 241)


@pytest.mark.parametrize("error", [OSError("refused"), json.JSONDecodeError("no JSON", "", 0), KeyError("started")])
def test_what_cannot_be_asked_is_left_running(
    idle_stop: ModuleType, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr(idle_stop, "ask", fail)
    with caplog.at_level(logging.WARNING):
        assert not idle_stop.is_idle(NOW, 10)
    assert "left running" in caplog.text


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_it_stops_itself_in_its_own_region(
    idle_stop: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, jupyter: dict[str, Any], partition: str
) -> None:
    metadata = tmp_path / "resource-metadata.json"
    arn = f"arn:{partition}:sagemaker:us-gov-west-1:111122223333:notebook-instance/churn-1"
    metadata.write_text(json.dumps({"ResourceArn": arn, "ResourceName": "churn-1"}), encoding="utf-8")
    monkeypatch.setattr(idle_stop, "METADATA", metadata)
    jupyter["status"] = {"started": "2020-01-01T00:00:00Z"}
    commands: list[list[str]] = []

    def run(command: list[str], *, check: bool) -> None:
        assert check
        commands.append(command)

    monkeypatch.setattr(idle_stop.subprocess, "run", run)
    idle_stop.main(["60"])
    jupyter["kernels"] = [kernel(STARTED, "busy")]
    idle_stop.main(["60"])
    (command,) = commands
    assert command[:3] == ["aws", "sagemaker", "stop-notebook-instance"]
    assert command[3:] == ["--region", "us-gov-west-1", "--notebook-instance-name", "churn-1"]


def test_it_is_understood_by_the_python_of_the_instance_and_needs_nothing_else() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {
        "__future__", "datetime", "json", "logging", "pathlib", "ssl", "subprocess", "sys", "typing", "urllib.request",
    }  # fmt: skip


def test_the_start_script_is_valid_shell_and_carries_the_python_unharmed(tmp_path: Path) -> None:
    script = tmp_path / "on_start.sh"
    script.write_text(on_start_script(45, "echo 'first'"), encoding="utf-8")
    bash = shutil.which("bash") or "bash"
    subprocess.run([bash, "-n", str(script)], check=True)
    lines = script.read_text(encoding="utf-8").partition("install -d")[0]
    # Everything before the installation, then what it would write.
    shown = subprocess.run(
        [bash, "-c", f'{lines}\nprintf "%s\\n" "$IDLE_STOP"'], check=True, capture_output=True, text=True
    )
    assert shown.stdout.partition("\n")[0] == "first"
    assert shown.stdout.partition("\n")[2] == SCRIPT.read_text(encoding="utf-8") + "\n"


def test_jupyter_is_asked_on_the_instance_and_not_waited_for(
    idle_stop: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def answer(url: str, *, timeout: int, context: ssl.SSLContext) -> io.BytesIO:
        asked.update(url=url, timeout=timeout, verify=(context.check_hostname, context.verify_mode))
        return io.BytesIO(b"[]")

    monkeypatch.setattr("urllib.request.urlopen", answer)
    assert idle_stop.ask("kernels") == []
    assert asked == {
        "url": "https://localhost:8443/api/kernels",
        "timeout": 10,
        "verify": (False, ssl.CERT_NONE),
    }


def test_the_start_script_installs_a_timer() -> None:
    script = on_start_script(45)
    assert "IDLE_MINUTES=45\n" in script
    assert "ExecStart=/usr/bin/python3 /opt/mlgov/idle_stop.py $IDLE_MINUTES" in script
    assert "systemctl restart mlgov-idle-stop.timer" in script
    for download in ("curl", "wget", "pip", "yum", "dnf", "git clone"):
        assert download not in script


def test_the_content_fits_sagemaker(workspace: Template) -> None:
    for lifecycle in of_type(workspace, "AWS::SageMaker::NotebookInstanceLifecycleConfig").values():
        (hook,) = lifecycle["Properties"]["OnStart"]
        assert len(hook["Content"]) <= LONGEST_CONTENT
        assert base64.b64decode(hook["Content"]).startswith(b"#!/bin/bash\n")
        assert lifecycle["Metadata"]["mlgov"]["controls"] == ["MLG-WSP-07"]


def test_arguments_reach_the_script(workspace: Template) -> None:
    (own,) = (
        r
        for i, r in of_type(workspace, "AWS::SageMaker::NotebookInstanceLifecycleConfig").items()
        if i.startswith("Lifecycle")
    )
    script = base64.b64decode(own["Properties"]["OnStart"][0]["Content"]).decode()
    assert "IDLE_MINUTES=30\n" in script
    assert "echo 'hello'\n" in script


@pytest.mark.parametrize("minutes", [9, 1441])
def test_an_idle_time_out_of_range_is_refused(minutes: int) -> None:
    with pytest.raises(ConstructError, match=rf"^\[Stack/Lifecycle\] idle of {minutes} minutes is out of range"):
        NotebookLifecycle(cdk.Stack(cdk.App(), "Stack"), "Lifecycle", idle=cdk.Duration.minutes(minutes))


def test_a_script_that_sagemaker_refuses_is_refused() -> None:
    with pytest.raises(ConstructError, match="SageMaker takes 16384"):
        NotebookLifecycle(cdk.Stack(cdk.App(), "Stack"), "Lifecycle", on_start="echo long\n" * 1500)
