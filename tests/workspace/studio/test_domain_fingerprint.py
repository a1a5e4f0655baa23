from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from click.testing import CliRunner

from mlgov_constructs.cli.main import main
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace import DomainFingerprint, StudioAuth
from mlgov_constructs.workspace.studio.domain_fingerprint import CREATE_ONLY, DomainFingerprintError
from mlgov_constructs.workspace.studio.domain_record import record
from mlgov_constructs.workspace.studio.studio_domain import NOT_RECORDED
from tests.templates import of_type
from tests.workspace.studio.conftest import Ground, ground

# Without this flag of the CDK, tags of the app are tags of the stack as well, and those reach every resource.
EXPLICIT = "@aws-cdk/core:explicitStackTags"
REASON = Relaxation("Moves to the new key, people were told, see RISK-120")


def synthesize(outdir: Path, fingerprints: Path | None, stack: dict[str, Any] | None = None, **arguments: Any) -> Path:
    """Synthesize a domain that is recorded in a folder, or is to be."""
    context = {EXPLICIT: arguments.pop("explicit", False)}
    app = cdk.App(outdir=str(outdir), context=context, analytics_reporting=False)
    base: Ground = ground(app, **(stack or {}))
    if arguments.pop("other_key", False):
        arguments["encryption_key"] = DataKey(base.stack, "Other")
    if fingerprints is not None:
        arguments["fingerprint"] = DomainFingerprint.from_directory(fingerprints, "ml")
    construct_id = arguments.pop("construct_id", "Domain")
    app_tags = arguments.pop("app_tags", {})
    base.domain(construct_id, **{"domain_name": "ml", **arguments})
    for key, value in app_tags.items():
        cdk.Tags.of(app).add(key, value)
    app.synth()
    return outdir


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the fingerprint of the domain."""
    folder = tmp_path_factory.mktemp("fingerprints")
    record(synthesize(tmp_path_factory.mktemp("cdk.out"), folder), folder)
    return folder


def test_the_record_holds_what_can_never_change(recorded: Path) -> None:
    values = json.loads((recorded / "ml.json").read_text(encoding="utf-8"))
    assert set(values) == {"LogicalId", *CREATE_ONLY}
    assert (values["AuthMode"], values["DomainName"]) == ("IAM", "ml")
    assert values["Tags"] == [{"Key": "mlgov:domain", "Value": "ml"}]
    assert values["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"idle_shutdown": cdk.Duration.hours(4), "instance_type": "ml.m5.xlarge", "hidden_ml_tools": []},
        {"app_tags": {"owner": "platform"}, "explicit": True},
        {"docker_access": Relaxation("Builds images by hand until the pipeline is there")},
    ],
    ids=["nothing", "settings", "tags of the app", "a relaxation"],
)
def test_what_is_updated_in_place_passes(tmp_path: Path, recorded: Path, arguments: dict[str, Any]) -> None:
    synthesize(tmp_path, recorded, **arguments)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"auth": StudioAuth.IDENTITY_CENTER}, 'AuthMode was "IAM" and is "SSO"'),
        ({"domain_name": "other"}, 'DomainName was "ml" and is "other"'),
        ({"other_key": True}, 'KmsKeyId was {"Fn::GetAtt": ["Key'),
        ({"tags": {"cost-center": "42"}}, "Tags was"),
        ({"stack": {"tags": {"owner": "platform"}}}, "Tags was"),
        ({"app_tags": {"owner": "platform"}}, "Tags was"),
        ({"construct_id": "Renamed"}, "LogicalId was"),
    ],
)
def test_what_would_replace_the_domain_fails(
    tmp_path: Path, recorded: Path, arguments: dict[str, Any], name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        synthesize(tmp_path, recorded, **arguments)
    report = json.loads((tmp_path / "validation-report.json").read_text(encoding="utf-8"))
    descriptions = [
        violation["description"]
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        if violation["ruleName"] == "STUDIO-DOMAIN-REPLACED"
    ]
    assert any(name in description for description in descriptions), descriptions
    assert all(str(recorded / "ml.json") in description for description in descriptions)


def test_a_replacement_on_purpose_passes_and_is_a_deviation(tmp_path: Path, recorded: Path) -> None:
    synthesize(tmp_path, recorded, other_key=True, replace_domain=REASON)
    template = json.loads((tmp_path / "studio.template.json").read_text(encoding="utf-8"))
    (domain,) = of_type(template, "AWS::SageMaker::Domain").values()
    assert domain["Metadata"]["mlgov"]["deviations"] == [{"control": "MLG-STU-08", "reason": REASON.reason}]
    assert domain["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("with_name", [False, True])
def test_a_domain_that_is_not_recorded_warns(tmp_path: Path, with_name: bool) -> None:
    synthesize(tmp_path / "out", tmp_path if with_name else None)
    assert NOT_RECORDED in (tmp_path / "out" / "studio.metadata.json").read_text(encoding="utf-8")


def test_a_recorded_domain_does_not_warn(tmp_path: Path, recorded: Path) -> None:
    synthesize(tmp_path, recorded)
    metadata = tmp_path / "studio.metadata.json"
    assert NOT_RECORDED not in (metadata.read_text(encoding="utf-8") if metadata.is_file() else "")


def test_the_command_records_once_and_again_on_purpose_only(tmp_path: Path) -> None:
    folder = tmp_path / "fingerprints"
    first = synthesize(tmp_path / "first", folder)
    run = CliRunner().invoke(main, ["studio", "record", str(first), "--fingerprints", str(folder)])
    assert (run.exit_code, run.output) == (0, f"ml recorded: {folder / 'ml.json'}\n")
    run = CliRunner().invoke(main, ["studio", "record", str(first), "--fingerprints", str(folder)])
    assert (run.exit_code, run.output) == (0, f"ml was recorded before: {folder / 'ml.json'}\n")
    other = synthesize(tmp_path / "other", folder, other_key=True, replace_domain=REASON)
    before = (folder / "ml.json").read_bytes()
    run = CliRunner().invoke(main, ["studio", "record", str(other), "--fingerprints", str(folder)])
    assert run.exit_code == 1
    assert "the domain would be replaced: KmsKeyId was" in run.output
    assert (folder / "ml.json").read_bytes() == before
    run = CliRunner().invoke(main, ["studio", "record", str(other), "--fingerprints", str(folder), "--replace"])
    assert run.output == f"ml recorded: {folder / 'ml.json'}\n"
    with pytest.raises(DomainFingerprintError, match="the domain would be replaced: KmsKeyId was"):
        record(first, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["ml.json"]


def test_nothing_to_record_and_two_of_one_name_are_errors(tmp_path: Path) -> None:
    with pytest.raises(DomainFingerprintError, match="holds no Studio domain to record"):
        record(tmp_path, tmp_path)
    document = {
        "Resources": {"D": {"Type": "AWS::SageMaker::Domain", "Properties": {}, "Metadata": {"mlgov:domain": "ml"}}}
    }
    for name in ("a", "b"):
        (tmp_path / f"{name}.template.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DomainFingerprintError, match="two Studio domains are recorded as 'ml'"):
        record(tmp_path, tmp_path / "fingerprints")
    assert not (tmp_path / "fingerprints").exists()


def test_the_order_of_names_makes_no_difference(tmp_path: Path, recorded: Path) -> None:
    values = json.loads((recorded / "ml.json").read_text(encoding="utf-8"))
    turned = {**values, "Tags": [dict(reversed(tag.items())) for tag in values["Tags"]]}
    assert DomainFingerprint("ml", tmp_path, values).differences(turned) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"AuthMode": "IAM"}'])
def test_a_damaged_record_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "ml.json").write_text(text, encoding="utf-8")
    with pytest.raises(DomainFingerprintError, match=re.escape(f"{tmp_path / 'ml.json'}: is no fingerprint")):
        DomainFingerprint.from_directory(tmp_path, "ml")


def test_the_name_of_a_record_is_a_file_name(tmp_path: Path) -> None:
    with pytest.raises(DomainFingerprintError, match="can be no file name"):
        DomainFingerprint.from_directory(tmp_path, "../ml")
