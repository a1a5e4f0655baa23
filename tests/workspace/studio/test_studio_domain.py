from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import GovernedRole, JobType, PermissionsBoundary
from mlgov_constructs.workspace import STUDIO_SERVICES, StudioTeardown
from mlgov_constructs.workspace.studio.studio_properties import DOMAIN_CONTROLS
from tests.templates import Template, of_type
from tests.workspace.studio.conftest import ground

IDLE = "AppLifecycleManagement/IdleSettings"


def resource(studio: Template, kind: str, name: str) -> dict[str, Any]:
    (found,) = (r for i, r in of_type(studio, kind).items() if re.fullmatch(rf"{name}[0-9A-F]{{8}}", i))
    return found


def domain(studio: Template, name: str = "Domain") -> dict[str, Any]:
    properties: dict[str, Any] = resource(studio, "AWS::SageMaker::Domain", name)["Properties"]
    return properties


def at(value: Any, path: str) -> Any:
    for key in path.split("/"):
        value = value[key]
    return value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("AppNetworkAccessType", "VpcOnly"),
        ("AuthMode", "IAM"),
        ("TagPropagation", "ENABLED"),
        ("DomainSettings/DockerSettings", {"EnableDockerAccess": "DISABLED", "VpcOnlyTrustedAccounts": []}),
        ("DomainSettings/ExecutionRoleIdentityConfig", "USER_PROFILE_NAME"),
        ("DefaultUserSettings/SharingSettings", {"NotebookOutputOption": "Disabled"}),
        (f"DefaultUserSettings/JupyterLabAppSettings/{IDLE}/LifecycleManagement", "ENABLED"),
        (f"DefaultUserSettings/JupyterLabAppSettings/{IDLE}/IdleTimeoutInMinutes", 60),
        (f"DefaultUserSettings/JupyterLabAppSettings/{IDLE}/MaxIdleTimeoutInMinutes", 60),
        (f"DefaultUserSettings/CodeEditorAppSettings/{IDLE}/LifecycleManagement", "ENABLED"),
        (f"DefaultUserSettings/CodeEditorAppSettings/{IDLE}/MaxIdleTimeoutInMinutes", 60),
        (f"DefaultSpaceSettings/JupyterLabAppSettings/{IDLE}/LifecycleManagement", "ENABLED"),
        ("DefaultUserSettings/SpaceStorageSettings/DefaultEbsStorageSettings/MaximumEbsVolumeSizeInGb", 100),
        (
            "DefaultUserSettings/StudioWebPortalSettings/HiddenAppTypes",
            ["Canvas", "JupyterServer", "RStudioServerPro", "TensorBoard"],
        ),
    ],
)
def test_it_is_hardened_without_an_argument(studio: Template, path: str, value: Any) -> None:
    assert at(domain(studio), path) == value


