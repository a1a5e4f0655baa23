"""``mlgov diagram``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
TEMPLATE = {
    "Resources": {
        "Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Store": {"Type": "AWS::S3::Bucket"},
    }
}


@pytest.fixture
def cdk_out(tmp_path: Path) -> Path:
    """A folder with one template."""
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    (folder / "trial.template.json").write_text(json.dumps(TEMPLATE))
    return folder


@pytest.mark.parametrize(
    ("options", "text"), [([], "VPC Network"), (["--view", "network"], "VPC Network"), (["--view", "data"], ">Store<")]
)
def test_a_picture_is_printed(options: list[str], text: str, mlgov: Run, cdk_out: Path) -> None:
    result = mlgov("diagram", cdk_out, *options)
    assert result.exit_code == 0
    assert result.stdout.startswith("<svg ")
    assert result.stdout.endswith("</svg>\n")
    assert text in result.stdout


def test_a_picture_is_written_to_a_file(mlgov: Run, cdk_out: Path) -> None:
    output = cdk_out.parent / "network.svg"
    result = mlgov("diagram", cdk_out, "-o", output)
    assert (result.exit_code, result.stdout) == (0, f"{output}\n")
    assert output.read_text() == mlgov("diagram", cdk_out).stdout


def test_a_template_that_changes_changes_the_picture(mlgov: Run, cdk_out: Path) -> None:
    before = mlgov("diagram", cdk_out).stdout
    gateway = {"Leak": {"Type": "AWS::EC2::InternetGateway"}}
    (cdk_out / "trial.template.json").write_text(json.dumps({"Resources": TEMPLATE["Resources"] | gateway}))
    after = mlgov("diagram", cdk_out).stdout
    assert "no internet gateway" in before
    assert "no internet gateway" not in after
    assert ">Leak<" in after


def failed(result: Result) -> str:
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return result.stderr


def test_a_folder_without_templates_is_said(mlgov: Run, tmp_path: Path) -> None:
    assert "holds no CloudFormation template. Run 'cdk synth' first" in failed(mlgov("diagram", tmp_path))


def test_a_folder_that_is_not_there_is_said(mlgov: Run, tmp_path: Path) -> None:
    assert "does not exist" in failed(mlgov("diagram", tmp_path / "none"))


def test_templates_without_a_network_are_said(mlgov: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"Resources": {"Store": {"Type": "AWS::S3::Bucket"}}}')
    assert "The templates have no VPC" in failed(mlgov("diagram", tmp_path))


def test_templates_without_data_are_said(mlgov: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"Resources": {"Network": {"Type": "AWS::EC2::VPC"}}}')
    assert "The templates have no bucket" in failed(mlgov("diagram", tmp_path, "--view", "data"))


def test_a_template_in_yaml_is_said(mlgov: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("Resources:\n  Network:\n    Type: AWS::EC2::VPC\n")
    assert "is no template in JSON" in failed(mlgov("diagram", path))


def test_a_file_that_cannot_be_written_is_said(mlgov: Run, cdk_out: Path) -> None:
    output = cdk_out / "none" / "a.svg"
    assert "cannot be written: No such file or directory" in failed(mlgov("diagram", cdk_out, "-o", output))
