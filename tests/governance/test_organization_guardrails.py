from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance import OrganizationGuardrails
from tests.quality.iam_names import check_iam_names
from tests.templates import Template, of_type

ARGUMENTS: dict[str, Any] = {
    "organization_id": "o-exampleorg1",
    "target_ids": ["ou-ab12-11111111"],
    "allowed_regions": ["eu-west-1"],
}
BREAK_GLASS, DEPLOYMENT = "arn:aws:iam::*:role/BreakGlass", "arn:aws:iam::*:role/cdk-*-cfn-exec-role-*"
RESOURCE_CONTROL = {"OnlyOurPrincipals", "NoConfusedDeputy", "OnlyEncrypted"}


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        OrganizationGuardrails(
            cdk.Stack(app, "organization"),
            "Guardrails",
            **ARGUMENTS,
            allowed_subnets=["subnet-0a1b2c3d4e5f60718"],
            allowed_instance_types=["ml.m5.*"],
            exempt_roles=[BREAK_GLASS],
            deployment_roles=[DEPLOYMENT],
        )
        OrganizationGuardrails(
            cdk.Stack(app, "relaxed"),
            "Guardrails",
            **ARGUMENTS,
            outbound_network=Relaxation("Models of a partner fetch their licence, ADR-31"),
        )

    return synthesize(build)


@pytest.fixture
def template(templates: dict[str, Template]) -> Template:
    return templates["organization"]


def statements_of(template: Template) -> dict[str, dict[str, Any]]:
    policies = of_type(template, "AWS::Organizations::Policy").values()
    return {each["Sid"]: each for policy in policies for each in policy["Properties"]["Content"]["Statement"]}


@pytest.fixture
def statements(template: Template) -> dict[str, dict[str, Any]]:
    """Every statement by its Sid."""
    return statements_of(template)


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


def test_policies_claim_their_controls(template: Template) -> None:
    claims = {
        policy["Properties"]["Name"]: policy["Metadata"]["mlgov"]["controls"]
        for policy in of_type(template, "AWS::Organizations::Policy").values()
    }
    assert claims == {
        "mlgov-sagemaker": ["MLG-GOV-30", "MLG-GOV-31", "MLG-GOV-36"],
        "mlgov-limits": ["MLG-GOV-30", "MLG-GOV-31", "MLG-GOV-32"],
        "mlgov-perimeter": ["MLG-GOV-30", "MLG-GOV-31"],
        "mlgov-identities": ["MLG-GOV-30", "MLG-GOV-33"],
    }


def test_exempt_roles_pass_service_control_policies_alone(statements: dict[str, dict[str, Any]]) -> None:
    exempt = {sid for sid, each in statements.items() if "ArnNotLike" in each["Condition"]}
    assert set(statements) - exempt == RESOURCE_CONTROL


def test_deployment_roles_pass_the_evidence_alone(statements: dict[str, dict[str, Any]]) -> None:
    passing = {
        sid
        for sid, each in statements.items()
        if DEPLOYMENT in each["Condition"].get("ArnNotLike", {}).get("aws:PrincipalArn", [])
    }
    assert passing == {"EvidenceStays"}


def test_nobody_else_makes_a_role_of_an_exempt_name(statements: dict[str, dict[str, Any]]) -> None:
    kept = statements["ExemptRolesStay"]
    assert kept["Resource"] == [BREAK_GLASS, DEPLOYMENT]
    assert {"iam:CreateRole", "iam:PutRole*", "iam:UpdateAssumeRolePolicy"} <= set(kept["Action"])
    assert kept["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": [BREAK_GLASS]}}


def test_without_exempt_roles_nothing_is_exempt(templates: dict[str, Template]) -> None:
    found = statements_of(templates["relaxed"])
    assert "ExemptRolesStay" not in found
    assert not [sid for sid, each in found.items() if "ArnNotLike" in each.get("Condition", {})]


