"""The reference environments, synthesized once, in every partition."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from stacks.environment import load_environment
from stacks.ml_environment import MlEnvironment

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}

Assembly = Callable[[str, str], Path]


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Assembly:
    """Synthesize an environment in a partition, once a session, and return its cloud assembly."""
    folders: dict[tuple[str, str], Path] = {}

    def synthesize(name: str, partition: str) -> Path:
        if (name, partition) not in folders:
            folder = tmp_path_factory.mktemp(f"{name}-{partition}")
            environment = load_environment(ENVIRONMENTS / f"{name}.yaml")
            moved = environment.model_copy(update={"region": REGIONS[partition]})
            app = cdk.App(outdir=str(folder), context=cdk_context, analytics_reporting=False)
            MlEnvironment(app, moved.name, environment=moved)
            app.synth()
            folders[name, partition] = folder
        return folders[name, partition]

    return synthesize
