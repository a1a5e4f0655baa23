"""The stack of the management account."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import ControlRules
from stacks.organization_stack import OrganizationStack
from tests.templates import Template

ACCOUNT = cdk.Environment(account="111122223333", region="eu-west-1")
SETTINGS: dict[str, Any] = {
    "organization_id": "o-exampleorg1",
    "target_ids": ["ou-ab12-11111111"],
    "allowed_regions": ["eu-west-1"],
    "env": ACCOUNT,
}


@pytest.fixture(scope="module")
def organization(synthesize: Callable[..., dict[str, Template]]) -> Callable[..., Template]:
    def build(**settings: Any) -> Template:
        def stack(app: cdk.App) -> None:
            cdk.Validations.of(app).add_plugins(ControlRules())
            OrganizationStack(app, "organization", **SETTINGS, **settings)

        return synthesize(stack)["organization"]

    return build


def of_type(template: Template, resource_type: str) -> list[dict[str, Any]]:
    return [r["Properties"] for r in template["Resources"].values() if r["Type"] == resource_type]


def test_an_organization_without_arguments_holds_its_accounts(organization: Callable[..., Template]) -> None:
    template = organization()
    kinds = [policy["Type"] for policy in of_type(template, "AWS::Organizations::Policy")]
    expected = {"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "AISERVICES_OPT_OUT_POLICY"}
    assert set(kinds) == {*expected, "DECLARATIVE_POLICY_EC2"}
    assert of_type(template, "AWS::ControlTower::EnabledControl") == []


def test_tags_and_control_tower_come_when_they_are_named(organization: Callable[..., Template]) -> None:
    template = organization(
        required_tags={"cost-center": ["ml-0001"], "owner": []}, control_tower_unit_ids=["ou-ab12-11111111"]
    )
    policies = of_type(template, "AWS::Organizations::Policy")
    (tags,) = (policy for policy in policies if policy["Type"] == "TAG_POLICY")
    assert "ml-0001" in json.dumps(tags["Content"])
    controls = of_type(template, "AWS::ControlTower::EnabledControl")
    assert len(controls) > 5
    assert all("ou-ab12-11111111" in json.dumps(control["TargetIdentifier"]) for control in controls)


def test_who_deploys_may_set_up_what_is_guarded(organization: Callable[..., Template]) -> None:
    deployer = "arn:*:iam::*:role/cdk-*-cfn-exec-role-*"
    assert deployer in json.dumps(organization(deployment_roles=[deployer]))
    assert deployer not in json.dumps(organization())
