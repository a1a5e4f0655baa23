from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from tests.protection.conftest import REGIONS


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(protection: dict[str, Any], partition: str) -> None:
    assert "arn:aws" not in json.dumps(protection[partition])


@pytest.mark.parametrize("partition", REGIONS)
def test_hosts_take_the_suffix_of_the_partition(protection: dict[str, Any], partition: str) -> None:
    text = json.dumps(protection[partition])
    assert "AWS::URLSuffix" in text
    assert f"{REGIONS[partition]}.amazonaws.com" not in text


@pytest.mark.parametrize("stack", ["keys", "data", "classes", "immutable", "topics", *REGIONS])
def test_every_rule_of_the_area_holds(protection: dict[str, Any], stack: str) -> None:
    engine = RuleEngine(control for name, control in CATALOGUE.items() if name.startswith("MLG-PRT-"))
    findings = engine.check_text(json.dumps(protection[stack]))
    failed = [(finding.control.id, finding.logical_id) for finding in findings if finding.status is Status.FAILED]
    assert failed == []
