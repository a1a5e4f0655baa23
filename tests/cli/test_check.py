"""``mlgov check``: exit codes, options and the text report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

YAML_TEMPLATE = """\
Resources:
  Gateway:
    Type: AWS::EC2::InternetGateway
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !Select [0, !Cidr [!GetAtt Vpc.CidrBlock, 2, 8]]
      MapPublicIpOnLaunch: true
"""


def test_a_good_template_passes(mlgov: Run, folder: Path) -> None:
    result = mlgov("check", "good.json")
    assert result.exit_code == 0
    assert result.output.startswith("1 template, ")
    assert result.output.endswith(": no findings\n")


def test_a_faulty_template_fails_and_says_what_to_do(mlgov: Run, folder: Path) -> None:
    result = mlgov("check", "faulty.json")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0] == "faulty.json"
    assert lines[1] == "  line 3: high MLG-NET-01 No way to the internet"
    assert lines[2] == "    Gateway (AWS::EC2::InternetGateway), Trial/Vpc/Gateway"
    assert lines[3] == "    - A gateway, peering connection or elastic address leads out of the VPC"
    assert lines[4].startswith("    Fix: Remove the gateway")
    assert "deviation MLG-NET-05" in result.output
    assert "    Reason: Open for a classroom, RISK-7" in lines
    assert lines[-1].endswith(": 1 finding (1 high), 1 deviation")


def test_a_claim_that_the_template_does_not_keep_is_named(mlgov: Run, folder: Path) -> None:
    template = json.loads((folder / "faulty.json").read_text())
    template["Resources"]["Gateway"]["Metadata"]["mlgov"] = {"controls": ["MLG-NET-01"]}
    (folder / "claimed.json").write_text(json.dumps(template))
    assert "the construct claims this control" in mlgov("check", "claimed.json").output


def test_yaml_with_short_intrinsics(mlgov: Run, folder: Path) -> None:
    (folder / "template.yaml").write_text(YAML_TEMPLATE)
    result = mlgov("check", "template.yaml", "--format", "json")
    assert result.exit_code == 1
    findings = [(each["logicalId"], each["line"]) for each in json.loads(result.stdout)["findings"]]
    assert findings == [("Gateway", 2), ("Subnet", 9)]


@pytest.mark.parametrize(("level", "code"), [("low", 1), ("medium", 1), ("high", 1), ("critical", 0)])
def test_fail_on(mlgov: Run, folder: Path, level: str, code: int) -> None:
    assert mlgov("check", "faulty.json", "--fail-on", level).exit_code == code


def test_a_deviation_fails_a_strict_check_only(mlgov: Run, folder: Path) -> None:
    assert mlgov("check", "faulty.json", "--control", "MLG-NET-05").exit_code == 0
    assert mlgov("check", "faulty.json", "--control", "MLG-NET-05", "--strict").exit_code == 1


def test_only_the_named_controls_are_checked(mlgov: Run, folder: Path) -> None:
    result = mlgov("check", "faulty.json", "--control", "MLG-NET-03", "--control", "MLG-NET-05", "--format", "json")
    document = json.loads(result.stdout)
    assert document["controls"] == ["MLG-NET-03", "MLG-NET-05"]
    assert [each["control"] for each in document["findings"]] == ["MLG-NET-05"]


def test_the_report_goes_to_a_file(mlgov: Run, folder: Path) -> None:
    result = mlgov("check", "faulty.json", "--format", "json", "--output", "report.json")
    assert result.exit_code == 1
    assert result.output.endswith("1 finding (1 high), 1 deviation; written to report.json\n")
    assert json.loads((folder / "report.json").read_text())["summary"]["findings"] == 1


def test_a_text_report_in_a_file_has_no_colors(mlgov: Run, folder: Path) -> None:
    mlgov("check", "faulty.json", "-o", "report.txt")
    assert "\x1b" not in (folder / "report.txt").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument 'TARGET...'"),
        (("none.json",), "Path 'none.json' does not exist"),
        (("empty",), "empty: holds no CloudFormation template. Run 'cdk synth' first, or name a template file."),
        (("good.json", "--control", "mlg-net-1"), "'mlg-net-1' is no control; did you mean MLG-NET-01?"),
        (("good.json", "--control", "zzz"), "'zzz' is no control; 'mlgov controls' lists them."),
        (("good.json", "--format", "xml"), "'xml' is not one of 'text', 'json', 'sarif'"),
        (
            ("good.json", "--output", "none/report.json"),
            "none/report.json: cannot be written: No such file or directory",
        ),
    ],
)
def test_what_is_not_understood_ends_with_2(mlgov: Run, folder: Path, arguments: tuple[str, ...], message: str) -> None:
    (folder / "empty").mkdir()
    result = mlgov("check", *arguments)
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("broken.json", b"{", "is no CloudFormation template: line 1, column 2: Expecting property name"),
        ("broken.json", b"", "is no CloudFormation template: line 1, column 1: Expecting value"),
        ("broken.json", b"[]", "is no CloudFormation template: it has no Resources"),
        ("broken.json", b'{"a": 1}', "is no CloudFormation template: it has no Resources"),
        ("broken.json", b'{"Resources": {"A": 1}}', "is no CloudFormation template: the resource A has no Type"),
        ("broken.json", b"\xff\xfe", "cannot be read: it is not UTF-8 text"),
        ("broken.yaml", b"Parameters: {}", "is no CloudFormation template: it has no Resources"),
        ("broken.yaml", b"Resources: [", "is no CloudFormation template: "),
    ],
)
def test_a_file_that_is_no_template_ends_with_2_and_the_others_are_checked(
    mlgov: Run, folder: Path, name: str, content: bytes, message: str
) -> None:
    (folder / name).write_bytes(content)
    result = mlgov("check", name, "faulty.json", "--control", "MLG-NET-01")
    assert result.exit_code == 2
    (error,) = result.stderr.splitlines()
    assert error.startswith(f"Error: {name}: {message}")
    assert "MLG-NET-01" in result.stdout
    assert result.stdout.splitlines()[-1].endswith(", 1 template not checked")
