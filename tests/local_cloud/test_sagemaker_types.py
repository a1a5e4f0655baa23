"""A notebook instance with every property, as the SageMaker API describes it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

SCRIPT = base64.b64encode(b"#!/bin/bash\n").decode()
NOTEBOOK: dict[str, Any] = {
    "NotebookInstanceName": "Full-Notebook",
    "InstanceType": "ml.t3.medium",
    "RoleArn": "arn:aws:iam::123456789012:role/notebook",
    "SubnetId": {"Ref": "Subnet"},
    "SecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}],
    "DirectInternetAccess": "Disabled",
    "RootAccess": "Disabled",
    "KmsKeyId": {"Ref": "Key"},
    "VolumeSizeInGB": 20,
    "PlatformIdentifier": "notebook-al2023-v1",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
    "LifecycleConfigName": {"Fn::GetAtt": ["Scripts", "NotebookInstanceLifecycleConfigName"]},
    "DefaultCodeRepository": {"Fn::GetAtt": ["Repository", "CodeRepositoryName"]},
    "Tags": [{"Key": "project", "Value": "demo"}],
}
RESOURCES: dict[str, Any] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.7.0.0/16"}},
    "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.7.0.0/24"}},
    "Group": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "notebook", "VpcId": {"Ref": "Vpc"}, "SecurityGroupEgress": []},
    },
    "Key": {"Type": "AWS::KMS::Key"},
    "Scripts": {
        "Type": "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        "Properties": {"OnStart": [{"Content": SCRIPT}], "OnCreate": [{"Content": SCRIPT}]},
    },
    "Repository": {
        "Type": "AWS::SageMaker::CodeRepository",
        "Properties": {"GitConfig": {"RepositoryUrl": "https://example.com/a.git", "Branch": "main"}},
    },
    "Notebook": {"Type": "AWS::SageMaker::NotebookInstance", "Properties": NOTEBOOK},
}


@pytest.fixture(scope="module")
def notebook(cloud: Cloud) -> Stack:
    return cloud.stack(**RESOURCES)


def test_every_property_is_described(cloud: Cloud, notebook: Stack) -> None:
    assert notebook.describe()["StackStatus"] == "CREATE_COMPLETE", notebook.failures()
    sagemaker = cloud.client("sagemaker")
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="Full-Notebook")
    expected = {
        name: NOTEBOOK[name]
        for name in (
            "DirectInternetAccess",
            "InstanceMetadataServiceConfiguration",
            "InstanceType",
            "PlatformIdentifier",
            "RoleArn",
            "RootAccess",
            "VolumeSizeInGB",
        )
    }
    assert {name: found[name] for name in expected} == expected
    assert found["SubnetId"] == notebook.id("Subnet")
    assert found["SecurityGroups"] == [notebook.id("Group")]
    assert found["KmsKeyId"] == notebook.id("Key")
    assert found["NotebookInstanceStatus"] == "InService"
    scripts = sagemaker.list_notebook_instance_lifecycle_configs()["NotebookInstanceLifecycleConfigs"]
    assert found["NotebookInstanceLifecycleConfigName"] in [
        item["NotebookInstanceLifecycleConfigName"] for item in scripts
    ]
    repository = sagemaker.describe_code_repository(CodeRepositoryName=found["DefaultCodeRepository"])
    assert repository["GitConfig"]["Branch"] == "main"
    assert sagemaker.list_tags(ResourceArn=found["NotebookInstanceArn"])["Tags"] == [
        {"Key": "project", "Value": "demo"}
    ]
    listed = sagemaker.list_notebook_instances(StatusEquals="InService")["NotebookInstances"]
    assert "Full-Notebook" in [item["NotebookInstanceName"] for item in listed]


def test_the_scripts_are_kept(cloud: Cloud, notebook: Stack) -> None:
    name = notebook.id("Scripts").rsplit("/", 1)[-1]
    sagemaker = cloud.client("sagemaker")
    found = sagemaker.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name)
    assert found["OnStart"] == found["OnCreate"] == [{"Content": SCRIPT}]


def test_update_in_place_and_removal_of_a_property(cloud: Cloud, notebook: Stack) -> None:
    properties = {key: value for key, value in NOTEBOOK.items() if key not in ("DefaultCodeRepository", "Tags")}
    properties |= {"InstanceType": "ml.t3.large", "Tags": [{"Key": "project", "Value": "next"}]}
    changed = {"Type": "AWS::SageMaker::NotebookInstance", "Properties": properties}
    before = notebook.id("Notebook")
    assert notebook.update(Notebook=changed) == "UPDATE_COMPLETE", notebook.failures()
    sagemaker = cloud.client("sagemaker")
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="Full-Notebook")
    assert notebook.id("Notebook") == before
    assert (found["InstanceType"], found["NotebookInstanceStatus"]) == ("ml.t3.large", "InService")
    assert "DefaultCodeRepository" not in found
    assert sagemaker.list_tags(ResourceArn=before)["Tags"] == [{"Key": "project", "Value": "next"}]


def test_a_running_notebook_is_neither_changed_nor_deleted(cloud: Cloud, notebook: Stack) -> None:
    sagemaker = cloud.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match="InService"):
        sagemaker.delete_notebook_instance(NotebookInstanceName="Full-Notebook")
    with pytest.raises(sagemaker.exceptions.ClientError, match="InService"):
        sagemaker.update_notebook_instance(NotebookInstanceName="Full-Notebook", InstanceType="ml.t3.large")


def test_operations_of_other_kinds_are_motos(cloud: Cloud) -> None:
    assert cloud.client("sagemaker").list_transform_jobs()["TransformJobSummaries"] == []


def test_it_is_destroyed(cloud: Cloud, notebook: Stack) -> None:
    assert notebook.delete() == "DELETE_COMPLETE", notebook.failures()
    names = [
        item["NotebookInstanceName"]
        for item in cloud.client("sagemaker").list_notebook_instances()["NotebookInstances"]
    ]
    assert "Full-Notebook" not in names


def test_an_update_keeps_the_name_and_does_not_shrink_the_volume(cloud: Cloud) -> None:
    properties = {"NotebookInstanceName": "Kept-Name", "InstanceType": "ml.t3.medium", "RoleArn": NOTEBOOK["RoleArn"]}

    def instance(**changes: Any) -> dict[str, Any]:
        return {"Type": "AWS::SageMaker::NotebookInstance", "Properties": {**properties, **changes}}

    stack = cloud.stack(Notebook=instance(VolumeSizeInGB=20))
    assert stack.update(Notebook=instance(VolumeSizeInGB=30)) == "UPDATE_COMPLETE"
    found = cloud.client("sagemaker").describe_notebook_instance(NotebookInstanceName="Kept-Name")
    assert (found["NotebookInstanceName"], found["VolumeSizeInGB"]) == ("Kept-Name", 30)
    assert stack.update(Notebook=instance(VolumeSizeInGB=20)) != "UPDATE_COMPLETE"
    assert "cannot be decreased" in stack.failures()
