from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

GET_ATT = {"Fn::GetAtt": ["Other", "Arn"]}
IDLE = {
    "AppLifecycleManagement": {
        "IdleSettings": {
            "LifecycleManagement": "ENABLED",
            "IdleTimeoutInMinutes": 60,
            "MaxIdleTimeoutInMinutes": 60,
        }
    }
}
PROJECT, USER = {"Key": "mlgov:project", "Value": {"Ref": "Project"}}, {"Key": "mlgov:user", "Value": "ana"}
HARDENED: dict[str, dict[str, Any]] = {
    "SageMaker::Domain": {
        "AppNetworkAccessType": "VpcOnly",
        "AuthMode": "IAM",
        "DefaultUserSettings": {
            "CodeEditorAppSettings": IDLE,
            "ExecutionRole": GET_ATT,
            "JupyterLabAppSettings": IDLE,
            "SharingSettings": {"NotebookOutputOption": "Disabled"},
            "SpaceStorageSettings": {
                "DefaultEbsStorageSettings": {"DefaultEbsVolumeSizeInGb": 5, "MaximumEbsVolumeSizeInGb": 100}
            },
        },
        "DomainSettings": {
            "DockerSettings": {"EnableDockerAccess": "DISABLED"},
            "ExecutionRoleIdentityConfig": "USER_PROFILE_NAME",
        },
        "KmsKeyId": GET_ATT,
        "SubnetIds": [{"Ref": "Subnet"}],
        "TagPropagation": "ENABLED",
        "Tags": [{"Key": "mlgov:domain", "Value": "ml"}],
        "VpcId": {"Ref": "Vpc"},
    },
    "SageMaker::UserProfile": {"Tags": [PROJECT, USER], "UserSettings": {"ExecutionRole": GET_ATT}},
    "SageMaker::Space": {
        "OwnershipSettings": {"OwnerUserProfileName": "ana"},
        "SpaceSettings": {"RemoteAccess": "DISABLED"},
        "SpaceSharingSettings": {"SharingType": "Private"},
        "Tags": [PROJECT, USER],
    },
    "SageMaker::Image": {"ImageDescription": "Python for churn", "Tags": [PROJECT]},
    "SageMaker::AppImageConfig": {"Tags": [PROJECT]},
    "ECR::Repository": {
        "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": GET_ATT},
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "ImageTagMutability": "IMMUTABLE",
    },
}
USERS = "DefaultUserSettings"
ABSENT = object()
WRONG: list[tuple[str, str, str, Any]] = [
    ("MLG-STU-01", "SageMaker::Domain", "AppNetworkAccessType", ABSENT),
    ("MLG-STU-01", "SageMaker::Domain", "AppNetworkAccessType", "PublicInternetOnly"),
    ("MLG-STU-01", "SageMaker::Domain", "AppNetworkAccessType", {"Fn::If": ["A", "VpcOnly", "PublicInternetOnly"]}),
    ("MLG-STU-01", "SageMaker::Domain", "SubnetIds", []),
    ("MLG-STU-01", "SageMaker::Domain", "VpcId", ABSENT),
    ("MLG-STU-02", "SageMaker::Domain", "KmsKeyId", ABSENT),
    ("MLG-STU-02", "SageMaker::Domain", "KmsKeyId", "alias/aws/sagemaker"),
    ("MLG-STU-03", "SageMaker::Domain", "DomainSettings/DockerSettings", ABSENT),
    ("MLG-STU-03", "SageMaker::Domain", "DomainSettings/DockerSettings/EnableDockerAccess", "ENABLED"),
    ("MLG-STU-04", "SageMaker::Domain", f"{USERS}/SharingSettings", ABSENT),
    ("MLG-STU-04", "SageMaker::Domain", f"{USERS}/SharingSettings", {"NotebookOutputOption": "Allowed"}),
    (
        "MLG-STU-04",
        "SageMaker::Domain",
        f"{USERS}/SharingSettings",
        {"NotebookOutputOption": "Allowed", "S3OutputPath": "s3://bucket/out"},
    ),
    ("MLG-STU-05", "SageMaker::Domain", f"{USERS}/JupyterLabAppSettings", ABSENT),
    ("MLG-STU-05", "SageMaker::Domain", f"{USERS}/CodeEditorAppSettings/AppLifecycleManagement", ABSENT),
    (
        "MLG-STU-05",
        "SageMaker::Domain",
        f"{USERS}/CodeEditorAppSettings/AppLifecycleManagement/IdleSettings/LifecycleManagement",
        "DISABLED",
    ),
    (
        "MLG-STU-05",
        "SageMaker::Domain",
        f"{USERS}/JupyterLabAppSettings/AppLifecycleManagement/IdleSettings/MaxIdleTimeoutInMinutes",
        ABSENT,
    ),
    ("MLG-STU-06", "SageMaker::Domain", "DomainSettings/ExecutionRoleIdentityConfig", ABSENT),
    ("MLG-STU-06", "SageMaker::Domain", "DomainSettings/ExecutionRoleIdentityConfig", "DISABLED"),
    ("MLG-STU-07", "SageMaker::Domain", "TagPropagation", ABSENT),
    ("MLG-STU-07", "SageMaker::Domain", "Tags", []),
    ("MLG-STU-09", "SageMaker::UserProfile", "UserSettings", ABSENT),
    ("MLG-STU-09", "SageMaker::UserProfile", "Tags", ABSENT),
    ("MLG-STU-09", "SageMaker::UserProfile", "Tags", [PROJECT]),
    ("MLG-STU-09", "SageMaker::UserProfile", "Tags", [USER]),
    ("MLG-STU-10", "SageMaker::Space", "OwnershipSettings", ABSENT),
    ("MLG-STU-10", "SageMaker::Space", "SpaceSharingSettings", ABSENT),
    ("MLG-STU-10", "SageMaker::Space", "SpaceSettings/RemoteAccess", "ENABLED"),
    ("MLG-STU-10", "SageMaker::Space", "Tags", ABSENT),
    ("MLG-STU-10", "SageMaker::Space", "Tags", [PROJECT]),
    ("MLG-STU-10", "SageMaker::Space", "Tags", [USER]),
    ("MLG-STU-11", "SageMaker::Domain", f"{USERS}/SpaceStorageSettings", ABSENT),
    ("MLG-STU-12", "SageMaker::Image", "Tags", ABSENT),
    ("MLG-STU-12", "SageMaker::Image", "ImageDescription", ABSENT),
    ("MLG-STU-12", "SageMaker::AppImageConfig", "Tags", []),
    ("MLG-STU-13", "ECR::Repository", "ImageTagMutability", "MUTABLE"),
    ("MLG-STU-13", "ECR::Repository", "ImageScanningConfiguration", ABSENT),
    ("MLG-STU-13", "ECR::Repository", "EncryptionConfiguration", ABSENT),
    ("MLG-STU-13", "ECR::Repository", "EncryptionConfiguration/EncryptionType", "AES256"),
]
RIGHT: list[tuple[str, str, str, Any]] = [
    ("MLG-STU-01", "SageMaker::Domain", "SubnetIds", {"Fn::Split": [",", "{{resolve:ssm:/mlgov/subnets}}"]}),
    ("MLG-STU-02", "SageMaker::Domain", "KmsKeyId", "1234abcd-12ab-34cd-56ef-1234567890ab"),
    (
        "MLG-STU-04",
        "SageMaker::Domain",
        f"{USERS}/SharingSettings",
        {"NotebookOutputOption": "Allowed", "S3KmsKeyId": GET_ATT, "S3OutputPath": {"Fn::Join": ["", ["s3://", "b"]]}},
    ),
    ("MLG-STU-10", "SageMaker::Space", "SpaceSharingSettings", {"SharingType": {"Ref": "Sharing"}}),
    ("MLG-STU-13", "ECR::Repository", "EncryptionConfiguration/EncryptionType", "KMS_DSSE"),
]


