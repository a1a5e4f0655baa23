"""The teardown of a Studio domain, as it is synthesized."""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_backup as backup

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace.studio.teardown import StudioTeardown, handler
from tests.quality.minimal_statements import excess
from tests.templates import Template, of_type

BOTH_KEYS = {"mlgov:allowDataRemoval": True}
REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
ALL_ACTIONS = (
    *StudioTeardown.BOUNDARY_ACTIONS,
    *StudioTeardown.BACKUP_ACTIONS,
    *StudioTeardown.DELETION_ACTIONS,
)
Statements = list[dict[str, Any]]


def teardown(stack: cdk.Stack, **arguments: Any) -> StudioTeardown:
    common: dict[str, Any] = {
        "domain_id": "d-abc",
        "domain_arn": "arn:domain",
        "home_file_system_id": "fs-123",
        "vpc": IsolatedVpc(stack, "Vpc"),
        "encryption_key": DataKey(stack, "Key"),
        "permissions_boundary": PermissionsBoundary(
            stack, "Boundary", additional_actions=ALL_ACTIONS, additional_role_receivers=("backup",)
        ),
    }
    return StudioTeardown(stack, "Teardown", **{**common, **arguments})


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    """The teardown as it is by default, with everything, and in every partition."""

    def build(app: cdk.App) -> None:
        teardown(cdk.Stack(app, "plain"))
        one_key = cdk.Stack(app, "one-key")
        teardown(one_key, removal_policy=cdk.RemovalPolicy.DESTROY)
        full = cdk.Stack(app, "full")
        vault = backup.BackupVault(full, "Vault")
        profile = cdk.CfnResource(full, "Profile", type="AWS::SageMaker::UserProfile")
        teardown(full, backup_vault=vault, longest_wait=cdk.Duration.minutes(20)).run_before(profile)
        for partition, region in REGIONS.items():
            env = cdk.Environment(account="123456789012", region=region)
            teardown(cdk.Stack(app, partition, env=env))

    def build_with_keys(app: cdk.App) -> None:
        teardown(cdk.Stack(app, "both-keys"), removal_policy=cdk.RemovalPolicy.DESTROY)

    return synthesize(build) | synthesize(build_with_keys, context=BOTH_KEYS)


def only(template: Template, kind: str) -> dict[str, Any]:
    (found,) = of_type(template, kind).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def statements(template: Template, role: str) -> Statements:
    """The statements of the policy of a role of the teardown."""
    (found,) = [
        policy["Properties"]["PolicyDocument"]["Statement"]
        for name, policy in of_type(template, "AWS::IAM::ManagedPolicy").items()
        if name.startswith(f"Teardown{role}Role")
    ]
    return list(found)


def actions(found: Statements) -> set[str]:
    return {
        action for each in found for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }


def by_sid(found: Statements, sid: str) -> dict[str, Any]:
    (statement,) = [each for each in found if each.get("Sid") == sid]
    return statement


def definition(template: Template) -> dict[str, Any]:
    text = only(template, "AWS::StepFunctions::StateMachine")["DefinitionString"]
    parts = text["Fn::Join"][1]
    found: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else "TOKEN" for part in parts))
    return found


class TestTheHome:
    @pytest.mark.parametrize("stack", ["plain", "one-key", "full"])
    def test_is_kept_without_both_keys(self, templates: dict[str, Template], stack: str) -> None:
        resource = only(templates[stack], "Custom::StudioTeardown")
        assert str(resource["DeleteFileSystem"]).lower() == "false"
        assert "elasticfilesystem:DeleteFileSystem" not in json.dumps(statements(templates[stack], "Pass"))

    def test_goes_with_both_keys(self, templates: dict[str, Template]) -> None:
        resource = only(templates["both-keys"], "Custom::StudioTeardown")
        assert str(resource["DeleteFileSystem"]).lower() == "true"
        statement = by_sid(statements(templates["both-keys"], "Pass"), "TakeFileSystemOutOfVpc")
        assert "elasticfilesystem:DeleteFileSystem" in statement["Action"]

    def test_is_never_left_to_sagemaker(self) -> None:
        source = Path(handler.__file__).read_text(encoding="utf-8")
        assert source.count('{"HomeEfsFileSystem": "Retain"}') == 1
        assert source.count("HomeEfsFileSystem") == 1

    def test_is_backed_up_where_there_is_a_vault(self, templates: dict[str, Template]) -> None:
        resource = only(templates["full"], "Custom::StudioTeardown")
        assert "BackupVaultName" in resource
        found = statements(templates["full"], "Pass")
        assert by_sid(found, "PassBackupRole")["Condition"] == {
            "StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}
        }
        assert actions(statements(templates["full"], "Backup")) == {
            "elasticfilesystem:Backup",
            "elasticfilesystem:DescribeTags",
            "backup:CopyIntoBackupVault",
            "backup:DescribeBackupVault",
        }

    def test_is_not_backed_up_otherwise(self, templates: dict[str, Template]) -> None:
        assert "BackupVaultName" not in only(templates["plain"], "Custom::StudioTeardown")
        assert "backup:" not in json.dumps(statements(templates["plain"], "Pass"))


