from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_codecommit as codecommit
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.network import EndpointService, IsolatedVpc
from mlgov_constructs.workspace import NOTEBOOK_SERVICES, CodeRepository, CodeSource, NotebookInstance
from mlgov_constructs.workspace.notebook_properties import notebook_properties
from tests.templates import Template, of_type
from tests.workspace.conftest import CODE_COMMIT, endpoints_of, ground

ALL = [f"MLG-WSP-0{number}" for number in range(1, 9)]


def properties(workspace: Template, name: str) -> dict[str, Any]:
    (found,) = (r for i, r in of_type(workspace, "AWS::SageMaker::NotebookInstance").items() if i.startswith(name))
    values: dict[str, Any] = found["Properties"]
    return values


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DirectInternetAccess", "Disabled"),
        ("RootAccess", "Disabled"),
        ("PlatformIdentifier", "notebook-al2023-v1"),
        ("InstanceMetadataServiceConfiguration", {"MinimumInstanceMetadataServiceVersion": "2"}),
        ("InstanceType", "ml.t3.medium"),
        ("VolumeSizeInGB", 20),
        ("Tags", [{"Key": "mlgov:project", "Value": "churn"}]),
    ],
)
def test_it_is_hardened_without_an_argument(workspace: Template, name: str, value: Any) -> None:
    assert properties(workspace, "Plain")[name] == value


