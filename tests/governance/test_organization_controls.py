from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance import ControlTowerControl, EnabledControls, OrganizationControls, RequiredTags
from mlgov_constructs.governance.enabled_controls import AT_ONCE, DEFAULT
from mlgov_constructs.governance.management_policies import ec2_policy
from tests.governance.conftest import REGIONS
from tests.quality.iam_names import check_iam_names
from tests.quality.partitions import check_partition
from tests.templates import Template, of_type

ARGUMENTS: dict[str, Any] = {
    "organization_id": "o-exampleorg1",
    "target_ids": ["ou-ab12-11111111"],
    "allowed_regions": ["eu-west-1"],
}
UNITS = ["ou-ab12-11111111", "ou-ab12-22222222"]
TOWER = "arn:*:iam::*:role/AWSControlTowerExecution"


def _build(app: cdk.App) -> None:
    OrganizationControls(
        cdk.Stack(app, "full"),
        "Controls",
        **ARGUMENTS,
        required_tags=RequiredTags({"owner": [], "cost-center": ["ml-0001"]}),
        tags_enforced_for=["s3:bucket"],
        control_tower_unit_ids=UNITS,
        control_tower_controls=[*DEFAULT, "AWS-GR_ENCRYPTED_VOLUMES", "503uicglhjkokaajywfpt6ros"],
        name_prefix="acme",
    )
    for partition, region in REGIONS.items():
        OrganizationControls(
            cdk.Stack(app, partition, env=cdk.Environment(region=region)),
            "Controls",
            **{**ARGUMENTS, "allowed_regions": [region]},
            exempt_roles=["arn:*:iam::*:role/BreakGlass"],
            required_tags=RequiredTags({"owner": []}),
            control_tower_unit_ids=[] if partition == "aws-cn" else UNITS,
        )
    OrganizationControls(
        cdk.Stack(app, "plain"),
        "Controls",
        **ARGUMENTS,
        internet_gateways=Relaxation("Egress runs through the inspection VPC, ADR-7"),
    )


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build)


def test_what_is_allowed_reaches_the_guardrails() -> None:
    controls = OrganizationControls(
        cdk.Stack(cdk.App(), "Stack"),
        "Controls",
        **ARGUMENTS,
        allowed_subnets=["subnet-0123456789abcdef0"],
        allowed_instance_types=["ml.m5.large"],
        outbound_network=Relaxation("Jobs call a licence server, RISK-31"),
    )
    said = json.dumps([policy.content for policy in controls.guardrails.policies])
    assert "subnet-0123456789abcdef0" in said
    assert "ml.m5.large" in said
    claimed = [policy.get_metadata("mlgov").get("deviations", []) for policy in controls.guardrails.policies]
    assert [each["reason"] for each in claimed[0]] == ["Jobs call a licence server, RISK-31"]


def test_no_gateway_reaches_the_internet_unless_it_is_said() -> None:
    assert "vpc_block_public_access" in ec2_policy()["ec2_attributes"]


def contents(template: Template) -> dict[str, Any]:
    """The content of every policy by its name."""
    policies = of_type(template, "AWS::Organizations::Policy").values()
    return {policy["Properties"]["Name"]: policy["Properties"]["Content"] for policy in policies}


def test_every_policy_waits_for_the_one_before(templates: dict[str, Template]) -> None:
    policies = of_type(templates["full"], "AWS::Organizations::Policy")
    waits = [tuple(policy.get("DependsOn", ())) for policy in policies.values()]
    assert len(policies) == 8
    assert sorted(map(len, waits)) == [0, *[1] * 7]
    assert len(set(waits)) == 8


def test_names_begin_with_the_prefix(templates: dict[str, Template]) -> None:
    assert all(name.startswith("acme-") for name in contents(templates["full"]))


def test_content_of_ai_services_is_not_kept(templates: dict[str, Template]) -> None:
    default = contents(templates["plain"])["mlgov-ai-services"]["services"]["default"]
    assert default["opt_out_policy"]["@@assign"] == "optOut"


def test_no_child_may_opt_in(templates: dict[str, Template]) -> None:
    services = contents(templates["plain"])["mlgov-ai-services"]["services"]
    for place in (services, services["default"], services["default"]["opt_out_policy"]):
        assert place["@@operators_allowed_for_child_policies"] == ["@@none"]


