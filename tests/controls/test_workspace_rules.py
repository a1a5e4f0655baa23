from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

FIRST_OF_OTHERS = "MLG-WSP-09"  # from here on: tracking, packages and code, which have tests of their own
GET_ATT = {"Fn::GetAtt": ["Other", "Arn"]}
HARDENED: dict[str, Any] = {
    "DirectInternetAccess": "Disabled",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
    "InstanceType": {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "InstanceType"]},
    "KmsKeyId": GET_ATT,
    "LifecycleConfigName": GET_ATT,
    "PlatformIdentifier": "notebook-al2023-v1",
    "RoleArn": GET_ATT,
    "RootAccess": "Disabled",
    "SecurityGroupIds": [GET_ATT],
    "SubnetId": {"Ref": "Subnet"},
    "Tags": [{"Key": "other", "Value": "x"}, {"Key": "mlgov:project", "Value": {"Ref": "Project"}}],
}
NOT_SAID = {
    "MLG-WSP-01": "DirectInternetAccess",
    "MLG-WSP-02": "SubnetId",
    "MLG-WSP-03": "RootAccess",
    "MLG-WSP-04": "PlatformIdentifier",
    "MLG-WSP-05": "KmsKeyId",
    "MLG-WSP-06": "InstanceMetadataServiceConfiguration",
    "MLG-WSP-07": "LifecycleConfigName",
    "MLG-WSP-08": "Tags",
}
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("MLG-WSP-01", {"DirectInternetAccess": "Enabled"}),
    ("MLG-WSP-01", {"DirectInternetAccess": {"Fn::If": ["Public", "Enabled", "Disabled"]}}),
    ("MLG-WSP-02", {"SecurityGroupIds": []}),
    ("MLG-WSP-03", {"RootAccess": "Enabled"}),
    ("MLG-WSP-04", {"PlatformIdentifier": "notebook-al2-v3"}),
    ("MLG-WSP-05", {"KmsKeyId": "alias/aws/sagemaker"}),
    ("MLG-WSP-06", {"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"}}),
    ("MLG-WSP-08", {"Tags": [{"Key": "project", "Value": "churn"}]}),
]
RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("MLG-WSP-05", {"KmsKeyId": "{{resolve:ssm:/mlgov/sandbox/workspace/key-arn}}"}),
    ("MLG-WSP-05", {"KmsKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}),
    ("MLG-WSP-02", {"SubnetId": "{{resolve:ssm:/mlgov/sandbox/workspace/subnet-id}}"}),
    ("MLG-WSP-07", {"LifecycleConfigName": "stop-when-idle"}),
]


def findings(control: str, resource_type: str, properties: dict[str, Any]) -> list[str]:
    subject = {"Type": f"AWS::SageMaker::{resource_type}", "Properties": properties}
    template = json.dumps({"Resources": {"Fine": {"Type": "AWS::SNS::Topic"}, "Subject": subject}})
    return [finding.logical_id for finding in engine(control).check_text(template)]


@pytest.mark.parametrize("control", NOT_SAID)
def test_a_hardened_notebook_passes(control: str) -> None:
    assert findings(control, "NotebookInstance", HARDENED) == []


@pytest.mark.parametrize(("control", "missing"), NOT_SAID.items())
def test_what_is_not_said_fails(control: str, missing: str) -> None:
    properties = {name: value for name, value in HARDENED.items() if name != missing}
    assert findings(control, "NotebookInstance", properties) == ["Subject"]


@pytest.mark.parametrize(("control", "change"), WRONG)
def test_a_wrong_value_fails(control: str, change: dict[str, Any]) -> None:
    assert findings(control, "NotebookInstance", {**HARDENED, **change}) == ["Subject"]


@pytest.mark.parametrize(("control", "change"), RIGHT)
def test_other_right_values_pass(control: str, change: dict[str, Any]) -> None:
    assert findings(control, "NotebookInstance", {**HARDENED, **change}) == []


def test_security_groups_are_demanded_too() -> None:
    properties = {name: value for name, value in HARDENED.items() if name != "SecurityGroupIds"}
    assert findings("MLG-WSP-02", "NotebookInstance", properties) == ["Subject"]


def test_a_lifecycle_without_a_start_script_fails() -> None:
    kind = "NotebookInstanceLifecycleConfig"
    assert findings("MLG-WSP-07", kind, {"OnStart": [{"Content": {"Fn::Base64": "true"}}]}) == []
    assert findings("MLG-WSP-07", kind, {"OnCreate": [{"Content": {"Fn::Base64": "true"}}]}) == ["Subject"]


def test_every_workspace_control_is_tried() -> None:
    of_notebooks = {control for control in CATALOGUE if control.startswith("MLG-WSP-") and control < FIRST_OF_OTHERS}
    assert of_notebooks == set(NOT_SAID)