def test_it_uses_the_key_the_subnet_and_the_group_of_the_environment(workspace: Template) -> None:
    plain = properties(workspace, "Plain")
    (subnet,) = (s for s in of_type(workspace, "AWS::EC2::Subnet") if "Subnet1Subnet" in s)
    assert plain["SubnetId"] == {"Ref": subnet}
    assert [group["Fn::GetAtt"][0].startswith("VpcAccessWorkloads") for group in plain["SecurityGroupIds"]] == [True]
    assert plain["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    assert plain["RoleArn"]["Fn::GetAtt"][0].startswith("Role")


def test_it_stops_when_idle_without_an_argument(workspace: Template) -> None:
    lifecycle, attribute = properties(workspace, "Plain")["LifecycleConfigName"]["Fn::GetAtt"]
    assert attribute == "NotebookInstanceLifecycleConfigName"
    assert workspace["Resources"][lifecycle]["Properties"]["OnStart"]


def test_every_option_is_honoured(workspace: Template) -> None:
    full = properties(workspace, "Full")
    assert full["InstanceType"] == "ml.g5.xlarge"
    assert full["VolumeSizeInGB"] == 100
    assert "Subnet2Subnet" in full["SubnetId"]["Ref"]
    assert full["SecurityGroupIds"][0]["Fn::GetAtt"][0].startswith("Group")
    assert full["LifecycleConfigName"]["Fn::GetAtt"][0].startswith("Lifecycle")
    assert full["DefaultCodeRepository"] == CODE_COMMIT
    assert full["NotebookInstanceName"] == "churn-1"


def test_a_relaxation_is_recorded_with_its_reason(workspace: Template) -> None:
    (relaxed,) = (
        r for i, r in of_type(workspace, "AWS::SageMaker::NotebookInstance").items() if i.startswith("Relaxed")
    )
    assert relaxed["Properties"]["DirectInternetAccess"] == "Enabled"
    assert relaxed["Properties"]["RootAccess"] == "Enabled"
    assert relaxed["Properties"]["DefaultCodeRepository"] == "https://example.com/course.git"
    claims = relaxed["Metadata"]["mlgov"]
    assert claims["controls"] == [control for control in ALL if control not in ("MLG-WSP-01", "MLG-WSP-03")]
    assert claims["deviations"] == [
        {"control": "MLG-WSP-01", "reason": "Classroom without data, approved in RISK-112"},
        {"control": "MLG-WSP-03", "reason": "Installs drivers that need root, see RISK-113"},
    ]


def test_the_rules_agree_with_the_claims(workspace: Template) -> None:
    findings = RuleEngine([CATALOGUE[control] for control in ALL]).check_text(json.dumps(workspace))
    assert [(f.control.id, f.status, f.logical_id[:7]) for f in findings] == [
        ("MLG-WSP-01", Status.DEVIATION, "Relaxed"),
        ("MLG-WSP-03", Status.DEVIATION, "Relaxed"),
    ]


def test_the_vpc_gets_the_endpoints_that_a_notebook_calls(workspace: Template) -> None:
    names = json.dumps([e["Properties"]["ServiceName"] for e in of_type(workspace, "AWS::EC2::VPCEndpoint").values()])
    for service in (*NOTEBOOK_SERVICES, EndpointService.GIT_CODECOMMIT):
        assert re.search(rf'[."]{re.escape(service.value)}"', names), service


def test_the_vpc_of_the_notebook_gets_them_whoever_else_asked(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app)
        source = CodeSource.code_commit(codecommit.Repository(base.stack, "Stored", repository_name="churn"))
        code = CodeRepository(base.stack, "Code", vpc=base.vpc, project="churn", source=source)
        base.notebook("Notebook", vpc=IsolatedVpc(base.stack, "Other"), default_code_repository=code)

    names = json.dumps(endpoints_of(synthesize(build)["workspace"], "Other"))
    for service in (*NOTEBOOK_SERVICES, EndpointService.GIT_CODECOMMIT):
        assert re.search(rf'[."]{re.escape(service.value)}"', names), service


def test_its_connections_are_those_of_its_groups(workspace: Template) -> None:
    (egress,) = (
        e["Properties"]
        for e in of_type(workspace, "AWS::EC2::SecurityGroupEgress").values()
        if e["Properties"].get("DestinationSecurityGroupId", {}).get("Fn::GetAtt", [""])[0].startswith("Group")
    )
    assert egress["GroupId"]["Fn::GetAtt"][0].startswith("VpcAccessWorkloads")


def test_what_a_product_does_not_say_is_hardened_too() -> None:
    values = notebook_properties(
        project="churn",
        role_arn="role",
        kms_key_id="key",
        subnet_id="subnet",
        security_group_ids=["group"],
        lifecycle_config_name="lifecycle",
        instance_type="ml.t3.medium",
        volume_gib=20,
        tags={"mlgov:project": "other", "owner": "growth"},
    )
    assert (values["direct_internet_access"], values["root_access"]) == ("Disabled", "Disabled")
    assert {tag.key: tag.value for tag in values["tags"]} == {"mlgov:project": "churn", "owner": "growth"}


def test_it_starts_after_its_role_has_its_rights(workspace: Template) -> None:
    (plain,) = (r for i, r in of_type(workspace, "AWS::SageMaker::NotebookInstance").items() if i.startswith("Plain"))
    assert any(dependency.startswith("RoleRights") for dependency in plain["DependsOn"])


def test_it_is_a_grantee_and_grants_its_use(workspace: Template) -> None:
    policies = of_type(workspace, "AWS::IAM::ManagedPolicy") | of_type(workspace, "AWS::IAM::Policy")
    rights = {name: policy["Properties"]["PolicyDocument"]["Statement"] for name, policy in policies.items()}
    (of_role,) = (statements for name, statements in rights.items() if name.startswith("RoleRights"))
    assert any("s3:GetObject*" in statement["Action"] for statement in of_role)
    ((use,),) = (statements for name, statements in rights.items() if name.startswith("UserDefaultPolicy"))
    assert "sagemaker:CreatePresignedNotebookInstanceUrl" in use["Action"]
    assert use["Resource"]["Ref"].startswith("Plain")
    assert use["Condition"] == {"StringEquals": {"aws:ResourceTag/mlgov:project": "churn"}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"instance_type": "ml.p5.48xlarge"}, "instance_type 'ml.p5.48xlarge' is not allowed. Use one of ml.t3.medium"),
        ({"volume_size": cdk.Size.gibibytes(4)}, "volume_size of 4 GiB is out of range. Use 5 to 16384 GiB."),
        ({"volume_size": cdk.Size.tebibytes(17)}, "volume_size of 17408 GiB is out of range"),
        ({"notebook_instance_name": "a--b_c"}, "notebook_instance_name 'a--b_c' is no name"),
        ({"project": "fraud"}, "project 'fraud' differs from 'churn', the project of the role"),
        (
            {"default_code_repository": "https://github.com/team/course.git"},
            "default_code_repository 'https://github.com/team/course.git' is on the internet",
        ),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Notebook] {message}")):
        base.notebook("Notebook", **arguments)
    assert base.stack.node.try_find_child("Notebook") is None


def test_a_role_without_a_project_needs_one() -> None:
    base = ground(cdk.App(), "Stack")
    role = iam.Role(base.stack, "Other", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    with pytest.raises(ConstructError, match="the notebook instance has no project"):
        base.notebook("Notebook", role=role)
    assert isinstance(base.notebook("Notebook", role=role, project="churn"), NotebookInstance)


def test_the_parameters_say_where_products_land(workspace: Template) -> None:
    parameters = {p["Properties"]["Name"]: p["Properties"] for p in of_type(workspace, "AWS::SSM::Parameter").values()}
    assert set(parameters) == {
        "/mlgov/test/workspace/subnet-id",
        "/mlgov/test/workspace/security-group-id",
        "/mlgov/test/workspace/key-arn",
        "/mlgov/test/workspace/lifecycle-config-name",
        "/mlgov/test/workspace/projects/churn/notebook-role-arn",
    }
    assert all(parameter["Type"] == "String" for parameter in parameters.values())
    assert "Subnet1Subnet" in parameters["/mlgov/test/workspace/subnet-id"]["Value"]["Ref"]
