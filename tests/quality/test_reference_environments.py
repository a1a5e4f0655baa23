"""Every template of the reference environments and the organization passes every check, in every partition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.cli.targets import find_templates
from tests.environments import ORGANIZATION, REGIONS, Assembly
from tests.quality import lint
from tests.quality.budget import check_budget
from tests.quality.iam_names import check_iam_names
from tests.quality.partitions import check_partition
from tests.quality.policies import statements

NAMES = ("sandbox", "production", ORGANIZATION)
# What must be found in the templates, or the search for it is broken.
LEAST_STATEMENTS = {"sandbox": 50, "production": 50, ORGANIZATION: 20}

environments = pytest.mark.parametrize("name", NAMES)
partitions = pytest.mark.parametrize("partition", REGIONS)


def templates(folder: Path) -> dict[str, dict[str, Any]]:
    """Every template of an assembly, those of products included, by file name."""
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in find_templates([folder])}


@environments
def test_every_action_and_condition_key_exists(assembly: Assembly, name: str) -> None:
    found = templates(assembly(name, "aws"))
    assert sum(len(list(statements(template))) for template in found.values()) > LEAST_STATEMENTS[name]
    faults = [f"{file}: {fault}" for file, template in found.items() for fault in check_iam_names(template)]
    assert faults == []


@environments
def test_every_template_is_in_its_budget(assembly: Assembly, name: str) -> None:
    assert [fault for path in find_templates([assembly(name, "aws")]) for fault in check_budget(path)] == []


@partitions
@pytest.mark.parametrize("name", ["sandbox", ORGANIZATION])
def test_nothing_of_another_partition_is_written_down(assembly: Assembly, name: str, partition: str) -> None:
    found = templates(assembly(name, partition))
    faults = [f"{file}: {fault}" for file, template in found.items() for fault in check_partition(template, partition)]
    assert faults == []


def test_cfn_lint_has_nothing_to_say(assembly: Assembly) -> None:
    assemblies = [(name, "aws") for name in NAMES] + [
        (name, partition) for name in ("sandbox", ORGANIZATION) for partition in REGIONS
    ]
    findings = [
        finding
        for name, partition in dict.fromkeys(assemblies)
        for template in find_templates([assembly(name, partition)])
        for finding in lint.lint_findings(template, [REGIONS[partition]])
    ]
    assert lint.unexplained(findings) == []
    assert lint.unused(findings) == []