def findings(control: str, kind: str, properties: dict[str, Any], **attributes: Any) -> list[str]:
    subject = {"Type": f"AWS::{kind}", "Properties": properties, **attributes}
    template = json.dumps({"Resources": {"Fine": {"Type": "AWS::SNS::Topic"}, "Subject": subject}})
    return [finding.logical_id for finding in engine(control).check_text(template)]


def changed(kind: str, path: str, value: Any) -> dict[str, Any]:
    properties = copy.deepcopy(HARDENED[kind])
    *above, last = path.split("/")
    container = properties
    for key in above:
        container = container[key]
    if value is ABSENT:
        del container[last]
    else:
        container[last] = value
    return properties


@pytest.mark.parametrize("control", [control for control in CATALOGUE if control.startswith("MLG-STU-")])
@pytest.mark.parametrize("kind", HARDENED)
def test_what_is_hardened_passes(control: str, kind: str) -> None:
    assert findings(control, kind, HARDENED[kind], UpdateReplacePolicy="Retain") == []


@pytest.mark.parametrize(("control", "kind", "path", "value"), WRONG)
def test_a_fault_fails(control: str, kind: str, path: str, value: Any) -> None:
    assert findings(control, kind, changed(kind, path, value)) == ["Subject"]


@pytest.mark.parametrize(("control", "kind", "path", "value"), RIGHT)
def test_another_form_passes(control: str, kind: str, path: str, value: Any) -> None:
    assert findings(control, kind, changed(kind, path, value)) == []


@pytest.mark.parametrize("attributes", [{}, {"UpdateReplacePolicy": "Delete"}, {"DeletionPolicy": "Retain"}])
def test_a_domain_that_is_deleted_when_replaced_fails(attributes: dict[str, str]) -> None:
    kind = "SageMaker::Domain"
    assert findings("MLG-STU-08", kind, HARDENED[kind], **attributes) == ["Subject"]


def test_a_shared_space_belongs_to_nobody() -> None:
    properties = changed("SageMaker::Space", "SpaceSharingSettings", {"SharingType": "Shared"})
    assert findings("MLG-STU-10", "SageMaker::Space", {**properties, "Tags": [PROJECT]}) == []
