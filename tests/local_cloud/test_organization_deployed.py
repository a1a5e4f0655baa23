"""The rules of an organization and controls of Control Tower, deployed, changed, read back and removed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.governance import ControlTowerControl, OrganizationControls, RequiredTags
from tests.local_cloud.conftest import Cloud
from tests.templates import Template

ACCOUNT, ORGANIZATION = "123456789012", "o-exampleorg1"
UNIT = f"arn:aws:organizations::{ACCOUNT}:ou/{ORGANIZATION}/ou-ab12-11111111"
CONTROL = f"arn:aws:controlcatalog:::control/{ControlTowerControl.REQUIRE_NOTEBOOK_IN_VPC.value}"
KINDS = ("AISERVICES_OPT_OUT_POLICY", "DECLARATIVE_POLICY_EC2", "RESOURCE_CONTROL_POLICY", "TAG_POLICY")


def enabled(control: str = CONTROL, unit: str = UNIT, **more: Any) -> dict[str, Any]:
    properties = {"ControlIdentifier": control, "TargetIdentifier": unit, **more}
    return {"Type": "AWS::ControlTower::EnabledControl", "Properties": properties}


@pytest.fixture
def root(cloud: Cloud) -> Iterator[str]:
    """The root of the organization, with every kind of policy enabled."""
    organizations = cloud.client("organizations")
    (found,) = organizations.list_roots()["Roots"]
    for kind in KINDS:
        organizations.enable_policy_type(RootId=found["Id"], PolicyType=kind)
    yield str(found["Id"])
    for kind in KINDS:
        organizations.disable_policy_type(RootId=found["Id"], PolicyType=kind)


def test_the_rules_of_an_organization_are_deployed(
    cloud: Cloud, root: str, synthesize: Callable[..., dict[str, Template]]
) -> None:
    def build(app: cdk.App) -> None:
        OrganizationControls(
            cdk.Stack(app, "rules", synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)),
            "Controls",
            organization_id=ORGANIZATION,
            target_ids=[root],
            allowed_regions=["us-east-1"],
            exempt_roles=["arn:*:iam::*:role/BreakGlass"],
            required_tags=RequiredTags({"owner": []}),
            control_tower_unit_ids=["ou-ab12-11111111"],
        )

    resources = synthesize(build)["rules"]["Resources"]
    stack = cloud.stack(**{name: each for name, each in resources.items() if each["Type"] != "AWS::CDK::Metadata"})
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    organizations, tower = cloud.client("organizations"), cloud.client("controltower")
    attached = {
        each["Name"]: each["Id"]
        for kind in ("SERVICE_CONTROL_POLICY", *KINDS)
        for each in organizations.list_policies_for_target(TargetId=root, Filter=kind)["Policies"]
        if each["Name"].startswith("mlgov-")
    }
    assert len(attached) == 8
    ec2 = json.loads(organizations.describe_policy(PolicyId=attached["mlgov-ec2"])["Policy"]["Content"])
    assert ec2["ec2_attributes"]["instance_metadata_defaults"]["http_tokens"]["@@assign"] == "required"
    limits = json.loads(organizations.describe_policy(PolicyId=attached["mlgov-limits"])["Policy"]["Content"])
    assert limits["Statement"][-1]["Condition"]["StringNotEquals"] == {"aws:RequestedRegion": ["us-east-1"]}
    controls = tower.list_enabled_controls(targetIdentifier=UNIT)["enabledControls"]
    assert CONTROL in [each["controlIdentifier"] for each in controls]
    assert {each["statusSummary"]["status"] for each in controls} == {"SUCCEEDED"}
    assert stack.delete() == "DELETE_COMPLETE"
    assert tower.list_enabled_controls(targetIdentifier=UNIT)["enabledControls"] == []


def test_a_control_is_turned_on_changed_and_off(cloud: Cloud) -> None:
    tower = cloud.client("controltower")
    regions = [{"Key": "AllowedRegions", "Value": ["eu-west-1"]}]
    stack = cloud.stack(One=enabled(Parameters=regions, Tags=[{"Key": "owner", "Value": "ana"}]))
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    assert stack.id("One") == f"{UNIT}|{CONTROL}"
    (found,) = tower.list_enabled_controls(targetIdentifier=UNIT)["enabledControls"]
    details = tower.get_enabled_control(enabledControlIdentifier=found["arn"])["enabledControlDetails"]
    assert details["parameters"] == [{"key": "AllowedRegions", "value": ["eu-west-1"]}]
    assert tower.list_tags_for_resource(resourceArn=found["arn"])["tags"]["owner"] == "ana"
    wider = [{"Key": "AllowedRegions", "Value": ["eu-west-1", "eu-central-1"]}]
    changed = enabled(Parameters=wider, Tags=[{"Key": "team", "Value": "ml"}])
    assert stack.update(One=changed) == "UPDATE_COMPLETE", stack.failures()
    (same,) = tower.list_enabled_controls()["enabledControls"]
    assert same["arn"] == found["arn"]
    details = tower.get_enabled_control(enabledControlIdentifier=found["arn"])["enabledControlDetails"]
    assert details["parameters"] == [{"key": "AllowedRegions", "value": ["eu-west-1", "eu-central-1"]}]
    assert "owner" not in tower.list_tags_for_resource(resourceArn=found["arn"])["tags"]
    assert stack.delete() == "DELETE_COMPLETE"
    assert tower.list_enabled_controls()["enabledControls"] == []


@pytest.mark.parametrize(
    ("resources", "why"),
    [
        ({"One": enabled("arn:aws:controlcatalog:::control/CT-SAGEMAKER-PR-1")}, "was not found"),
        ({"One": enabled(unit=f"arn:aws:organizations::{ACCOUNT}:account/{ORGANIZATION}/{ACCOUNT}")}, "is no organ"),
        ({"One": enabled(), "Two": {**enabled(), "DependsOn": "One"}}, "already enabled"),
        ({"One": enabled(Regions=["eu-west-1"])}, "Regions"),
    ],
)
def test_what_control_tower_refuses_is_refused(cloud: Cloud, resources: dict[str, Any], why: str) -> None:
    stack = cloud.stack(**resources)
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert why in stack.failures()
    assert cloud.client("controltower").list_enabled_controls()["enabledControls"] == []


def test_an_operation_is_over_at_once(cloud: Cloud) -> None:
    tower = cloud.client("controltower")
    begun = tower.enable_control(controlIdentifier=CONTROL, targetIdentifier=UNIT)
    operation = tower.get_control_operation(operationIdentifier=begun["operationIdentifier"])["controlOperation"]
    assert (operation["operationType"], operation["status"]) == ("ENABLE_CONTROL", "SUCCEEDED")
    tower.disable_control(enabledControlIdentifier=begun["arn"])
    with pytest.raises(tower.exceptions.ResourceNotFoundException):
        tower.get_enabled_control(enabledControlIdentifier=begun["arn"])
