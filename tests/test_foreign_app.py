"""The wheel as a user gets it: what it holds, and a team's app on it in a clean virtual environment."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from tests.foreign_app.clean_environment import SHELL, CleanEnvironment
from tests.foreign_app.type_check import start_type_check
from tests.templates import Template, of_type

ROOT = Path(__file__).parent.parent
PROGRAMS = ("app.py", "mistakes.py")
CDK = {
    "CDK_VALIDATION": "false",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
}
TYPE_ERROR = re.compile(r"^(\w+\.py):(\d+): error: .*\[([a-z-]+)\]$", re.MULTILINE)
# `local_cloud` is an extra.
IMPORT_EVERYTHING = """
import importlib, pkgutil, mlgov_constructs
for module in pkgutil.iter_modules(mlgov_constructs.__path__):
    if module.name != "local_cloud":
        importlib.import_module(f"mlgov_constructs.{module.name}")
print(mlgov_constructs.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> CleanEnvironment:
    folder = tmp_path_factory.mktemp("foreign")
    for program in (*PROGRAMS, "wrong_use.py"):
        shutil.copy(Path(__file__).parent / "foreign_app" / program, folder)
    return CleanEnvironment(folder, wheel, constraints=ROOT / "requirements" / "demo.txt", variables=CDK)


@pytest.fixture(scope="module")
def type_check(clean: CleanEnvironment) -> Iterator[subprocess.Popen[str]]:
    """It runs beside the tests that do not ask for its result."""
    with start_type_check(clean.folder, PROGRAMS, clean.python, "mlgov_constructs", SHELL) as process:
        yield process
        process.kill()


@pytest.fixture(scope="module", params=["no flags", "recommended flags"])
def assembly(
    request: pytest.FixtureRequest, clean: CleanEnvironment, type_check: subprocess.Popen[str]
) -> tuple[Path, str]:
    """The app synthesized in the clean environment, and what it said."""
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    context = flags if request.param == "recommended flags" else {}
    folder = clean.folder / request.param.replace(" ", "-")
    # Isolated: neither the folder of the program nor PYTHONPATH is searched.
    run = clean.run("python", "-I", "app.py", CDK_OUTDIR=str(folder), CDK_CONTEXT_JSON=json.dumps(context))
    assert run.returncode == 0, run.stderr
    return folder, run.stderr


@pytest.fixture(scope="module")
def templates(assembly: tuple[Path, str]) -> dict[str, Template]:
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in assembly[0].glob("*.template.json")
    }


def test_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "mlgov_constructs").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        files = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert files == package
    assert "mlgov_constructs/py.typed" in files
    # Data without which the modules import and yet do not work.
    for data in ("controls/catalogue/*.toml", "controls/rules/*.guard", "network/provider/*.py", "workspace/**/*.sh"):
        expected = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mlgov_constructs").glob(data)}
        assert expected
        assert expected <= files


def test_wheel_holds_no_path_of_the_machine_that_built_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    for path in (ROOT, Path.home(), Path(sys.prefix)):
        assert str(path).encode() + b"/" not in content


def test_wheel_asks_for_six_packages_and_installs_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        dist_info = next(name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name)
        metadata = message_from_bytes(archive.read(f"{dist_info}/METADATA"))
        entry_points = archive.read(f"{dist_info}/entry_points.txt").decode()
    required = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    names = sorted(re.split(r"[^\w-]", each, maxsplit=1)[0] for each in required)
    assert names == ["aws-cdk-lib", "click", "cloudformation-validate", "constructs", "jsonschema", "ruamel-yaml"]
    assert all("<" in each for each in required)
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "mlgov = mlgov_constructs.cli.main:main" in entry_points


def test_every_construct_package_imports_without_an_extra(clean: CleanEnvironment) -> None:
    run = clean.run("python", "-I", "-c", IMPORT_EVERYTHING)
    assert run.returncode == 0, run.stderr
    assert Path(run.stdout.strip()).is_relative_to(clean.folder)


def test_app_synthesizes_without_a_warning(assembly: tuple[Path, str]) -> None:
    assert assembly[1] == ""


def test_stacks_depend_one_way(templates: dict[str, Template]) -> None:
    used = {name: _stacks_used(template) for name, template in templates.items()}
    assert used == {"Network": set(), "Data": {"Network"}, "Workspace": {"Network", "Data"}}


