"""Snapshots of every template of both environments and of the organization: a change of one must be meant."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from mlgov_constructs.catalog.template_document import identity_of, version_number
from mlgov_constructs.cli.targets import find_templates
from tests.environments import ORGANIZATION

HASH = re.compile(r"[0-9a-f]{64}")
STACKS = (
    "foundation",
    "data",
    "registry",
    "workspace",
    "catalog",
    "mlops",
    "serving",
    "inventory",
    "governance",
    "bill",
    "compliance",
)
# The sandbox serves nothing until a version is approved, and leaves its bill alone.
ABSENT = {("sandbox", "serving"), ("sandbox", "bill")}
PRODUCTS = ("notebook", "studio", "feature-group", "training-pipeline", "model-endpoint", "project")
SNAPSHOTS = [
    *(
        (environment, stack)
        for environment in ("sandbox", "production")
        for stack in (*STACKS, *PRODUCTS)
        if (environment, stack) not in ABSENT
    ),
    (ORGANIZATION, ORGANIZATION),
]


@pytest.fixture(scope="session")
def templates(assembly: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """The templates of both environments and of the organization, by environment and stack; a product's newest."""
    found = {}
    for environment in ("sandbox", "production", ORGANIZATION):
        read = [(path, json.loads(path.read_text("utf-8"))) for path in find_templates([assembly(environment, "aws")])]
        for path, template in sorted(read, key=lambda one: _version(one[1])):
            found[environment, _name(path, template)] = _normalized(template)
    return found


@pytest.mark.parametrize(("environment", "stack"), SNAPSHOTS)
def test_template_is_as_it_was(
    templates: dict[tuple[str, str], dict[str, Any]], snapshot: SnapshotAssertion, environment: str, stack: str
) -> None:
    assert templates[environment, stack] == snapshot.use_extension(JSONSnapshotExtension)


def test_every_template_has_a_snapshot(templates: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert set(templates) == set(SNAPSHOTS)


def _name(path: Path, template: dict[str, Any]) -> str:
    product = identity_of(template)
    return product[0] if product else next(stack for stack in (*STACKS, ORGANIZATION) if stack in path.name)


def _version(template: dict[str, Any]) -> int:
    product = identity_of(template)
    return (version_number(product[1]) or 0) if product else 0


def _normalized(template: Any) -> Any:
    """Without what changes with every asset and CDK version and means nothing."""
    template.get("Parameters", {}).pop("BootstrapVersion", None)
    template.get("Rules", {}).pop("CheckBootstrapVersion", None)
    return json.loads(HASH.sub("<hash>", json.dumps(template)))