def test_models_are_isolated_unless_there_is_a_reason(
    templates: dict[str, Template], statements: dict[str, dict[str, Any]]
) -> None:
    assert statements["ModelsAreIsolated"]["Condition"]["BoolIfExists"] == {"sagemaker:NetworkIsolation": "false"}
    assert "ModelsAreIsolated" not in statements_of(templates["relaxed"])
    deviations = [
        deviation
        for policy in of_type(templates["relaxed"], "AWS::Organizations::Policy").values()
        for deviation in policy["Metadata"]["mlgov"].get("deviations", ())
    ]
    reason = "Models of a partner fetch their licence, ADR-31"
    assert deviations == [{"control": "MLG-GOV-36", "reason": reason}]


def test_volumes_of_transforms_have_a_key(statements: dict[str, dict[str, Any]]) -> None:
    held = statements["TransformVolumesHaveAKey"]
    assert held["Action"] == "sagemaker:CreateTransformJob"
    assert held["Condition"]["Null"] == {"sagemaker:VolumeKmsKeyArn": "true"}


@pytest.mark.parametrize("sid", ["OnlyOurPrincipals", "DataStays"])
def test_services_pass_the_perimeter(statements: dict[str, dict[str, Any]], sid: str) -> None:
    assert statements[sid]["Condition"]["BoolIfExists"]["aws:PrincipalIsAWSService"] == "false"


def test_subnets_and_instances_are_named(statements: dict[str, dict[str, Any]]) -> None:
    subnets = statements["OnlyInTheseSubnets"]["Condition"]["ForAnyValue:StringNotEquals"]
    assert subnets == {"sagemaker:VpcSubnets": ["subnet-0a1b2c3d4e5f60718"]}
    instances = statements["OnlyTheseInstances"]["Condition"]["ForAnyValue:StringNotLike"]
    assert instances == {"sagemaker:InstanceTypes": ["ml.m5.*", "system"]}


@pytest.mark.parametrize(
    "action", ["CreateApp", "CreateTransformJob", "CreateCluster", "UpdateNotebookInstance", "CreateSpace"]
)
def test_instances_are_limited_wherever_they_are_chosen(statements: dict[str, dict[str, Any]], action: str) -> None:
    assert f"sagemaker:{action}" in statements["OnlyTheseInstances"]["Action"]


@pytest.mark.parametrize("service", ["iam:*", "sts:*", "organizations:*", "support:*", "budgets:*"])
def test_the_limit_of_regions_spares_global_services(statements: dict[str, dict[str, Any]], service: str) -> None:
    assert service in statements["OnlyTheseRegions"]["NotAction"]
    assert "Action" not in statements["OnlyTheseRegions"]


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("target_ids", [], "target_ids is empty"),
        ("target_ids", ["ou-1"], "'ou-1' is no root, unit or account"),
        ("allowed_regions", [], "allowed_regions is empty"),
        ("allowed_regions", ["Europe"], "'Europe' is no region"),
        ("organization_id", "exampleorg1", "'exampleorg1' is no organization"),
        ("allowed_instance_types", ["m5.large"], "'m5.large' is no pattern of instance types"),
        ("exempt_roles", ["BreakGlass"], "'BreakGlass' is no pattern of certain roles"),
        ("exempt_roles", ["arn:*:iam::*:role/*"], "is no pattern of certain roles. Write it as in 'arn:"),
        ("deployment_roles", ["*"], "is no pattern of certain roles"),
        ("allowed_subnets", [f"subnet-{number:017}" for number in range(200)], r"the policy limits takes \d+ char"),
    ],
)
def test_what_cannot_be_is_refused(argument: str, value: object, message: str) -> None:
    with pytest.raises(ConstructError, match=message) as caught:
        OrganizationGuardrails(cdk.Stack(cdk.App(), "organization"), "Guardrails", **{**ARGUMENTS, argument: value})
    assert caught.value.path == "organization/Guardrails"