def test_it_uses_the_network_and_the_key_of_the_environment(studio: Template) -> None:
    plain = domain(studio)
    assert plain["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    assert {subnet["Ref"] for subnet in plain["SubnetIds"]} == set(of_type(studio, "AWS::EC2::Subnet"))
    for settings in ("DefaultUserSettings", "DefaultSpaceSettings"):
        groups = [group["Fn::GetAtt"][0] for group in plain[settings]["SecurityGroups"]]
        assert groups[0].startswith("VpcAccessWorkloads")
        assert groups[1].startswith("DomainSecurityGroup")


def test_its_group_admits_and_releases_its_own_members_alone(studio: Template) -> None:
    (group,) = (i for i in of_type(studio, "AWS::EC2::SecurityGroup") if i.startswith("DomainSecurityGroup"))
    own = {"Fn::GetAtt": [group, "GroupId"]}
    for kind, peer in (("Ingress", "SourceSecurityGroupId"), ("Egress", "DestinationSecurityGroupId")):
        rules = [
            rule["Properties"]
            for rule in of_type(studio, f"AWS::EC2::SecurityGroup{kind}").values()
            if rule["Properties"]["GroupId"] == own
        ]
        assert [rule[peer] for rule in rules] == [own, own]
        assert {(rule["FromPort"], rule["ToPort"]) for rule in rules} == {(2049, 2049), (8192, 65535)}
    (inline,) = studio["Resources"][group]["Properties"]["SecurityGroupEgress"]
    assert inline["CidrIp"] == "255.255.255.255/32"


def test_who_has_no_role_can_do_nothing(studio: Template) -> None:
    role = domain(studio)["DefaultUserSettings"]["ExecutionRole"]["Fn::GetAtt"][0]
    properties = studio["Resources"][role]["Properties"]
    assert "Policies" not in properties
    assert "ManagedPolicyArns" not in properties
    assert properties["PermissionsBoundary"]["Ref"].startswith("Boundary")
    attached = [
        policy
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        for policy in of_type(studio, kind).values()
        if {"Ref": role} in policy["Properties"].get("Roles", [])
    ]
    assert attached == []
    statements = properties["AssumeRolePolicyDocument"]["Statement"]
    assert {statement["Action"] for statement in statements} == {"sts:AssumeRole", "sts:SetSourceIdentity"}
    assert all("aws:SourceAccount" in statement["Condition"]["StringEquals"] for statement in statements)
    claimed = studio["Resources"][role]["Metadata"]["mlgov"]["controls"]
    assert set(claimed) == {*GovernedRole.CONTROLS, "MLG-IDN-03"}
    assert domain(studio)["DefaultSpaceSettings"]["ExecutionRole"]["Fn::GetAtt"][0] == role


def test_tags_of_the_app_do_not_reach_it(studio: Template) -> None:
    (tag,) = domain(studio)["Tags"]
    assert tag["Key"] == "mlgov:domain"
    assert domain(studio, "Full")["Tags"] == [
        {"Key": "cost-center", "Value": "42"},
        {"Key": "mlgov:domain", "Value": "full"},
    ]


def test_a_replaced_domain_is_kept_and_a_deleted_one_goes(studio: Template) -> None:
    found = resource(studio, "AWS::SageMaker::Domain", "Domain")
    assert (found["UpdateReplacePolicy"], found["DeletionPolicy"]) == ("Retain", "Delete")


def test_it_waits_for_its_key(studio: Template) -> None:
    dependencies = resource(studio, "AWS::SageMaker::Domain", "Domain")["DependsOn"]
    assert any(dependency.startswith("Key") for dependency in dependencies)


def test_every_option_is_honoured(studio: Template) -> None:
    full = domain(studio, "Full")
    users = full["DefaultUserSettings"]
    assert (full["AuthMode"], full["DomainName"]) == ("SSO", "full")
    lab, editor = users["JupyterLabAppSettings"], users["CodeEditorAppSettings"]
    assert lab["AppLifecycleManagement"]["IdleSettings"] == {
        "IdleTimeoutInMinutes": 120,
        "LifecycleManagement": "ENABLED",
        "MaxIdleTimeoutInMinutes": 480,
        "MinIdleTimeoutInMinutes": 60,
    }
    assert lab["DefaultResourceSpec"]["InstanceType"] == "ml.m5.xlarge"
    assert lab["DefaultResourceSpec"]["LifecycleConfigArn"]["Fn::GetAtt"][0].startswith("Lab")
    assert [arn["Fn::GetAtt"][0][:6] for arn in editor["LifecycleConfigArns"]] == ["Editor"]
    assert lab["CustomImages"] == [{"AppImageConfigName": "churn-python", "ImageName": "churn.python"}]
    assert "CustomImages" not in editor
    assert users["SharingSettings"]["NotebookOutputOption"] == "Allowed"
    assert users["SharingSettings"]["S3KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    assert json.dumps(users["SharingSettings"]["S3OutputPath"]).count("/studio-output") == 1
    assert full["DefaultSpaceSettings"]["ExecutionRole"]["Fn::GetAtt"][0].startswith("Role")
    assert users["StudioWebPortalSettings"] == {"HiddenAppTypes": ["Canvas"], "HiddenMlTools": []}


def test_the_rules_agree_with_the_claims(studio: Template) -> None:
    findings = RuleEngine([CATALOGUE[control] for control in DOMAIN_CONTROLS]).check_text(json.dumps(studio))
    assert [(f.control.id, f.status, f.logical_id[:4]) for f in findings] == [
        ("MLG-STU-03", Status.DEVIATION, "Full"),
    ]
    claims = resource(studio, "AWS::SageMaker::Domain", "Domain")["Metadata"]["mlgov"]
    assert claims["controls"] == sorted(DOMAIN_CONTROLS)


def test_the_vpc_gets_the_endpoints_that_studio_calls(studio: Template) -> None:
    names = json.dumps([e["Properties"]["ServiceName"] for e in of_type(studio, "AWS::EC2::VPCEndpoint").values()])
    for service in STUDIO_SERVICES:
        assert re.search(rf'[."]{re.escape(service.value)}"', names), service


def test_the_teardown_goes_before_the_people(studio: Template) -> None:
    people = [i for kind in ("UserProfile", "Space") for i in of_type(studio, f"AWS::SageMaker::{kind}")]
    waiting = [
        resource.get("DependsOn", [])
        for i, resource in studio["Resources"].items()
        if i.startswith(("DomainTeardown", "FullTeardown"))
        and resource["Type"].startswith(("AWS::CloudFormation::", "Custom::"))
    ]
    assert len(waiting) == 2
    assert {dependency for each in waiting for dependency in each} >= set(people)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"domain_name": "a_b"}, "domain_name 'a_b' is no name that SageMaker takes"),
        ({"instance_type": "ml.p5.48xlarge"}, "instance_type 'ml.p5.48xlarge' is not allowed. Use one of ml.t3.medium"),
        ({"idle_shutdown": cdk.Duration.minutes(30)}, "idle_shutdown of 30 minutes is out of range"),
        ({"longest_idle": cdk.Duration.days(366)}, "longest_idle of 527040 minutes is out of range"),
        (
            {"idle_shutdown": cdk.Duration.hours(3), "longest_idle": cdk.Duration.hours(2)},
            "idle_shutdown of 180 minutes is longer than longest_idle of 120",
        ),
        ({"default_volume_size": cdk.Size.gibibytes(4)}, "default_volume_size of 4 GiB is out of range"),
        (
            {"default_volume_size": cdk.Size.gibibytes(200)},
            "default_volume_size of 200 GiB is larger than maximum_volume_size of 100 GiB",
        ),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Domain] {message}")):
        base.domain(**arguments)
    assert base.stack.node.try_find_child("Domain") is None


