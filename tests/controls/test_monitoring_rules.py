from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

GET_ATT = {"Fn::GetAtt": ["Other", "Arn"]}
TAGS = [{"Key": "other", "Value": "x"}, {"Key": "mlgov:project", "Value": {"Ref": "Project"}}]
NETWORK: dict[str, Any] = {
    "EnableInterContainerTrafficEncryption": True,
    "EnableNetworkIsolation": True,
    "VpcConfig": {"Subnets": [{"Ref": "Subnet"}], "SecurityGroupIds": [GET_ATT]},
}
KINDS = ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")
ENCRYPTED = {
    "DataQuality": "MLG-MON-01",
    "ModelExplainability": "MLG-MON-02",
    "ModelQuality": "MLG-MON-05",
    "ModelBias": "MLG-MON-07",
}
ISOLATED = {
    "DataQuality": "MLG-MON-03",
    "ModelBias": "MLG-MON-04",
    "ModelExplainability": "MLG-MON-08",
    "ModelQuality": "MLG-MON-10",
}
COMMON = [f"MLG-MON-{number}" for number in range(11, 17)]
OF_JOBS = ["MLG-MON-06", "MLG-MON-09", *(control for control in COMMON if control != "MLG-MON-15")]


def definition(kind: str) -> dict[str, Any]:
    properties = {
        f"{kind}BaselineConfig": {"ConstraintsResource": {"S3Uri": {"Fn::Sub": "s3://${Data}/constraints.json"}}},
        f"{kind}JobOutputConfig": {"KmsKeyId": GET_ATT},
        "JobResources": {"ClusterConfig": {"InstanceCount": 2, "VolumeKmsKeyId": GET_ATT}},
        "NetworkConfig": NETWORK,
        "RoleArn": GET_ATT,
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "Tags": TAGS,
    }
    return {"Type": f"AWS::SageMaker::{kind}JobDefinition", "Properties": copy.deepcopy(properties)}


def schedule(**config: Any) -> dict[str, Any]:
    properties = {"MonitoringScheduleConfig": config, "Tags": TAGS}
    return {"Type": "AWS::SageMaker::MonitoringSchedule", "Properties": copy.deepcopy(properties)}


def inline_job() -> dict[str, Any]:
    return {
        "BaselineConfig": {"BaseliningJobName": "baseline"},
        "MonitoringOutputConfig": {"KmsKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"},
        "MonitoringResources": {"ClusterConfig": {"VolumeKmsKeyId": GET_ATT}},
        "NetworkConfig": {**NETWORK, "EnableNetworkIsolation": "true"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def findings(control: str, subject: dict[str, Any]) -> list[str]:
    template = json.dumps({"Resources": {"Fine": {"Type": "AWS::SNS::Topic"}, "Subject": subject}})
    return [finding.logical_id for finding in engine(control).check_text(template)]


def changed(resource: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A resource with another value at a path; ``None`` removes it."""
    *above, last = path.split("/")
    container = resource["Properties"]
    for key in above:
        container = container[key]
    if value is None:
        del container[last]
    else:
        container[last] = value
    return resource


@pytest.mark.parametrize("kind", KINDS)
def test_a_hardened_job_definition_passes(kind: str) -> None:
    for control in (ENCRYPTED[kind], ISOLATED[kind], *COMMON):
        assert findings(control, definition(kind)) == [], control


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, False, {"Fn::If": ["Open", False, True]}], ids=str)
def test_traffic_between_instances_is_encrypted(kind: str, value: Any) -> None:
    open_traffic = changed(definition(kind), "NetworkConfig/EnableInterContainerTrafficEncryption", value)
    assert findings(ENCRYPTED[kind], open_traffic) == ["Subject"]
    assert findings(ISOLATED[kind], open_traffic) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, False, "false"], ids=str)
def test_containers_are_isolated(kind: str, value: Any) -> None:
    connected = changed(definition(kind), "NetworkConfig/EnableNetworkIsolation", value)
    assert findings(ISOLATED[kind], connected) == ["Subject"]
    assert findings(ENCRYPTED[kind], connected) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("control", "path", "value"),
    [
        ("MLG-MON-11", "NetworkConfig", None),
        ("MLG-MON-11", "NetworkConfig/VpcConfig/Subnets", []),
        ("MLG-MON-11", "NetworkConfig/VpcConfig/SecurityGroupIds", None),
        ("MLG-MON-12", "JobResources/ClusterConfig/VolumeKmsKeyId", None),
        ("MLG-MON-12", "JobResources/ClusterConfig/VolumeKmsKeyId", "alias/aws/ebs"),
        ("MLG-MON-13", "{kind}JobOutputConfig/KmsKeyId", None),
        ("MLG-MON-13", "{kind}JobOutputConfig/KmsKeyId", "alias/aws/s3"),
        ("MLG-MON-14", "{kind}BaselineConfig", None),
        ("MLG-MON-14", "{kind}BaselineConfig/ConstraintsResource", None),
        ("MLG-MON-15", "Tags", None),
        ("MLG-MON-15", "Tags", [{"Key": "project", "Value": "churn"}]),
        ("MLG-MON-16", "StoppingCondition", None),
    ],
)
def test_what_is_missing_or_wrong_fails(kind: str, control: str, path: str, value: Any) -> None:
    assert findings(control, changed(definition(kind), path.format(kind=kind), value)) == ["Subject"]


@pytest.mark.parametrize("control", [*OF_JOBS, "MLG-MON-15"])
def test_a_schedule_that_names_a_job_definition_passes(control: str) -> None:
    named = {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Definition"}]}]}
    assert findings(control, schedule(MonitoringJobDefinitionName=named)) == []


@pytest.mark.parametrize("control", OF_JOBS)
def test_a_schedule_that_defines_a_hardened_job_passes_and_others_fail(control: str) -> None:
    assert findings(control, schedule(MonitoringJobDefinition=inline_job())) == []
    assert findings(control, schedule(MonitoringJobDefinition={"RoleArn": GET_ATT})) == ["Subject"]


@pytest.mark.parametrize("control", ["MLG-MON-06", "MLG-MON-09"])
def test_a_schedule_without_a_job_fails(control: str) -> None:
    assert findings(control, schedule(ScheduleConfig={"ScheduleExpression": "NOW"})) == ["Subject"]


def test_a_schedule_belongs_to_a_project() -> None:
    assert findings("MLG-MON-15", changed(schedule(), "Tags", None)) == ["Subject"]


def test_every_monitoring_control_is_tried() -> None:
    tried = {*ENCRYPTED.values(), *ISOLATED.values(), *COMMON, *OF_JOBS}
    assert {control for control in CATALOGUE if control.startswith("MLG-MON-")} == tried