@pytest.mark.parametrize(
    ("attribute", "path", "value"),
    [
        ("instance_metadata_defaults", ["http_tokens"], "required"),
        ("image_block_public_access", ["state"], "block_new_sharing"),
        ("snapshot_block_public_access", ["state"], "block_all_sharing"),
        ("serial_console_access", ["status"], "disabled"),
        ("vpc_block_public_access", ["internet_gateway_block", "mode"], "block_bidirectional"),
        ("vpc_block_public_access", ["internet_gateway_block", "exclusions_allowed"], "disabled"),
    ],
)
def test_ec2_is_set(templates: dict[str, Template], attribute: str, path: list[str], value: str) -> None:
    place = contents(templates["full"])["acme-ec2"]["ec2_attributes"][attribute]
    for key in path:
        place = place[key]
    assert place == {"@@assign": value, "@@operators_allowed_for_child_policies": ["@@none"]}


def test_policies_of_settings_claim_their_controls(templates: dict[str, Template]) -> None:
    claimed = {
        policy["Properties"]["Name"]: policy["Metadata"]["mlgov"]
        for policy in of_type(templates["full"], "AWS::Organizations::Policy").values()
    }
    assert claimed["acme-ai-services"] == {"controls": ["MLG-GOV-30", "MLG-GOV-34"]}
    assert claimed["acme-ec2"] == {"controls": ["MLG-GOV-30", "MLG-GOV-35"]}


def test_a_way_to_the_internet_needs_a_reason(templates: dict[str, Template]) -> None:
    assert "vpc_block_public_access" not in contents(templates["plain"])["mlgov-ec2"]["ec2_attributes"]
    (record,) = (
        policy["Metadata"]["mlgov"]
        for policy in of_type(templates["plain"], "AWS::Organizations::Policy").values()
        if policy["Properties"]["Type"] == "DECLARATIVE_POLICY_EC2"
    )
    assert record["controls"] == ["MLG-GOV-30"]
    assert record["deviations"] == [
        {"control": "MLG-GOV-35", "reason": "Egress runs through the inspection VPC, ADR-7"}
    ]


def test_tags_are_required_when_they_are_declared(templates: dict[str, Template]) -> None:
    assert contents(templates["full"])["acme-required-tags-tags"]["tags"]["cost-center"]["enforced_for"] == {
        "@@assign": ["s3:bucket"]
    }
    assert not [name for name in contents(templates["plain"]) if "required-tags" in name]


def test_a_unit_has_places_for_every_service_control_policy(templates: dict[str, Template]) -> None:
    policies = of_type(templates["full"], "AWS::Organizations::Policy").values()
    kinds = [policy["Properties"]["Type"] for policy in policies]
    # Five with FullAWSAccess, the least that AWS Organizations ever had.
    assert kinds.count("SERVICE_CONTROL_POLICY") + 1 <= 5
    assert kinds.count("RESOURCE_CONTROL_POLICY") + 1 <= 5


def test_control_tower_may_work_where_it_has_units(templates: dict[str, Template]) -> None:
    policies = contents(templates["full"])
    held = [
        *policies["acme-sagemaker"]["Statement"],
        *policies["acme-limits"]["Statement"],
        *policies["acme-required-tags-refusal"]["Statement"],
    ]
    assert all(TOWER in each["Condition"]["ArnNotLike"]["aws:PrincipalArn"] for each in held)
    assert "ArnNotLike" not in str(contents(templates["plain"]))


def test_controls_are_on_for_each_unit(templates: dict[str, Template]) -> None:
    enabled = of_type(templates["full"], "AWS::ControlTower::EnabledControl")
    assert len(enabled) == 2 * (len(DEFAULT) + 2)
    targets = {str(each["Properties"]["TargetIdentifier"]) for each in enabled.values()}
    assert {unit for unit in UNITS if any(f":ou/o-exampleorg1/{unit}" in target for target in targets)} == set(UNITS)
    assert not of_type(templates["plain"], "AWS::ControlTower::EnabledControl")