def test_its_connections_are_those_of_both_its_groups(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        ground(app).domain().connections.allow_to_any_ipv4(ec2.Port.tcp(8443))

    template = synthesize(build)["studio"]
    opened = [
        each["Properties"]["GroupId"]["Fn::GetAtt"][0]
        for each in of_type(template, "AWS::EC2::SecurityGroupEgress").values()
        if each["Properties"].get("ToPort") == 8443
    ]
    opened += [
        name
        for name, each in of_type(template, "AWS::EC2::SecurityGroup").items()
        if any(rule.get("ToPort") == 8443 for rule in each["Properties"].get("SecurityGroupEgress", ()))
    ]
    assert sorted(name[:-8] for name in opened) == ["DomainSecurityGroup", "VpcAccessWorkloads"]


@pytest.mark.parametrize(
    ("arguments", "goes"), [({}, False), ({"home_removal_policy": cdk.RemovalPolicy.DESTROY}, True)], ids=["", "asked"]
)
def test_its_home_goes_with_both_keys_alone(arguments: dict[str, Any], goes: bool) -> None:
    base = ground(cdk.App(context={"mlgov:allowDataRemoval": True}), "Stack")
    boundary = PermissionsBoundary(
        base.stack,
        "Wider",
        additional_actions=(*StudioTeardown.BOUNDARY_ACTIONS, *StudioTeardown.DELETION_ACTIONS),
    )
    assert base.domain(permissions_boundary=boundary, **arguments).teardown.deletes_file_system is goes


def test_a_long_path_makes_a_name_that_studio_takes() -> None:
    base = ground(cdk.App(), "Stack")
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", base.domain("Domain" * 20).domain_name)


def test_the_role_of_spaces_is_a_role_of_studio() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="space_role is for training"):
        base.domain(space_role=base.job_role("Training", JobType.TRAINING))
