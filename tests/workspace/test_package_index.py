from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from importlib import resources, util
from pathlib import Path
from types import ModuleType

import aws_cdk as cdk
import pytest

from mlgov_constructs.workspace import NotebookLifecycle, PackageRepository, package_script
from mlgov_constructs.workspace.notebook_lifecycle import LONGEST_CONTENT
from tests.workspace.conftest import ground

SCRIPT = Path(str(resources.files("mlgov_constructs.workspace").joinpath("lifecycle", "package_index.py")))
HOST = "mlgov-churn-111122223333.d.codeartifact.eu-west-1.amazonaws.com"
ENDPOINT = f"https://{HOST}/pypi/python/"
INDEX = f"https://aws@{HOST}/pypi/python/simple/"
AWS = f"""#!/bin/bash
case "$*" in
  *get-repository-endpoint*) echo {ENDPOINT} ;;
  *get-authorization-token*) echo a-token ;;
esac
"""


@pytest.fixture
def index() -> ModuleType:
    """The program of the instance, imported as a module."""
    spec = util.spec_from_file_location("package_index", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def asked(index: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What was asked of the AWS command line, which answers with an endpoint or a token."""
    calls: list[tuple[str, ...]] = []

    def aws(*arguments: str) -> str:
        calls.append(arguments)
        return ENDPOINT if arguments[0] == "get-repository-endpoint" else "a-token"

    monkeypatch.setattr(index, "aws", aws)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    return calls


@pytest.fixture(scope="module")
def repository() -> PackageRepository:
    base = ground(cdk.App(), "Stack")
    return PackageRepository(
        base.stack,
        "Packages",
        vpc=base.vpc,
        encryption_key=base.key,
        domain_name="mlgov-churn",
        allowed_packages=["numpy"],
    )


@pytest.mark.parametrize("service", [INDEX, ENDPOINT, HOST])
def test_a_token_is_asked_for_when_an_index_wants_a_password(
    index: ModuleType, asked: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str], service: str
) -> None:
    assert index.main(["get", service, "aws"]) == 0
    assert capsys.readouterr().out == "a-token\n"
    (call,) = asked
    assert call[:7] == (
        "get-authorization-token",
        "--domain",
        "mlgov-churn",
        "--domain-owner",
        "111122223333",
        "--region",
        "eu-west-1",
    )
    assert call[call.index("--duration-seconds") + 1] == "900"


@pytest.mark.parametrize(
    "arguments",
    [
        ["get", "https://pypi.org/simple/", "aws"],
        ["get", f"https://example.com/?x={HOST}", "aws"],
        ["get", f"https://{HOST}@example.com/", "aws"],
        ["get", INDEX, "somebody"],
        ["get", INDEX],
        ["set", INDEX, "aws"],
        [],
    ],
)
def test_nobody_else_gets_a_token(
    index: ModuleType, asked: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert index.main(arguments) == 1
    assert (asked, capsys.readouterr().out) == ([], "")


def test_pip_and_uv_are_led_to_the_repository_and_no_token_is_written(
    index: ModuleType, asked: list[tuple[str, ...]], tmp_path: Path
) -> None:
    before = os.umask(0o077)
    try:
        assert index.main(["configure", str(tmp_path), "mlgov-churn", "python"]) == 0
    finally:
        os.umask(before)
    pip = ConfigParser()
    pip.read(tmp_path / "pip.conf")
    assert dict(pip["global"]) == {
        "index-url": INDEX,
        "keyring-provider": "subprocess",
        "disable-pip-version-check": "true",
    }
    uv = tomllib.loads((tmp_path / "uv" / "uv.toml").read_text(encoding="utf-8"))
    assert uv == {"keyring-provider": "subprocess", "index": [{"url": INDEX, "default": True}]}
    assert asked == [
        (
            "get-repository-endpoint",
            *("--domain", "mlgov-churn", "--repository", "python", "--format", "pypi", "--region", "eu-west-1"),
            *("--query", "repositoryEndpoint"),
        )
    ]
    # Everybody on the instance reads them, and nobody but the owner writes them.
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.*") if path.is_file()} == {0o644}


def test_a_domain_of_another_account_is_named(index: ModuleType, asked: list[tuple[str, ...]], tmp_path: Path) -> None:
    index.main(["configure", str(tmp_path), "mlgov-churn", "python", "444455556666"])
    assert asked[0][-4:-2] == ("--domain-owner", "444455556666")


def test_without_a_region_the_metadata_has_it(
    index: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    metadata = tmp_path / "resource-metadata.json"
    metadata.write_text('{"ResourceArn": "arn:aws:sagemaker:eu-north-1:111122223333:app/d-1/a"}', encoding="utf-8")
    monkeypatch.setattr(index, "METADATA", metadata)
    assert index.region() == "eu-north-1"


def run_script(repository: PackageRepository, home: Path, aws: str) -> subprocess.CompletedProcess[str]:
    """Run the commands as a person, with an AWS command line of ours."""
    commands = home / "commands"
    commands.mkdir(parents=True)
    (commands / "aws").write_text(aws, encoding="utf-8")
    (commands / "id").write_text("#!/bin/bash\necho 1000\n", encoding="utf-8")
    for command in commands.iterdir():
        command.chmod(0o755)
    (commands / "python3").symlink_to(sys.executable)
    bash = shutil.which("bash")
    assert bash is not None
    environment = {"HOME": str(home), "PATH": f"{commands}:{os.environ['PATH']}", "AWS_REGION": "eu-west-1"}
    script = "set -eu\n" + package_script(repository)
    return subprocess.run(
        [bash, "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=30
    )


def test_the_commands_set_up_a_person(repository: PackageRepository, tmp_path: Path) -> None:
    done = run_script(repository, tmp_path, AWS)
    assert (done.returncode, done.stderr) == (0, "")
    assert INDEX in (tmp_path / ".config" / "pip" / "pip.conf").read_text(encoding="utf-8")
    assert INDEX in (tmp_path / ".config" / "uv" / "uv.toml").read_text(encoding="utf-8")
    assert (tmp_path / ".bashrc").read_text(encoding="utf-8").count("mlgov-packages") == 1
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / ".config").rglob("*.*"))
    assert "a-token" not in written
    keyring = subprocess.run(
        [str(tmp_path / ".local" / "bin" / "keyring"), "get", INDEX, "aws"],
        env={"PATH": f"{tmp_path / 'commands'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert keyring.stdout == "a-token\n"


def test_an_instance_starts_when_the_repository_gives_no_answer(repository: PackageRepository, tmp_path: Path) -> None:
    done = run_script(repository, tmp_path, "#!/bin/bash\nexit 255\n")
    assert done.returncode == 0
    assert "pip and uv stay as they were" in done.stderr
    assert not (tmp_path / ".config" / "pip" / "pip.conf").exists()


def test_a_notebook_is_led_there_before_its_own_commands(repository: PackageRepository) -> None:
    stack = cdk.Stack.of(repository)
    lifecycle = NotebookLifecycle(
        stack, "Lifecycle", on_start="pip install --quiet mycompany-tools", package_repository=repository
    )
    resource = lifecycle.node.find_child("Resource")
    (hook,) = stack.resolve(resource.on_start)  # type: ignore[attr-defined]
    content = hook["content"]
    assert len(content) <= LONGEST_CONTENT
    script = base64.b64decode(content).decode()
    assert script.index("PACKAGE_DOMAIN=mlgov-churn") < script.index("pip install") < script.index("IDLE_MINUTES=60")
