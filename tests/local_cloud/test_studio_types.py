"""A Studio domain with people, spaces, an image and a start script, as CloudFormation deploys them."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

SCRIPT = base64.b64encode(b"#!/bin/bash\n").decode()
ROLE = "arn:aws:iam::123456789012:role/studio"
IDLE = {
    "LifecycleManagement": "ENABLED",
    "IdleTimeoutInMinutes": 60,
    "MinIdleTimeoutInMinutes": 60,
    "MaxIdleTimeoutInMinutes": 120,
}
DOMAIN_ID = {"Ref": "Domain"}
RESOURCES: dict[str, Any] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
    "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.9.0.0/24"}},
    "Key": {"Type": "AWS::KMS::Key"},
    "Scripts": {
        "Type": "AWS::SageMaker::StudioLifecycleConfig",
        "Properties": {
            "StudioLifecycleConfigAppType": "JupyterLab",
            "StudioLifecycleConfigContent": SCRIPT,
            "StudioLifecycleConfigName": "scripts-1",
        },
    },
    "Image": {
        "Type": "AWS::SageMaker::Image",
        "Properties": {"ImageName": "python", "ImageDescription": "Python", "ImageRoleArn": ROLE},
    },
    "Version": {
        "Type": "AWS::SageMaker::ImageVersion",
        "DependsOn": "Image",
        "Properties": {"ImageName": "python", "BaseImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a@sha256:1"},
    },
    "ImageConfig": {
        "Type": "AWS::SageMaker::AppImageConfig",
        "Properties": {
            "AppImageConfigName": "python",
            "JupyterLabAppImageConfig": {"ContainerConfig": {}},
            "Tags": [{"Key": "mlgov:project", "Value": "churn"}],
        },
    },
    "Domain": {
        "Type": "AWS::SageMaker::Domain",
        "DependsOn": "Version",
        "Properties": {
            "AppNetworkAccessType": "VpcOnly",
            "AuthMode": "IAM",
            "DefaultSpaceSettings": {"ExecutionRole": ROLE},
            "DefaultUserSettings": {
                "ExecutionRole": ROLE,
                "JupyterLabAppSettings": {
                    "AppLifecycleManagement": {"IdleSettings": IDLE},
                    "CustomImages": [{"ImageName": "python", "AppImageConfigName": {"Ref": "ImageConfig"}}],
                    "LifecycleConfigArns": [{"Fn::GetAtt": ["Scripts", "StudioLifecycleConfigArn"]}],
                },
            },
            "DomainName": "typed",
            "DomainSettings": {
                "DockerSettings": {"EnableDockerAccess": "DISABLED"},
                "ExecutionRoleIdentityConfig": "USER_PROFILE_NAME",
            },
            "KmsKeyId": {"Ref": "Key"},
            "SubnetIds": [{"Ref": "Subnet"}],
            "TagPropagation": "ENABLED",
            "Tags": [{"Key": "mlgov:domain", "Value": "typed"}],
            "VpcId": {"Ref": "Vpc"},
        },
    },
    "Ana": {
        "Type": "AWS::SageMaker::UserProfile",
        "Properties": {
            "DomainId": DOMAIN_ID,
            "UserProfileName": "ana",
            "UserSettings": {"ExecutionRole": ROLE},
            "Tags": [{"Key": "mlgov:user", "Value": "ana"}],
        },
    },
    "Work": {
        "Type": "AWS::SageMaker::Space",
        "DependsOn": "Ana",
        "Properties": {
            "DomainId": DOMAIN_ID,
            "SpaceName": "work",
            "OwnershipSettings": {"OwnerUserProfileName": "ana"},
            "SpaceSharingSettings": {"SharingType": "Private"},
            "SpaceSettings": {
                "AppType": "JupyterLab",
                "RemoteAccess": "DISABLED",
                "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 5}},
            },
        },
    },
}


def changed(name: str, **properties: Any) -> dict[str, Any]:
    resource = copy.deepcopy(RESOURCES[name])
    resource["Properties"].update(properties)
    return {name: resource}


@pytest.fixture(scope="module")
def studio(cloud: Cloud) -> Stack:
    stack = Stack(
        cloud,
        "studio-types",
        copy.deepcopy(RESOURCES),
        {
            "Home": {"Value": {"Fn::GetAtt": ["Domain", "HomeEfsFileSystemId"]}},
            "Arn": {"Value": {"Fn::GetAtt": ["Domain", "DomainArn"]}},
            "Profile": {"Value": {"Fn::GetAtt": ["Ana", "UserProfileArn"]}},
            "Space": {"Value": {"Fn::GetAtt": ["Work", "SpaceArn"]}},
            "Version": {"Value": {"Fn::GetAtt": ["Version", "Version"]}},
        },
    )
    assert stack.create() == "CREATE_COMPLETE", stack.failures()
    return stack


def test_the_domain_is_as_the_template_says(cloud: Cloud, studio: Stack) -> None:
    found = cloud.client("sagemaker").describe_domain(DomainId=studio.id("Domain"))
    asked = RESOURCES["Domain"]["Properties"]
    for name in ("AppNetworkAccessType", "AuthMode", "DomainName", "DomainSettings", "TagPropagation"):
        assert found[name] == asked[name], name
    assert found["Status"] == "InService"
    assert found["VpcId"] == studio.id("Vpc")
    assert found["SubnetIds"] == [studio.id("Subnet")]
    assert found["KmsKeyId"] == studio.id("Key")
    lab = found["DefaultUserSettings"]["JupyterLabAppSettings"]
    assert lab["AppLifecycleManagement"]["IdleSettings"] == IDLE
    assert lab["CustomImages"] == [{"ImageName": "python", "AppImageConfigName": "python"}]
    assert lab["LifecycleConfigArns"][0].endswith("studio-lifecycle-config/scripts-1")
    tags = cloud.client("sagemaker").list_tags(ResourceArn=found["DomainArn"])["Tags"]
    assert tags == asked["Tags"]


def test_people_and_spaces_are_in_it(cloud: Cloud, studio: Stack) -> None:
    sagemaker, domain_id = cloud.client("sagemaker"), studio.id("Domain")
    profile = sagemaker.describe_user_profile(DomainId=domain_id, UserProfileName="ana")
    assert profile["UserSettings"]["ExecutionRole"] == ROLE
    space = sagemaker.describe_space(DomainId=domain_id, SpaceName="work")
    assert space["OwnershipSettings"] == {"OwnerUserProfileName": "ana"}
    assert space["SpaceSettings"]["RemoteAccess"] == "DISABLED"
    outputs = {output["OutputKey"]: output["OutputValue"] for output in studio.describe()["Outputs"]}
    assert outputs["Profile"] == profile["UserProfileArn"]
    assert outputs["Space"] == space["SpaceArn"]
    assert outputs["Home"].startswith("fs-")
    assert outputs["Version"] == "1"
    assert studio.id("Ana") == f"ana|{domain_id}"


def test_a_setting_changes_in_place(cloud: Cloud, studio: Stack) -> None:
    before, sagemaker = studio.id("Domain"), cloud.client("sagemaker")
    settings = copy.deepcopy(RESOURCES["Domain"]["Properties"]["DefaultUserSettings"])
    settings["JupyterLabAppSettings"]["AppLifecycleManagement"]["IdleSettings"]["MaxIdleTimeoutInMinutes"] = 240
    tags = [{"Key": "mlgov:domain", "Value": "renamed"}]
    storage = {"AppType": "JupyterLab", "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 10}}}
    status = studio.update(
        **changed("Domain", DefaultUserSettings=settings, Tags=tags), **changed("Work", SpaceSettings=storage)
    )
    assert status == "UPDATE_COMPLETE", studio.failures()
    found = sagemaker.describe_domain(DomainId=before)
    assert studio.id("Domain") == before
    idle = found["DefaultUserSettings"]["JupyterLabAppSettings"]["AppLifecycleManagement"]["IdleSettings"]
    assert idle["MaxIdleTimeoutInMinutes"] == 240
    assert sagemaker.list_tags(ResourceArn=found["DomainArn"])["Tags"] == tags
    space = sagemaker.describe_space(DomainId=before, SpaceName="work")
    assert space["SpaceSettings"]["SpaceStorageSettings"]["EbsStorageSettings"]["EbsVolumeSizeInGb"] == 10


def test_a_changed_script_is_a_new_configuration(cloud: Cloud, studio: Stack) -> None:
    content = base64.b64encode(b"#!/bin/bash\ntrue\n").decode()
    under_the_same_name = changed("Scripts", StudioLifecycleConfigContent=content)
    assert studio.update(**under_the_same_name) == "UPDATE_ROLLBACK_COMPLETE"
    scripts = changed("Scripts", StudioLifecycleConfigContent=content, StudioLifecycleConfigName="scripts-2")
    assert studio.update(**scripts) == "UPDATE_COMPLETE", studio.failures()
    listed = cloud.client("sagemaker").list_studio_lifecycle_configs()["StudioLifecycleConfigs"]
    names = [each["StudioLifecycleConfigName"] for each in listed]
    assert "scripts-2" in names
    assert "scripts-1" not in names


def test_a_named_domain_is_not_replaced_under_its_name(studio: Stack) -> None:
    before = studio.id("Domain")
    assert studio.update(**changed("Domain", AuthMode="SSO")) == "UPDATE_ROLLBACK_COMPLETE"
    assert studio.id("Domain") == before
    studio.resources.update(copy.deepcopy({"Domain": RESOURCES["Domain"]}))


def test_the_home_outlives_the_stack(cloud: Cloud) -> None:
    domain = changed("Domain", DomainName="short-lived")["Domain"]
    domain["Properties"]["DefaultUserSettings"] = {"ExecutionRole": ROLE}
    del domain["DependsOn"]
    parts = {name: copy.deepcopy(RESOURCES[name]) for name in ("Vpc", "Subnet", "Key", "Ana", "Work")}
    # The subnet and the VPC cannot go while the home's interfaces are in them: the teardown is for that.
    for name in ("Vpc", "Subnet"):
        parts[name]["DeletionPolicy"] = "Retain"
    stack = cloud.stack(**parts, Domain=domain)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    home = cloud.client("sagemaker").describe_domain(DomainId=stack.id("Domain"))["HomeEfsFileSystemId"]
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    efs = cloud.client("efs").describe_file_systems(FileSystemId=home)["FileSystems"]
    assert [each["FileSystemId"] for each in efs] == [home]
    names = [each["DomainName"] for each in cloud.client("sagemaker").list_domains()["Domains"]]
    assert "short-lived" not in names
