"""Templates for the commands: one with faults, one without."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlgov_constructs.cli.main import main

FAULTY = {
    "Resources": {
        "Gateway": {
            "Type": "AWS::EC2::InternetGateway",
            "Metadata": {"aws:cdk:path": "Trial/Vpc/Gateway/Resource"},
        },
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "open",
                "SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}],
            },
            "Metadata": {
                "mlgov": {"deviations": [{"control": "MLG-NET-05", "reason": "Open for a classroom, RISK-7"}]},
            },
        },
    }
}
GOOD = {"Resources": {"Topic": {"Type": "AWS::EC2::PlacementGroup"}}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with `faulty.json` and `good.json`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "faulty.json").write_text(json.dumps(FAULTY, indent=1))
    (tmp_path / "good.json").write_text(json.dumps(GOOD, indent=1))
    return tmp_path


@pytest.fixture
def mlgov() -> Callable[..., Result]:
    """Run the command as a user does."""
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])