def test_key_policy_names_actions_and_binds_use_to_services(templates: dict[str, Template]) -> None:
    key = _one(templates["Network"], "AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    statements = key["KeyPolicy"]["Statement"]
    assert not any(action in ("*", "kms:*") for statement in statements for action in _list(statement["Action"]))
    decrypt = [each for each in statements if "kms:Decrypt" in _list(each["Action"]) and "AWS" in each["Principal"]]
    assert decrypt
    assert all("kms:ViaService" in json.dumps(each["Condition"]) for each in decrypt)


def test_bucket_of_a_subclass_is_governed(templates: dict[str, Template]) -> None:
    bucket = _named(templates["Data"], "AWS::S3::Bucket", "Features")
    properties = bucket["Properties"]
    assert bucket["DeletionPolicy"] == "Retain"
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert _stacks_used(encryption) == {"Network"}
    document = _named(templates["Data"], "AWS::S3::BucketPolicy", "Features")["Properties"]["PolicyDocument"]
    conditions = [json.dumps(each["Condition"]) for each in document["Statement"] if each["Effect"] == "Deny"]
    for key in ("aws:SecureTransport", "s3:TlsVersion", "aws:sourceVpce", "aws:PrincipalAccount"):
        assert any(key.lower() in condition.lower() for condition in conditions), key


def test_functions_written_for_aws_cdk_lib_take_our_constructs(templates: dict[str, Template]) -> None:
    assert _stacks_used(_one(templates["Data"], "AWS::EC2::SecurityGroup")["VpcId"]) == {"Network"}
    tags = _named(templates["Data"], "AWS::S3::Bucket", "Features")["Properties"]["Tags"]
    assert {"Key": "team:bucket", "Value": "Features"} in tags
    assert "churn/features" in json.dumps(templates["Data"]["Outputs"])


def test_grant_carries_the_key(templates: dict[str, Template]) -> None:
    document = _named(templates["Data"], "AWS::IAM::Policy", "Loader")["Properties"]["PolicyDocument"]
    actions = {action for statement in document["Statement"] for action in _list(statement["Action"])}
    assert {"s3:PutObject", "s3:GetObject*", "kms:Decrypt", "kms:GenerateDataKey*"} <= actions


def test_notebook_is_hardened(templates: dict[str, Template]) -> None:
    notebook = _one(templates["Workspace"], "AWS::SageMaker::NotebookInstance")
    assert notebook["DirectInternetAccess"] == "Disabled"
    assert notebook["RootAccess"] == "Disabled"
    assert notebook["InstanceMetadataServiceConfiguration"] == {"MinimumInstanceMetadataServiceVersion": "2"}
    for name in ("KmsKeyId", "SubnetId", "SecurityGroupIds"):
        assert _stacks_used(notebook[name]) == {"Network"}


def test_boundary_applies_to_every_role(templates: dict[str, Template]) -> None:
    roles = [role for template in templates.values() for role in of_type(template, "AWS::IAM::Role").values()]
    assert len(roles) >= 3
    assert all("PermissionsBoundary" in role["Properties"] for role in roles)


def test_wrong_use_is_said_in_one_message_and_leaves_nothing(clean: CleanEnvironment) -> None:
    run = clean.run("python", "-I", "wrong_use.py")
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout.splitlines()[-1])
    where = "ConstructError: [Wrong/Case"
    assert said.pop("a missing argument").startswith("TypeError: FeatureDatabase.__init__() missing 1 required")
    assert said.pop("an unknown argument").endswith("got an unexpected keyword argument 'buket'")
    assert said == {
        "a text for a list": f"{where}0/X] projects is 'churn'. Give a list of text.",
        "a plain VPC": f"{where}1/X] vpc is an IVpc. Give an IIsolatedVpc (A VPC without a way to the internet: "
        "an ``IsolatedVpc``, or ``IsolatedVpc.from_vpc(...)`` of yours).",
        "the ARN of a key": f"{where}2/X] encryption_key is 'arn:aws:kms:us-east-1:111122223333:key/12345678'. "
        "Give an IKey.",
        "a name for a bucket": "ValueError: DataCapture: bucket is 'captured'. Give an IBucket.",
        "a number of a parameter": "ValueError: MonitoringResources: instance_count is a token, which only the "
        "deployment knows. Give a value: it is checked at synthesis.",
        "yes for True": f"{where}5/X] stop is 'yes'. Give True or False.",
        "a unit that is none": f"{where}8/X] 'u' is no unit. Write it as in 'ou-ab12-11111111'.",
        "an approver who registers": "ConstructError: [Wrong/Registry] one principal would register and approve the "
        "same versions. Give the approval to another role, whom no pipeline and no data scientist assumes.",
        "a grant to a service": "ValueError: A ServicePrincipal has no policies, so nothing can be granted to it. "
        "Grant to a role, a user or a group.",
    }


def test_installed_command_passes_the_app(clean: CleanEnvironment, assembly: tuple[Path, str]) -> None:
    run = clean.run("mlgov", "check", str(assembly[0]), "--format", "json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "MLG-PRT-01" in run.stdout


def test_installed_command_fails_a_fault(clean: CleanEnvironment, templates: dict[str, Template]) -> None:
    faulty = json.loads(json.dumps(templates["Network"]))
    (key,) = of_type(faulty, "AWS::KMS::Key").values()
    del key["Properties"]["EnableKeyRotation"]
    path = clean.folder / "faulty.template.json"
    path.write_text(json.dumps(faulty), encoding="utf-8")
    run = clean.run("mlgov", "check", str(path))
    assert run.returncode == 1, run.stdout + run.stderr
    assert "MLG-PRT-01" in run.stdout


def test_app_passes_a_strict_type_check_and_mistakes_do_not(
    clean: CleanEnvironment, type_check: subprocess.Popen[str]
) -> None:
    output, errors = type_check.communicate(timeout=240)
    assert errors == ""
    lines = (clean.folder / "mistakes.py").read_text(encoding="utf-8").splitlines()
    expected = [
        ("mistakes.py", str(number), code)
        for number, line in enumerate(lines, start=1)
        for code in line.partition("# E: ")[2].split()
    ]
    assert len(expected) == 8
    assert TYPE_ERROR.findall(output) == expected, output


def _one(template: Template, resource_type: str) -> dict[str, Any]:
    (resource,) = of_type(template, resource_type).values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


def _named(template: Template, resource_type: str, prefix: str) -> dict[str, Any]:
    (resource,) = (each for name, each in of_type(template, resource_type).items() if name.startswith(prefix))
    return resource


def _stacks_used(value: object) -> set[str]:
    """The other stacks whose outputs a value refers to; the recommended flags change how."""
    text = json.dumps(value)
    return {*re.findall(r'"Fn::ImportValue": "(\w+):', text), *re.findall(r'"StackName": "(\w+)"', text)}


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