def identifiers(template: Template) -> list[str]:
    return [
        str(each["Properties"]["ControlIdentifier"])
        for each in of_type(template, "AWS::ControlTower::EnabledControl").values()
    ]


@pytest.mark.parametrize("control", [control for control in DEFAULT if "NOTEBOOK" in control.name])
def test_notebooks_are_held_by_default(templates: dict[str, Template], control: ControlTowerControl) -> None:
    assert any(f":controlcatalog:::control/{control.value}" in each for each in identifiers(templates["full"]))


def test_a_legacy_control_is_named_in_its_region(templates: dict[str, Template]) -> None:
    (legacy,) = {each for each in identifiers(templates["full"]) if "AWS-GR_" in each}
    assert "'Ref': 'AWS::Region'" in legacy
    assert "::control/AWS-GR_ENCRYPTED_VOLUMES" in legacy


def test_only_some_operations_run_at_once(templates: dict[str, Template]) -> None:
    enabled = of_type(templates["full"], "AWS::ControlTower::EnabledControl")
    waiting = [each for each in enabled.values() if "DependsOn" in each]
    assert len(enabled) - len(waiting) == AT_ONCE
    assert len({each["DependsOn"][0] for each in waiting}) == len(waiting)


def test_no_identifier_stands_twice() -> None:
    # An alias would name the first member.
    assert len(ControlTowerControl.__members__) == len(list(ControlTowerControl))


def test_every_action_and_key_exists(templates: dict[str, Template]) -> None:
    assert check_iam_names(templates["full"]) == []


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("target_ids", [], "target_ids is empty"),
        ("tags_enforced_for", ["bucket"], "enforced_for holds 'bucket', which is no type"),
        ("control_tower_unit_ids", ["111122223333"], "'111122223333' is no unit"),
        ("control_tower_controls", [], "controls is empty"),
        ("control_tower_controls", ["CT.SAGEMAKER.PR.1"], "'CT.SAGEMAKER.PR.1' is no control of Control Tower"),
    ],
)
def test_what_cannot_be_is_refused(argument: str, value: object, message: str) -> None:
    arguments = {
        **ARGUMENTS,
        "control_tower_unit_ids": UNITS,
        "required_tags": RequiredTags({"owner": []}),
        argument: value,
    }
    stack = cdk.Stack(cdk.App(), "organization")
    with pytest.raises(ConstructError, match=message) as caught:
        OrganizationControls(stack, "Controls", **arguments)
    assert caught.value.path.startswith("organization/Controls/")
    assert stack.node.try_find_child("Controls") is None


def test_control_tower_needs_the_id_of_the_organization() -> None:
    stack = cdk.Stack(cdk.App(), "organization")
    with pytest.raises(ConstructError, match="'exampleorg1' is no organization"):
        EnabledControls(stack, "Controls", organization_id="exampleorg1", unit_ids=UNITS)


def test_controls_need_a_unit() -> None:
    with pytest.raises(ConstructError, match="unit_ids is empty"):
        EnabledControls(cdk.Stack(cdk.App(), "organization"), "Tower", organization_id="o-exampleorg1", unit_ids=[])


def test_china_has_no_control_tower() -> None:
    stack = cdk.Stack(cdk.App(), "organization", env=cdk.Environment(region="cn-north-1"))
    with pytest.raises(ConstructError, match="cn-north-1 has no AWS Control Tower"):
        OrganizationControls(stack, "Controls", **ARGUMENTS, control_tower_unit_ids=UNITS)


def test_china_has_no_policies_on_ai_services(templates: dict[str, Template]) -> None:
    kinds = {
        partition: {
            each["Properties"]["Type"] for each in of_type(templates[partition], "AWS::Organizations::Policy").values()
        }
        for partition in REGIONS
    }
    assert [partition for partition, found in kinds.items() if "AISERVICES_OPT_OUT_POLICY" not in found] == ["aws-cn"]
    assert all("DECLARATIVE_POLICY_EC2" in found for found in kinds.values())


@pytest.mark.parametrize("partition", REGIONS)
def test_nothing_says_which_partition_it_is(templates: dict[str, Template], partition: str) -> None:
    assert check_partition(templates[partition], partition) == []
