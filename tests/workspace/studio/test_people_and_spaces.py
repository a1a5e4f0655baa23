from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobType
from mlgov_constructs.workspace import StudioAuth, StudioSpace
from tests.templates import Template, of_type
from tests.workspace.studio.conftest import ground
from tests.workspace.studio.test_studio_domain import resource

PROFILE, SPACE = "AWS::SageMaker::UserProfile", "AWS::SageMaker::Space"


def tags(studio: Template, kind: str, name: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in resource(studio, kind, name)["Properties"]["Tags"]}


def test_a_profile_belongs_to_a_person_of_a_project(studio: Template) -> None:
    profile = resource(studio, PROFILE, "Ana")
    assert tags(studio, PROFILE, "Ana") == {
        "mlgov:project": "churn",
        "mlgov:user": "ana@example.com",
        "owner": "platform",
    }
    assert profile["Properties"]["UserSettings"]["ExecutionRole"]["Fn::GetAtt"][0].startswith("Role")
    assert "SingleSignOnUserValue" not in profile["Properties"]
    assert any(dependency.startswith("RoleRights") for dependency in profile["DependsOn"])
    assert profile["Metadata"]["mlgov"] == {"controls": ["MLG-STU-09"]}


def test_a_profile_of_identity_center_names_its_user(studio: Template) -> None:
    properties = resource(studio, PROFILE, "Ben")["Properties"]
    assert properties["SingleSignOnUserIdentifier"] == "UserName"
    assert properties["SingleSignOnUserValue"] == "ben@example.com"
    assert tags(studio, PROFILE, "Ben")["mlgov:user"] == "ben@example.com"


def test_a_space_is_private_without_an_argument(studio: Template) -> None:
    properties = resource(studio, SPACE, "Work")["Properties"]
    assert properties["SpaceSharingSettings"] == {"SharingType": "Private"}
    assert properties["OwnershipSettings"] == {"OwnerUserProfileName": "ana"}
    assert properties["SpaceSettings"] == {
        "AppType": "JupyterLab",
        "JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}},
        "RemoteAccess": "DISABLED",
        "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 5}},
    }
    assert tags(studio, SPACE, "Work") == {
        "mlgov:project": "churn",
        "mlgov:user": "ana@example.com",
        "owner": "platform",
    }
    assert any(dependency.startswith("Ana") for dependency in resource(studio, SPACE, "Work")["DependsOn"])


def test_a_shared_space_is_of_the_project_and_of_nobody(studio: Template) -> None:
    properties = resource(studio, SPACE, "Together")["Properties"]
    assert properties["SpaceSharingSettings"] == {"SharingType": "Shared"}
    assert tags(studio, SPACE, "Together") == {"mlgov:project": "churn", "owner": "platform"}
    assert properties["SpaceSettings"]["AppType"] == "CodeEditor"
    assert properties["SpaceSettings"]["CodeEditorAppSettings"]["DefaultResourceSpec"] == {
        "InstanceType": "ml.g5.xlarge"
    }


def test_a_shared_space_is_granted_by_name(studio: Template) -> None:
    statements = [
        statement
        for policy in of_type(studio, "AWS::IAM::ManagedPolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement.get("Condition") == {"StringEquals": {"sagemaker:SpaceSharingType": "Shared"}}
    ]
    (statement,) = statements
    assert statement["Action"] == ["sagemaker:CreateApp", "sagemaker:DeleteApp"]
    assert statement["Resource"]["Fn::Join"][1][-1].endswith(":app/${sagemaker:DomainId}/together/*")


def test_a_profile_is_opened_by_name(studio: Template) -> None:
    (rights,) = (r for i, r in of_type(studio, "AWS::IAM::ManagedPolicy").items() if i.startswith("OpenerRights"))
    (statement,) = (
        each
        for each in rights["Properties"]["PolicyDocument"]["Statement"]
        if each["Action"] == "sagemaker:CreatePresignedDomainUrl"
    )
    assert statement["Resource"]["Fn::Join"][1][-1] == "/ben"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"user_profile_name": "ana.b"}, "user_profile_name 'ana.b' is no name that SageMaker takes"),
        ({"user_profile_name": "a" * 64}, f"user_profile_name '{'a' * 64}' is no name"),
        ({"user_profile_name": "-ana"}, "user_profile_name '-ana' is no name"),
        ({"project": "fraud"}, "project 'fraud' differs from 'churn', the project of the role"),
        ({"sso_user": "ana"}, "sso_user 'ana' was given, but the domain authenticates by IAM"),
    ],
)
def test_a_bad_profile_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    domain = base.domain()
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Ana] {message}")):
        base.profile(domain, **arguments)
    assert base.stack.node.try_find_child("Ana") is None


def test_a_profile_needs_a_role_of_studio_and_of_a_project() -> None:
    base = ground(cdk.App(), "Stack")
    domain = base.domain()
    with pytest.raises(ConstructError, match="the role is for training"):
        base.profile(domain, role=base.job_role("Training", JobType.TRAINING))
    other = iam.Role(base.stack, "Other", assumed_by=iam.ServicePrincipal("sagemaker"))
    with pytest.raises(ConstructError, match="the user profile has no project"):
        base.profile(domain, role=other)
    assert base.profile(domain, role=other, project="churn").project == "churn"


def test_a_domain_of_identity_center_wants_its_users() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="sso_user is missing"):
        base.profile(base.domain(auth=StudioAuth.IDENTITY_CENTER))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"space_name": "my space"}, "space_name 'my space' is no name"),
        ({"instance_type": "ml.p5.48xlarge"}, "instance_type 'ml.p5.48xlarge' is not allowed"),
        ({"volume_size": cdk.Size.gibibytes(101)}, "volume_size of 101 GiB is over the 100 GiB of the domain"),
        ({"shared": True}, "a shared space of project 'churn' was asked for, and its domain has no space_role"),
    ],
)
def test_a_bad_space_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    owner = base.profile(base.domain())
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Work] {message}")):
        StudioSpace(base.stack, "Work", **{"owner": owner, "space_name": "work", **arguments})
    assert base.stack.node.try_find_child("Work") is None


def test_a_shared_space_is_of_the_project_that_the_spaces_work_for() -> None:
    base = ground(cdk.App(), "Stack")
    domain = base.domain(space_role=base.job_role("Fraud", JobType.STUDIO, "fraud"))
    with pytest.raises(ConstructError, match="its domain has a space_role of project 'fraud'"):
        StudioSpace(base.stack, "Work", owner=base.profile(domain), space_name="work", shared=True)


def test_a_private_space_is_granted_to_nobody() -> None:
    base = ground(cdk.App(), "Stack")
    space = StudioSpace(base.stack, "Work", owner=base.profile(base.domain()), space_name="work")
    with pytest.raises(ConstructError, match="the space is private"):
        space.grant_use(base.role)
