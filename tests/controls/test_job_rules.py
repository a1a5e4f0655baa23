from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from mlgov_constructs.controls import Status
from tests.controls.engines import engine
from tests.controls.mutations.written import WRITTEN

CLUSTER, JOB = (copy.deepcopy(WRITTEN[name]["Properties"]) for name in ("Cluster", "ProcessingJob"))
AWS_KEY = "alias/aws/ebs"


def group(*volumes: dict[str, Any]) -> dict[str, Any]:
    return {"InstanceGroupName": "workers", "InstanceStorageConfigs": [{"EbsVolumeConfig": each} for each in volumes]}


def root(key: Any = "key") -> dict[str, Any]:
    return {"RootVolume": True, "VolumeKmsKeyId": key}


def failing(control: str, kind: str, properties: dict[str, Any]) -> bool:
    template = {"Resources": {"Made": {"Type": f"AWS::SageMaker::{kind}", "Properties": properties}}}
    found = engine(control).check_text(json.dumps(template))
    assert {finding.logical_id for finding in found if finding.status is Status.FAILED} <= {"Made"}
    return any(finding.status is Status.FAILED for finding in found)


NETWORK, RESOURCES = JOB["NetworkConfig"], JOB["ProcessingResources"]["ClusterConfig"]
PASSING = [
    ("MLG-TRN-10", "Cluster", CLUSTER),
    ("MLG-TRN-10", "Cluster", {**CLUSTER, "VpcConfig": {"Fn::If": ["A", CLUSTER["VpcConfig"], CLUSTER["VpcConfig"]]}}),
    ("MLG-TRN-10", "Cluster", {**CLUSTER, "InstanceGroups": [{"OverrideVpcConfig": CLUSTER["VpcConfig"]}]}),
    ("MLG-TRN-11", "Cluster", CLUSTER),
    ("MLG-TRN-11", "Cluster", {"InstanceGroups": [group(root(), {"VolumeKmsKeyId": {"Ref": "Key"}})]}),
    ("MLG-TRN-12", "ProcessingJob", JOB),
    ("MLG-TRN-13", "ProcessingJob", JOB),
    ("MLG-TRN-13", "ProcessingJob", {name: each for name, each in JOB.items() if name != "ProcessingOutputConfig"}),
    (
        "MLG-TRN-13",
        "ProcessingJob",
        {"ProcessingResources": {"ClusterConfig": {"VolumeKmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}}},
    ),
]
FAILING = [
    ("MLG-TRN-10", "Cluster", {}),
    ("MLG-TRN-10", "Cluster", {"VpcConfig": {"Subnets": [], "SecurityGroupIds": ["sg"]}}),
    ("MLG-TRN-10", "Cluster", {"VpcConfig": {"Subnets": ["subnet"], "SecurityGroupIds": []}}),
    ("MLG-TRN-10", "Cluster", {**CLUSTER, "InstanceGroups": [{"OverrideVpcConfig": {"Subnets": []}}]}),
    ("MLG-TRN-10", "Cluster", {**CLUSTER, "RestrictedInstanceGroups": [{"OverrideVpcConfig": {"Subnets": []}}]}),
    ("MLG-TRN-11", "Cluster", {"InstanceGroups": [{"InstanceGroupName": "workers"}]}),
    ("MLG-TRN-11", "Cluster", {"RestrictedInstanceGroups": [{"InstanceGroupName": "workers"}]}),
    ("MLG-TRN-11", "Cluster", {"InstanceGroups": [group({"VolumeSizeInGB": 100, "VolumeKmsKeyId": "key"})]}),
    ("MLG-TRN-11", "Cluster", {"InstanceGroups": [group({"RootVolume": True})]}),
    ("MLG-TRN-11", "Cluster", {"InstanceGroups": [group(root(AWS_KEY))]}),
    ("MLG-TRN-11", "Cluster", {"InstanceGroups": [group(root(), {"VolumeSizeInGB": 100})]}),
    ("MLG-TRN-11", "Cluster", {"InstanceGroups": [group(root())], "RestrictedInstanceGroups": [group()]}),
    ("MLG-TRN-12", "ProcessingJob", {}),
    *[
        ("MLG-TRN-12", "ProcessingJob", {"NetworkConfig": {**NETWORK, name: wrong}})
        for name, wrong in (
            ("EnableNetworkIsolation", False),
            ("EnableInterContainerTrafficEncryption", False),
            ("VpcConfig", {"Subnets": [], "SecurityGroupIds": ["sg"]}),
            ("VpcConfig", {"Subnets": ["subnet"], "SecurityGroupIds": []}),
        )
    ],
    *[
        ("MLG-TRN-12", "ProcessingJob", {"NetworkConfig": {key: each for key, each in NETWORK.items() if key != name}})
        for name in NETWORK
    ],
    ("MLG-TRN-13", "ProcessingJob", {"ProcessingResources": {"ClusterConfig": {"InstanceCount": 1}}}),
    (
        "MLG-TRN-13",
        "ProcessingJob",
        {"ProcessingResources": {"ClusterConfig": {**RESOURCES, "VolumeKmsKeyId": AWS_KEY}}},
    ),
    ("MLG-TRN-13", "ProcessingJob", {**JOB, "ProcessingOutputConfig": {"Outputs": []}}),
    ("MLG-TRN-13", "ProcessingJob", {**JOB, "ProcessingOutputConfig": {"Outputs": [], "KmsKeyId": AWS_KEY}}),
]


@pytest.mark.parametrize(("control", "kind", "properties"), PASSING)
def test_passes(control: str, kind: str, properties: dict[str, Any]) -> None:
    assert not failing(control, kind, properties)


@pytest.mark.parametrize(("control", "kind", "properties"), FAILING)
def test_fails(control: str, kind: str, properties: dict[str, Any]) -> None:
    assert failing(control, kind, properties)
