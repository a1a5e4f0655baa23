"""Many templates, checked on all processors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlgov_constructs.controls import CATALOGUE, RuleEngine, TemplateError, check_templates, parallel_check

GATEWAY = json.dumps({"Resources": {"Igw": {"Type": "AWS::EC2::InternetGateway"}}})
USER = json.dumps({"Resources": {"User": {"Type": "AWS::IAM::User"}}})
CONTROLS = [CATALOGUE["MLG-NET-01"], CATALOGUE["MLG-IDN-06"]]


@pytest.mark.parametrize("least", [1, 10**9], ids=["processes", "alone"])
def test_each_template_has_its_own_findings_in_the_order_given(monkeypatch: pytest.MonkeyPatch, least: int) -> None:
    monkeypatch.setattr(parallel_check, "LEAST_FOR_A_PROCESS", least)
    templates = [(Path("a"), USER), (Path("b"), "{}"), (Path("c"), GATEWAY)]
    user, empty, gateway = check_templates(templates, CONTROLS)
    assert isinstance(user, list)
    assert [finding.control.id for finding in user] == ["MLG-IDN-06"]
    assert user == RuleEngine(CONTROLS).check_text(USER, Path("a"))
    assert isinstance(gateway, list)
    assert [(finding.control.id, finding.template) for finding in gateway] == [("MLG-NET-01", Path("c"))]
    assert empty == []


def test_nothing_gives_nothing() -> None:
    assert check_templates([], CONTROLS) == []


def test_a_template_that_cannot_be_read_keeps_no_other_from_being_checked() -> None:
    broken, gateway = check_templates([(Path("a"), "Resources: ["), (Path("b"), GATEWAY)], CONTROLS)
    assert isinstance(broken, TemplateError)
    assert isinstance(gateway, list)
    assert gateway