class TestTheRights:
    def test_reach_one_domain(self, templates: dict[str, Template]) -> None:
        found = statements(templates["plain"], "Pass")
        assert by_sid(found, "EndOwnDomain")["Resource"] == "arn:domain"
        for noun, path in (("App", "app"), ("Space", "space"), ("UserProfile", "user-profile")):
            statement = by_sid(found, f"End{noun}sOfOwnDomain")
            assert statement["Action"] == f"sagemaker:Delete{noun}"
            assert json.dumps(statement["Resource"]).endswith(f':{path}/d-abc/*"]]}}')

    def test_reach_one_file_system(self, templates: dict[str, Template]) -> None:
        statement = by_sid(statements(templates["plain"], "Pass"), "TakeFileSystemOutOfVpc")
        assert json.dumps(statement["Resource"]).endswith(':file-system/fs-123"]]}')

    def test_reach_security_groups_of_sagemaker_in_one_vpc(self, templates: dict[str, Template]) -> None:
        condition = by_sid(statements(templates["plain"], "Pass"), "RemoveSecurityGroupsOfSageMaker")["Condition"]
        assert condition["Null"] == {"aws:ResourceTag/ManagedByAmazonSageMakerResource": "false"}
        assert "Vpc" in json.dumps(condition["ArnEquals"]["ec2:Vpc"])

    def test_reach_interfaces_of_one_vpc(self, templates: dict[str, Template]) -> None:
        statement = by_sid(statements(templates["plain"], "Pass"), "RemoveInterfacesOfMountTargets")
        assert list(statement["Condition"]["ArnEquals"]) == ["ec2:Vpc"]

    @pytest.mark.parametrize("stack", ["plain", "full", "both-keys"])
    def test_are_as_small_as_iam_lets_them_be(self, templates: dict[str, Template], stack: str) -> None:
        for name, policy in of_type(templates[stack], "AWS::IAM::ManagedPolicy").items():
            if name.startswith("Teardown"):
                assert list(excess(policy["Properties"]["PolicyDocument"])) == []

    @pytest.mark.parametrize("stack", ["plain", "full", "both-keys"])
    def test_lie_within_the_boundary(self, templates: dict[str, Template], stack: str) -> None:
        template = templates[stack]
        (boundary,) = [
            policy["Properties"]["PolicyDocument"]["Statement"]
            for name, policy in of_type(template, "AWS::IAM::ManagedPolicy").items()
            if name.startswith("Boundary")
        ]
        admitted = [*by_sid(boundary, "Ceiling")["Action"], "iam:PassRole"]
        roles = ["Pass", "Begin", "StateMachine", *(["Backup"] if stack == "full" else [])]
        wanted = {action for role in roles for action in actions(statements(template, role))}
        assert [each for each in sorted(wanted) if not any(fnmatchcase(each, pattern) for pattern in admitted)] == []

    def test_every_role_has_the_boundary(self, templates: dict[str, Template]) -> None:
        roles = of_type(templates["full"], "AWS::IAM::Role")
        ours = {name: role for name, role in roles.items() if name.startswith("Teardown")}
        assert len(ours) == 4
        assert all("PermissionsBoundary" in role["Properties"] for role in ours.values())

    @pytest.mark.parametrize("name", ["StateMachine", "Backup"])
    def test_are_for_a_service_of_this_account(self, templates: dict[str, Template], name: str) -> None:
        roles = of_type(templates["full"], "AWS::IAM::Role").items()
        (role,) = (each for i, each in roles if i.startswith(f"Teardown{name}Role"))
        (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


class TestTheResource:
    def test_says_what_to_take_down_and_the_function_knows_its_machine(self, templates: dict[str, Template]) -> None:
        resource = only(templates["full"], "Custom::StudioTeardown")
        assert (resource["DomainId"], resource["FileSystemId"]) == ("d-abc", "fs-123")
        assert resource["FileSystemArn"]["Fn::Join"][1][-1].endswith(":file-system/fs-123")
        assert resource["VpcId"]["Ref"].startswith("Vpc")
        assert resource["BackupRoleArn"]["Fn::GetAtt"][0].startswith("TeardownBackupRole")
        (begin,) = (
            each["Properties"]
            for name, each in of_type(templates["full"], "AWS::Lambda::Function").items()
            if name.startswith("TeardownBegin")
        )
        machine = begin["Environment"]["Variables"]["STATE_MACHINE_ARN"]["Fn::GetAtt"][0]
        assert machine.startswith("TeardownStateMachine")


class TestTheStateMachine:
    def test_is_encrypted_logged_and_traced(self, templates: dict[str, Template]) -> None:
        machine = only(templates["plain"], "AWS::StepFunctions::StateMachine")
        assert machine["EncryptionConfiguration"]["Type"] == "CUSTOMER_MANAGED_KMS_KEY"
        assert "KmsKeyId" in machine["EncryptionConfiguration"]
        assert machine["EncryptionConfiguration"]["KmsDataKeyReusePeriodSeconds"] == 300
        assert machine["LoggingConfiguration"]["Level"] == "ALL"
        (place,) = machine["LoggingConfiguration"]["Destinations"]
        assert place["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"][0].startswith("TeardownLog")
        assert machine["TracingConfiguration"] == {"Enabled": True}

    def test_waits_for_the_rights_of_its_role(self, templates: dict[str, Template]) -> None:
        (machine,) = of_type(templates["plain"], "AWS::StepFunctions::StateMachine").values()
        assert any(name.startswith("TeardownStateMachineRoleRights") for name in machine["DependsOn"])

    def test_keeps_the_address_of_the_answer_out_of_its_log(self, templates: dict[str, Template]) -> None:
        machine = only(templates["plain"], "AWS::StepFunctions::StateMachine")
        assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False

    def test_answers_on_every_path(self, templates: dict[str, Template]) -> None:
        states = definition(templates["plain"])["States"]
        assert states["Pass"]["Catch"][0]["ErrorEquals"] == ["States.ALL"]
        assert states["Pass"]["Catch"][0]["Next"] == "Answer that it failed"
        ends = {name for name, state in states.items() if state["Type"] in ("Succeed", "Fail")}
        into_ends = {name for name, state in states.items() if state.get("Next") in ends}
        assert into_ends == {"Answer that it is done", "Answer that it failed"}

    def test_waits_between_passes_and_tries_again_with_jitter(self, templates: dict[str, Template]) -> None:
        states = definition(templates["plain"])["States"]
        assert (states["Pause"]["Seconds"], states["Pause"]["Next"]) == (20, "Pass")
        assert states["Is anything left?"]["Default"] == "Pause"
        tasks = [state for state in states.values() if state["Type"] == "Task"]
        assert [task["Retry"][0]["JitterStrategy"] for task in tasks] == ["FULL"] * 3

    @pytest.mark.parametrize(("stack", "seconds"), [("plain", 3300), ("full", 1200)])
    def test_is_done_before_cloudformation_gives_up(
        self, templates: dict[str, Template], stack: str, seconds: int
    ) -> None:
        resource = only(templates[stack], "Custom::StudioTeardown")
        assert int(resource["LongestWaitSeconds"]) == seconds
        assert int(resource["ServiceTimeout"]) == 3600 > seconds
        assert definition(templates[stack])["TimeoutSeconds"] > seconds


def test_its_log_is_encrypted_and_ends(templates: dict[str, Template]) -> None:
    (group,) = [
        resource["Properties"]
        for name, resource in of_type(templates["plain"], "AWS::Logs::LogGroup").items()
        if name.startswith("Teardown")
    ]
    assert "KmsKeyId" in group
    assert group["RetentionInDays"] == 365


def test_the_key_is_opened_to_log_and_state_machine(templates: dict[str, Template]) -> None:
    (text,) = [
        json.dumps(key) for name, key in of_type(templates["plain"], "AWS::KMS::Key").items() if name.startswith("Key")
    ]
    assert "delivery.logs.amazonaws.com" in text
    assert "states." in text


def test_it_runs_before_what_it_is_told_to(templates: dict[str, Template]) -> None:
    (resource,) = of_type(templates["full"], "Custom::StudioTeardown").values()
    assert "Profile" in resource["DependsOn"]


def test_the_functions_stay_within_inline_code(templates: dict[str, Template]) -> None:
    sources = [
        function["Properties"]["Code"]["ZipFile"]
        for name, function in of_type(templates["plain"], "AWS::Lambda::Function").items()
        if name.startswith("Teardown")
    ]
    assert len(sources) == 2
    assert all(len(source.encode()) < 4_000_000 for source in sources)


def test_claims_are_written(templates: dict[str, Template]) -> None:
    (machine,) = of_type(templates["plain"], "AWS::StepFunctions::StateMachine").values()
    assert machine["Metadata"]["mlgov"]["controls"] == ["MLG-STU-20", "MLG-STU-21", "MLG-STU-22"]


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    text = json.dumps(templates[partition])
    assert "arn:aws" not in text
    assert f"{REGIONS[partition]}.amazonaws.com" not in text


def test_what_holds_the_vpc_goes_last() -> None:
    order = [stage.__name__ for stage in handler.STAGES]
    assert order.index("delete_domain") < order.index("back_up") < order.index("delete_file_system")
    assert order.index("remove_mount_targets") < order.index("delete_security_groups")
    assert len(handler.GROUP_NAMES) == 2


class TestBadInput:
    @pytest.mark.parametrize("minutes", [4, 56])
    def test_a_wait_out_of_range(self, minutes: int) -> None:
        with pytest.raises(ConstructError, match=rf"\[Stack/Teardown\] longest_wait of {minutes} minutes"):
            teardown(cdk.Stack(cdk.App(), "Stack"), longest_wait=cdk.Duration.minutes(minutes))

    def test_a_removal_policy_that_means_nothing(self) -> None:
        with pytest.raises(ConstructError, match="SNAPSHOT"):
            teardown(cdk.Stack(cdk.App(), "Stack"), removal_policy=cdk.RemovalPolicy.SNAPSHOT)

    def test_a_boundary_that_does_not_admit_it(self) -> None:
        stack = cdk.Stack(cdk.App(), "Stack")
        with pytest.raises(ConstructError, match="does not admit ec2:DeleteSecurityGroup, elasticfilesystem:"):
            teardown(stack, permissions_boundary=PermissionsBoundary(stack, "Narrow"))

    def test_a_boundary_that_keeps_a_file_system_that_both_keys_release(self) -> None:
        stack = cdk.Stack(cdk.App(context=BOTH_KEYS), "Stack")
        narrow = PermissionsBoundary(stack, "Narrow", additional_actions=StudioTeardown.BOUNDARY_ACTIONS)
        with pytest.raises(ConstructError, match="does not admit elasticfilesystem:DeleteFileSystem"):
            teardown(stack, permissions_boundary=narrow, removal_policy=cdk.RemovalPolicy.DESTROY)

    def test_a_boundary_that_lets_no_role_be_passed_to_backup(self) -> None:
        stack = cdk.Stack(cdk.App(), "Stack")
        narrow = PermissionsBoundary(stack, "Narrow", additional_actions=ALL_ACTIONS)
        with pytest.raises(ConstructError, match="lets no role be passed to AWS Backup"):
            teardown(stack, permissions_boundary=narrow, backup_vault=backup.BackupVault(stack, "Vault"))

    def test_a_second_key_that_is_missing_is_said(self) -> None:
        stack = cdk.Stack(cdk.App(), "Stack")
        teardown(stack, removal_policy=cdk.RemovalPolicy.DESTROY)
        assert any("mlgov:allowDataRemoval" in str(entry.data) for entry in stack.node.metadata)
