from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance import OrganizationGuardrails
from tests.quality.iam_names import check_iam_names
from tests.templates import Template, of_type

ARGUMENTS: dict[str, Any] = {
    "organization_id": "o-exampleorg1",
    "target_ids": ["ou-ab12-11111111"],
    "allowed_regions": ["eu-west-1"],
}


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        OrganizationGuardrails(
            cdk.Stack(app, "organization"),
            "Guardrails",
            **ARGUMENTS,
            allowed_subnets=["subnet-0a1b2c3d4e5f60718"],
            allowed_instance_types=["ml.m5.*"],
            exempt_roles=["arn:aws:iam::*:role/BreakGlass"],
        )

    return synthesize(build)["organization"]


@pytest.fixture
def statements(template: Template) -> dict[str, dict[str, Any]]:
    """Every statement by its Sid."""
    policies = of_type(template, "AWS::Organizations::Policy").values()
    return {each["Sid"]: each for policy in policies for each in policy["Properties"]["Content"]["Statement"]}


def test_policies_are_attached_one_after_the_other(template: Template) -> None:
    policies = of_type(template, "AWS::Organizations::Policy")
    kinds = sorted(policy["Properties"]["Type"] for policy in policies.values())
    assert kinds == ["RESOURCE_CONTROL_POLICY", *["SERVICE_CONTROL_POLICY"] * 3]
    assert all(policy["Properties"]["TargetIds"] == ["ou-ab12-11111111"] for policy in policies.values())
    assert len([policy for policy in policies.values() if "DependsOn" in policy]) == len(policies) - 1


def test_policies_only_deny_and_fit(template: Template, statements: dict[str, dict[str, Any]]) -> None:
    assert {each["Effect"] for each in statements.values()} == {"Deny"}
    for policy in of_type(template, "AWS::Organizations::Policy").values():
        assert len(json.dumps(policy["Properties"]["Content"], separators=(",", ":"))) <= 5120


def test_every_action_and_key_exists(template: Template) -> None:
    assert check_iam_names(template) == []


def test_exempt_roles_pass_service_control_policies_alone(statements: dict[str, dict[str, Any]]) -> None:
    exempt = {sid for sid, each in statements.items() if "ArnNotLike" in each["Condition"]}
    assert set(statements) - exempt == {"OnlyOurPrincipals", "NoConfusedDeputy", "OnlyEncrypted"}


@pytest.mark.parametrize("sid", ["OnlyOurPrincipals", "DataStays"])
def test_services_pass_the_perimeter(statements: dict[str, dict[str, Any]], sid: str) -> None:
    assert statements[sid]["Condition"]["BoolIfExists"]["aws:PrincipalIsAWSService"] == "false"


def test_subnets_and_instances_are_named(statements: dict[str, dict[str, Any]]) -> None:
    subnets = statements["OnlyInTheseSubnets"]["Condition"]["ForAnyValue:StringNotEquals"]
    assert subnets == {"sagemaker:VpcSubnets": ["subnet-0a1b2c3d4e5f60718"]}
    instances = statements["OnlyTheseInstances"]["Condition"]["ForAnyValue:StringNotLike"]
    assert instances == {"sagemaker:InstanceTypes": ["ml.m5.*", "system"]}
    assert "sagemaker:CreateApp" in statements["OnlyTheseInstances"]["Action"]


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("target_ids", [], "target_ids is empty"),
        ("allowed_regions", [], "allowed_regions is empty"),
        ("allowed_subnets", [f"subnet-{number:017}" for number in range(80)], r"the policy sagemaker takes \d+ char"),
    ],
)
def test_what_cannot_be_is_refused(argument: str, value: list[str], message: str) -> None:
    with pytest.raises(ConstructError, match=message):
        OrganizationGuardrails(cdk.Stack(cdk.App(), "organization"), "Guardrails", **{**ARGUMENTS, argument: value})
