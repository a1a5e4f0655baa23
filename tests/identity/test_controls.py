from __future__ import annotations

import json

import pytest

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from tests.templates import Template, of_type

OWN = ("Boundary", "Notebook", "Training", "Processing", "Pipeline", "Scientist")


@pytest.mark.parametrize("control", [control for control in CATALOGUE if control.startswith("MLG-IDN-")])
def test_no_identity_rule_fails_on_our_roles(identity: Template, control: str) -> None:
    findings = RuleEngine([CATALOGUE[control]]).check_text(json.dumps(identity))
    assert [finding.logical_id for finding in findings if finding.logical_id.startswith(OWN)] == []


def test_claims_are_made_on_the_policy_too(identity: Template) -> None:
    claims = [
        policy["Metadata"]["mlgov"]["controls"]
        for name, policy in of_type(identity, "AWS::IAM::ManagedPolicy").items()
        if policy["Properties"].get("Roles") and not name.startswith("Vpc")
    ]
    assert len(claims) > 10
    assert all(claim == ["MLG-IDN-02", "MLG-IDN-05", "MLG-IDN-07"] for claim in claims)
