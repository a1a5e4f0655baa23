"""The ``mlgov`` command itself, and ``mlgov controls``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

from mlgov_constructs.cli.lazy_group import LazyCommand, LazyGroup
from mlgov_constructs.cli.main import COMMANDS
from mlgov_constructs.controls import CATALOGUE

Run = Callable[..., Result]


def test_help_lists_every_command(mlgov: Run) -> None:
    result = mlgov("--help")
    assert result.exit_code == 0
    for name, command in COMMANDS.items():
        assert f"  {name}" in result.output
        assert command.summary in result.output


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["controls"]])
def test_no_command_of_the_checker_loads_the_cdk(arguments: list[str]) -> None:
    program = (
        "import sys; from mlgov_constructs.cli.main import main; main(sys.argv[1:], standalone_mode=False); "
        "assert not {'aws_cdk', 'jsii', 'constructs', 'boto3'} & sys.modules.keys(), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True)


def test_an_unknown_command_ends_with_2(mlgov: Run) -> None:
    result = mlgov("chek")
    assert result.exit_code == 2
    assert "No such command 'chek'" in result.output


def test_a_command_whose_extra_is_missing_says_what_to_install() -> None:
    absent = LazyCommand("mlgov_constructs.absent_module:command", "Absent.", extra="local")
    group = LazyGroup(name="mlgov", lazy_commands={"absent": absent})
    result = CliRunner().invoke(group, ["absent"])
    assert result.exit_code == 2
    assert "pip install 'mlgov-constructs[local]'" in result.output
    assert "Traceback" not in result.output


def test_a_broken_command_is_not_taken_for_a_missing_extra() -> None:
    with pytest.raises(ModuleNotFoundError):
        LazyCommand("mlgov_constructs.absent_module:command", "Absent.").load()


def test_every_summary_is_the_first_line_of_its_command() -> None:
    for name in ("check", "controls"):
        command = COMMANDS[name].load()
        assert isinstance(command, click.Command)
        assert command.help


def test_controls_are_listed_in_order(mlgov: Run) -> None:
    lines = mlgov("controls").output.splitlines()
    assert [line.split()[0] for line in lines] == list(CATALOGUE)
    assert lines[0] == "MLG-NET-01  high      No way to the internet"


def test_one_control_is_shown_with_its_rule(mlgov: Run) -> None:
    output = mlgov("controls", "mlg-net-03").output
    control = CATALOGUE["MLG-NET-03"]
    assert output.startswith("MLG-NET-03 Flow logs\n")
    assert control.statement in output
    assert control.guard_rule.rstrip() in output
    assert "Published: securityhub EC2.6, config vpc-flow-logs-enabled, cdk-nag AwsSolutions-VPC7" in output
    assert "Config:    vpc-flow-logs-enabled" in output
    assert "Hook:      stacks\n" in output
    assert "Prevented: nowhere" in output


def test_controls_as_json(mlgov: Run) -> None:
    documents = json.loads(mlgov("controls", "--format", "json").output)
    assert [document["id"] for document in documents] == list(CATALOGUE)
    assert {"framework": "securityhub", "id": "EC2.6", "published": True} in documents[2]["mappings"]


def test_a_control_as_json_says_what_holds_it(mlgov: Run) -> None:
    (document,) = json.loads(mlgov("controls", "MLG-WSP-01", "--format", "json").output)
    assert document["detective"] == {
        "config": ["sagemaker-notebook-no-direct-internet-access"],
        "securityHub": ["SageMaker.1"],
    }
    assert document["proactive"] == {"stacks": True, "resources": True}
    assert document["preventive"] == ["boundary:NoInternet", "scp:NoInternet"]


def test_an_unknown_control_ends_with_2(mlgov: Run) -> None:
    result = mlgov("controls", "MLG-XXX-01")
    assert result.exit_code == 2
    assert "'MLG-XXX-01' is no control" in result.output
