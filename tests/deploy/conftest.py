"""Deployments are slow, so there are two in the whole session, and they run at the same time.

One is the demonstration, in the enforced mode, in a process of its own; the other the environment that is
created, changed and destroyed here.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.local_cloud import LocalCloud, LocalCloudError
from stacks.environment import load_environment
from stacks.ml_environment import MlEnvironment
from tests.conftest import ROOT
from tests.deploy.apps import budget_app
from tests.deploy.target import Target

SANDBOX = ROOT / "environments" / "sandbox.yaml"
Synthesize = Callable[..., Path]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.deploy)


@dataclass(frozen=True)
class DemoRun:
    """The demonstration while it runs."""

    process: subprocess.Popen[bytes]
    directory: Path
    output: Path


@pytest.fixture(scope="session", autouse=True)
def _demo_in_good_time(request: pytest.FixtureRequest) -> None:
    """Starts the demonstration at once, if any test will ask for it, and not another worker's."""
    asked = any("demo" in getattr(item, "fixturenames", ()) for item in request.session.items)
    if asked and "PYTEST_XDIST_WORKER" not in os.environ:
        request.getfixturevalue("demo_run")


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRun]:
    """Starts the demonstration, and stops what it left up."""
    directory = tmp_path_factory.mktemp("demo")
    # Nobody reads while it runs, and a full pipe would hold it.
    output = tmp_path_factory.mktemp("demo-output") / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("mlgov"), "local", "demo", "--keep", "--directory", directory],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "160"},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield DemoRun(process, directory, output)
    finally:
        process.terminate()
        process.wait()
        with contextlib.suppress(LocalCloudError):  # it never came up
            LocalCloud.from_directory(directory).stop()


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A bootstrapped local cloud."""
    folder = tmp_path_factory.mktemp("target")
    with LocalCloud(port=0, directory=folder / "cloud") as cloud:
        found = Target(cloud, folder)
        app = budget_app.synthesize(folder / "bootstrap", limit=1)  # else the CDK would run that of cdk.json
        found.cdk("bootstrap", f"aws://{cloud.account}/{cloud.region}", "--app", str(app))
        yield found


@pytest.fixture(scope="session")
def synthesize_environment(cdk_context: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Synthesizes the sandbox with changes to its file, each a text and what stands in its place."""

    def synthesize(**changes: tuple[str, str]) -> Path:
        text = SANDBOX.read_text(encoding="utf-8")
        for old, new in changes.values():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        folder = tmp_path_factory.mktemp("environment")
        file = folder / "sandbox.yaml"
        file.write_text(text, encoding="utf-8")
        app = cdk.App(outdir=str(folder / "cdk.out"), context=cdk_context, analytics_reporting=False)
        environment = load_environment(str(file))
        MlEnvironment(app, environment.name, environment=environment)
        app.synth()
        return folder / "cdk.out"

    return synthesize


@pytest.fixture(scope="session")
def deployment(target: Target, synthesize_environment: Synthesize) -> Iterator[Future[Path]]:
    """The deployment of the sandbox, under way while other tests run; its result is the assembly."""
    assembly = synthesize_environment()

    def deploy() -> Path:
        target.deploy(assembly)
        return assembly

    with ThreadPoolExecutor(max_workers=1) as executor:
        yield executor.submit(deploy)
