"""What every test shares: a quiet, fast CDK, and templates synthesized once a session."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Before the first import of aws_cdk: its own validation costs 5 s a synthesis (one test switches it on).
os.environ.setdefault("CDK_VALIDATION", "false")
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

import aws_cdk as cdk
import pytest

from stacks.environment import load_environment
from stacks.ml_environment import MlEnvironment
from stacks.organization_stack import OrganizationStack
from tests.environments import ENVIRONMENTS, ORGANIZATION, REGIONS, Assembly, organization_in
from tests.templates import Template

ROOT = Path(__file__).parent.parent
# Programs that tests run: the search for doctests must not import them.
collect_ignore_glob = ["foreign_app/*", "deploy/apps/*"]


@pytest.fixture(scope="session")
def cdk_context() -> dict[str, Any]:
    """The context of cdk.json, which pytest does not read."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return context


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Template]]:
    """Build stacks in a fresh app and return the templates by stack name."""

    def run(
        build: Callable[[cdk.App], object],
        context: dict[str, Any] | None = None,
        outdir: Path | None = None,
    ) -> dict[str, Template]:
        folder = outdir or tmp_path_factory.mktemp("cdk.out")
        app = cdk.App(outdir=str(folder), context=context, analytics_reporting=False)
        build(app)
        app.synth()
        return {
            path.name.removesuffix(".template.json"): json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(folder.rglob("*.template.json"))
        }

    return run


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Assembly:
    """Synthesize an environment, or the organization, in a partition, once a session; return its cloud assembly."""
    folders: dict[tuple[str, str], Path] = {}

    def synthesize(name: str, partition: str) -> Path:
        if (name, partition) not in folders:
            folder = tmp_path_factory.mktemp(f"{name}-{partition}")
            app = cdk.App(outdir=str(folder), context=cdk_context, analytics_reporting=False)
            if name == ORGANIZATION:
                OrganizationStack(app, name, organization=organization_in(partition))
            else:
                environment = load_environment(ENVIRONMENTS / f"{name}.yaml")
                if partition != "aws":
                    environment = environment.model_copy(update={"region": REGIONS[partition]})
                MlEnvironment(app, environment.name, environment=environment)
            app.synth()
            folders[name, partition] = folder
        return folders[name, partition]

    return synthesize
