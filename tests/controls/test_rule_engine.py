"""What the engine runs, and what it may leave out."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from mlgov_constructs.controls import CATALOGUE, Control, RuleEngine, Status, TemplateError
from mlgov_constructs.controls.rule_engine import RESOURCE_TYPE, RuleError

BY_PATTERN = re.compile(r"Type\s*(?:==|!=|in|IN)\s*/\^?A")


@pytest.mark.parametrize("control", CATALOGUE.values(), ids=CATALOGUE)
def test_a_rule_names_the_types_that_it_is_about(control: Control) -> None:
    """A rule runs only where one of its types is, so it must spell them out."""
    assert RESOURCE_TYPE.search(control.guard_rule)
    assert not BY_PATTERN.search(control.guard_rule)


def test_each_type_alone_brings_its_rule() -> None:
    gateway = {"Resources": {"Igw": {"Type": "AWS::EC2::EgressOnlyInternetGateway", "Properties": {}}}}
    assert "MLG-NET-01" in [finding.control.id for finding in RuleEngine().check_text(json.dumps(gateway))]


def test_a_template_in_yaml_brings_its_rules() -> None:
    text = "Resources:\n  Igw:\n    Type: AWS::EC2::InternetGateway\n"
    assert [finding.control.id for finding in RuleEngine().check_text(text)] == ["MLG-NET-01"]


@pytest.mark.parametrize("text", ["[]", "3", '{"Resources": []}', '{"Resources": {"Igw": 1}}'])
def test_json_that_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(TemplateError, match="is no CloudFormation template"):
        RuleEngine().check_text(text)


@pytest.mark.parametrize(
    "metadata",
    [
        "text",
        {"mlgov": None},
        {"mlgov": {"controls": "MLG-NET-01", "deviations": [1, {"control": "MLG-NET-01"}]}, "aws:cdk:path": 3},
    ],
    ids=["no object", "no record", "no record of ours"],
)
def test_metadata_of_others_claim_and_excuse_nothing(metadata: object) -> None:
    gateway = {"Type": "AWS::EC2::InternetGateway", "Metadata": metadata}
    (finding,) = RuleEngine([CATALOGUE["MLG-NET-01"]]).check_text(json.dumps({"Resources": {"Igw": gateway}}))
    assert (finding.status, finding.reason, finding.claimed) == (Status.FAILED, "", False)


def test_a_rule_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    control = CATALOGUE["MLG-NET-01"]
    monkeypatch.setattr(Control, "guard_rule", property(lambda _: "rule X { AWS::EC2::InternetGateway"))
    with pytest.raises(RuleError, match="cannot be compiled"):
        RuleEngine([dataclasses.replace(control)]).check_text(
            '{"Resources": {"I": {"Type": "AWS::EC2::InternetGateway"}}}'
        )
