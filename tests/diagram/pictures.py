"""Draws the pictures of the documentation: ``python -m tests.diagram.pictures``."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mlgov_constructs.cli.targets import find_templates
from mlgov_constructs.diagram import data_flow_picture, network_picture

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
NAMES = ("production", "sandbox")
VIEWS = {"data": data_flow_picture, "network": network_picture}


def pictures(name: str, cdk_out: Path) -> Iterator[tuple[Path, str]]:
    """The pictures of an environment, each with its file.

    Args:
        name: The environment.
        cdk_out: What its synthesis wrote.
    """
    templates = find_templates([cdk_out])
    for view, draw in VIEWS.items():
        yield FOLDER / f"{view}-{name}.svg", draw(templates)


def main() -> None:
    """Synthesize the reference environments and write their pictures."""
    # Before the first import of aws_cdk, as in the tests.
    os.environ.setdefault("CDK_VALIDATION", "false")
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
    from aws_cdk import App  # noqa: PLC0415

    from stacks.environment import load_environment  # noqa: PLC0415
    from stacks.ml_environment import MlEnvironment  # noqa: PLC0415

    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    FOLDER.mkdir(exist_ok=True)
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            app = App(outdir=folder, context=context, analytics_reporting=False)
            environment = load_environment(ROOT / "environments" / f"{name}.yaml")
            MlEnvironment(app, environment.name, environment=environment)
            app.synth()
            for path, picture in pictures(name, Path(folder)):
                path.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
