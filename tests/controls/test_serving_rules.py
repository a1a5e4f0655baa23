from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from tests.controls.engines import engine

GET_ATT = {"Fn::GetAtt": ["Other", "Arn"]}
TAGS = [{"Key": "other", "Value": "x"}, {"Key": "mlgov:project", "Value": {"Ref": "Project"}}]
IMAGE = f"registry.example.org/churn@sha256:{'ab' * 32}"
VPC = {"RepositoryAccessMode": "Vpc"}
MODEL: dict[str, Any] = {
    "EnableNetworkIsolation": True,
    "ExecutionRoleArn": GET_ATT,
    "PrimaryContainer": {"Image": IMAGE, "ImageConfig": VPC, "ModelDataUrl": "s3://models/churn.tar.gz"},
    "Tags": TAGS,
    "VpcConfig": {"SecurityGroupIds": [GET_ATT], "Subnets": [{"Ref": "Subnet"}, {"Ref": "Other"}]},
}
VARIANT = {"VariantName": "AllTraffic", "ModelName": GET_ATT, "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
CAPTURE: dict[str, Any] = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 20,
    "DestinationS3Uri": {"Fn::Sub": "s3://${Bucket}/churn"},
    "KmsKeyId": GET_ATT,
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
}
CONFIG: dict[str, Any] = {
    "DataCaptureConfig": CAPTURE,
    "KmsKeyId": GET_ATT,
    "ProductionVariants": [VARIANT],
    "Tags": TAGS,
}
ENDPOINT: dict[str, Any] = {
    "DeploymentConfig": {
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Alarm"}}]},
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE"}},
    },
    "EndpointConfigName": GET_ATT,
    "Tags": TAGS,
}
EXPERIMENT: dict[str, Any] = {
    "DataStorageConfig": {"Destination": "s3://data/churn/shadow", "KmsKey": GET_ATT},
    "KmsKey": GET_ATT,
    "Tags": TAGS,
}
COMPONENT: dict[str, Any] = {
    "DeploymentConfig": {
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Alarm"}}]},
        "RollingUpdatePolicy": {"MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1}, "WaitIntervalInSeconds": 300},
    },
    "RuntimeConfig": {"CopyCount": 2},
    "Tags": TAGS,
}
HARDENED = {
    "Model": MODEL,
    "EndpointConfig": CONFIG,
    "Endpoint": ENDPOINT,
    "InferenceComponent": COMPONENT,
    "InferenceExperiment": EXPERIMENT,
}
EMPTY_VARIANT = {"VariantName": "AllTraffic", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
COMPONENTS: dict[str, Any] = {
    "EnableNetworkIsolation": True,
    "ProductionVariants": [EMPTY_VARIANT],
    "VpcConfig": {"SecurityGroupIds": [GET_ATT], "Subnets": [{"Ref": "Subnet"}]},
}
SERVERLESS = {"ProductionVariants": [{"VariantName": "A", "ServerlessConfig": {"MaxConcurrency": 5}}], "Tags": TAGS}
TARGET = {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {"ServiceNamespace": "sagemaker"}}
POLICY = {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": {}}


def package(**more: Any) -> dict[str, Any]:
    return {"PrimaryContainer": {"ModelPackageName": {"Ref": "Package"}, **more}}


def containers(*found: dict[str, Any]) -> dict[str, Any]:
    return {"PrimaryContainer": None, "Containers": list(found)}


def variant(**changes: Any) -> dict[str, Any]:
    changed = {name: value for name, value in {**VARIANT, **changes}.items() if value is not None}
    return {"ProductionVariants": [VARIANT, changed]}


def capture(**changes: Any) -> dict[str, Any]:
    changed = {name: value for name, value in {**CAPTURE, **changes}.items() if value is not None}
    return {"DataCaptureConfig": changed}


def results(**changes: Any) -> dict[str, Any]:
    output = {"KmsKeyId": GET_ATT, "S3OutputPath": "s3://b/o", "S3FailurePath": "s3://b/f", **changes}
    kept = {name: value for name, value in output.items() if value is not None}
    return {"AsyncInferenceConfig": {"OutputConfig": kept}}


WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("MLG-SRV-01", "Model", {"EnableNetworkIsolation": None}),
    ("MLG-SRV-01", "Model", {"EnableNetworkIsolation": False}),
    ("MLG-SRV-01", "Model", {"EnableNetworkIsolation": {"Fn::If": ["Open", False, True]}}),
    ("MLG-SRV-02", "Model", {"VpcConfig": None}),
    ("MLG-SRV-02", "Model", {"VpcConfig": {"SecurityGroupIds": [GET_ATT], "Subnets": []}}),
    ("MLG-SRV-02", "Model", {"VpcConfig": {"SecurityGroupIds": [], "Subnets": [GET_ATT]}}),
    ("MLG-SRV-03", "Model", {"PrimaryContainer": {"Image": "registry.example.org/churn:latest"}}),
    ("MLG-SRV-03", "Model", {"PrimaryContainer": {"ModelDataUrl": "s3://models/churn.tar.gz"}}),
    ("MLG-SRV-03", "Model", {"PrimaryContainer": {"Image": {"Fn::Join": ["", [GET_ATT, "/churn:7"]]}}}),
    ("MLG-SRV-03", "Model", {"PrimaryContainer": {"Image": {"Fn::Sub": "${AWS::AccountId}.dkr/churn:7"}}}),
    ("MLG-SRV-03", "Model", containers({"Image": IMAGE}, {"Image": "churn:7"})),
    ("MLG-SRV-03", "Model", containers({"Image": IMAGE}, {"Image": {"Fn::Join": ["", [GET_ATT, "/churn:7"]]}})),
    ("MLG-SRV-03", "Model", containers({"Image": IMAGE}, {"Image": {"Fn::Sub": "${Repository}:7"}})),
    ("MLG-SRV-03", "Model", containers({"Image": IMAGE}, {"ModelDataUrl": "s3://models/churn.tar.gz"})),
    ("MLG-SRV-04", "Model", {"PrimaryContainer": {"Image": IMAGE}}),
    (
        "MLG-SRV-04",
        "Model",
        {"PrimaryContainer": {"Image": IMAGE, "ImageConfig": {"RepositoryAccessMode": "Platform"}}},
    ),
    ("MLG-SRV-04", "Model", package()),
    ("MLG-SRV-04", "Model", containers({"Image": IMAGE, "ImageConfig": VPC}, {"Image": IMAGE})),
    ("MLG-SRV-05", "EndpointConfig", {"KmsKeyId": None}),
    ("MLG-SRV-05", "EndpointConfig", {"KmsKeyId": "alias/aws/sagemaker"}),
    ("MLG-SRV-06", "EndpointConfig", variant(InitialInstanceCount=None)),
    ("MLG-SRV-06", "EndpointConfig", variant(InitialInstanceCount=1)),
    ("MLG-SRV-06", "EndpointConfig", variant(InitialInstanceCount="1")),
    ("MLG-SRV-06", "EndpointConfig", {"ShadowProductionVariants": [{**VARIANT, "InitialInstanceCount": 1}]}),
    ("MLG-SRV-06", "EndpointConfig", {"ShadowProductionVariants": [{**VARIANT, "InitialInstanceCount": "1"}]}),
    ("MLG-SRV-06", "EndpointConfig", {"ShadowProductionVariants": [{"InstanceType": "ml.m5.large"}]}),
    ("MLG-SRV-07", "EndpointConfig", {"DataCaptureConfig": None}),
    ("MLG-SRV-07", "EndpointConfig", capture(EnableCapture=None)),
    ("MLG-SRV-07", "EndpointConfig", capture(EnableCapture=False)),
    ("MLG-SRV-07", "EndpointConfig", capture(InitialSamplingPercentage=0)),
    ("MLG-SRV-07", "EndpointConfig", capture(InitialSamplingPercentage="0")),
    ("MLG-SRV-07", "EndpointConfig", capture(KmsKeyId=None)),
    ("MLG-SRV-07", "EndpointConfig", capture(KmsKeyId="alias/aws/s3")),
    ("MLG-SRV-07", "EndpointConfig", capture(CaptureOptions=[{"CaptureMode": "Output"}])),
    ("MLG-SRV-09", "Endpoint", {"DeploymentConfig": None}),
    ("MLG-SRV-09", "Endpoint", {"DeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]}}}),
    (
        "MLG-SRV-09",
        "Endpoint",
        {"DeploymentConfig": {**ENDPOINT["DeploymentConfig"], "AutoRollbackConfiguration": {"Alarms": []}}},
    ),
    ("MLG-SRV-11", "EndpointConfig", results(KmsKeyId=None)),
    ("MLG-SRV-11", "EndpointConfig", results(KmsKeyId="alias/aws/s3")),
    ("MLG-SRV-11", "EndpointConfig", results(S3FailurePath=None)),
    ("MLG-SRV-12", "InferenceExperiment", {"KmsKey": None}),
    ("MLG-SRV-12", "InferenceExperiment", {"KmsKey": "alias/aws/sagemaker"}),
    ("MLG-SRV-13", "InferenceExperiment", {"DataStorageConfig": None}),
    ("MLG-SRV-13", "InferenceExperiment", {"DataStorageConfig": {"Destination": "s3://data"}}),
    ("MLG-SRV-13", "InferenceExperiment", {"DataStorageConfig": {"KmsKey": "arn:aws:kms:::alias/aws/s3"}}),
    ("MLG-SRV-14", "EndpointConfig", SERVERLESS),
    ("MLG-SRV-15", "EndpointConfig", {**COMPONENTS, "EnableNetworkIsolation": None}),
    ("MLG-SRV-15", "EndpointConfig", {**COMPONENTS, "EnableNetworkIsolation": False}),
    ("MLG-SRV-15", "EndpointConfig", {**COMPONENTS, "VpcConfig": None}),
    ("MLG-SRV-15", "EndpointConfig", {**COMPONENTS, "VpcConfig": {"SecurityGroupIds": [GET_ATT], "Subnets": []}}),
    ("MLG-SRV-15", "EndpointConfig", {**COMPONENTS, "VpcConfig": {"SecurityGroupIds": [], "Subnets": [GET_ATT]}}),
    ("MLG-SRV-16", "InferenceComponent", {"DeploymentConfig": None}),
    ("MLG-SRV-16", "InferenceComponent", {"DeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": []}}}),
    (
        "MLG-SRV-16",
        "InferenceComponent",
        {"DeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]}}},
    ),
    ("MLG-SRV-18", "InferenceComponent", {"RuntimeConfig": None}),
    ("MLG-SRV-18", "InferenceComponent", {"RuntimeConfig": {"CopyCount": 1}}),
    ("MLG-SRV-18", "InferenceComponent", {"RuntimeConfig": {"CopyCount": "1"}}),
    *(("MLG-SRV-10", kind, {"Tags": None}) for kind in HARDENED),
    *(("MLG-SRV-10", kind, {"Tags": [{"Key": "project", "Value": "churn"}]}) for kind in HARDENED),
]
RIGHT: list[tuple[str, str, dict[str, Any]]] = [
    ("MLG-SRV-03", "Model", package()),
    ("MLG-SRV-03", "Model", {"PrimaryContainer": {"Image": {"Fn::Join": ["", [GET_ATT, "@sha256:" + "0" * 64]]}}}),
    ("MLG-SRV-03", "Model", {"PrimaryContainer": {"Image": {"Fn::Join": ["", [GET_ATT, "@", {"Ref": "Digest"}]]}}}),
    ("MLG-SRV-03", "Model", {"PrimaryContainer": {"Image": {"Fn::Sub": "${Repository}@${Digest}"}}}),
    ("MLG-SRV-03", "Model", {"PrimaryContainer": {"Image": {"Ref": "Image"}}}),
    ("MLG-SRV-03", "Model", containers({"Image": IMAGE}, {"ModelPackageName": "arn"})),
    ("MLG-SRV-04", "Model", package(ImageConfig=VPC)),
    ("MLG-SRV-04", "Model", containers({"Image": IMAGE, "ImageConfig": VPC})),
    ("MLG-SRV-05", "EndpointConfig", {"KmsKeyId": "{{resolve:ssm:/mlgov/sandbox/workspace/key-arn}}"}),
    ("MLG-SRV-06", "EndpointConfig", variant(InitialInstanceCount={"Ref": "Instances"})),
    ("MLG-SRV-06", "EndpointConfig", variant(InitialInstanceCount="3")),
    ("MLG-SRV-06", "EndpointConfig", {"ShadowProductionVariants": [VARIANT]}),
    ("MLG-SRV-07", "EndpointConfig", capture(CaptureOptions=[{"CaptureMode": "InputAndOutput"}])),
    ("MLG-SRV-07", "EndpointConfig", capture(InitialSamplingPercentage={"Ref": "Percentage"})),
    ("MLG-SRV-07", "EndpointConfig", {"DataCaptureConfig": None, "AsyncInferenceConfig": {}}),
    ("MLG-SRV-11", "EndpointConfig", results()),
    ("MLG-SRV-11", "EndpointConfig", {}),
    ("MLG-SRV-12", "InferenceExperiment", {}),
    ("MLG-SRV-12", "InferenceExperiment", {"KmsKey": "arn:aws:kms:eu-west-1:111122223333:key/1"}),
    ("MLG-SRV-13", "InferenceExperiment", {}),
    ("MLG-SRV-14", "EndpointConfig", {}),
    ("MLG-SRV-15", "EndpointConfig", {}),
    ("MLG-SRV-15", "EndpointConfig", COMPONENTS),
    ("MLG-SRV-16", "InferenceComponent", {}),
    ("MLG-SRV-18", "InferenceComponent", {}),
    ("MLG-SRV-18", "InferenceComponent", {"RuntimeConfig": {"CopyCount": {"Ref": "Copies"}}}),
    (
        "MLG-SRV-18",
        "InferenceComponent",
        {"RuntimeConfig": None, "Specification": {"BaseInferenceComponentName": "base"}},
    ),
    ("MLG-SRV-09", "Endpoint", {"DeploymentConfig": {**ENDPOINT["DeploymentConfig"], "RollingUpdatePolicy": {}}}),
]


def findings(control: str, kind: str, changes: dict[str, Any]) -> list[str]:
    properties = {name: value for name, value in {**HARDENED[kind], **changes}.items() if value is not None}
    resources = {
        "Fine": {"Type": "AWS::SNS::Topic"},
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": CONFIG},
        "Subject": {"Type": f"AWS::SageMaker::{kind}", "Properties": properties},
    }
    return sorted({finding.logical_id for finding in engine(control).check_text(json.dumps({"Resources": resources}))})


@pytest.mark.parametrize("control", ["MLG-SRV-01", "MLG-SRV-02", "MLG-SRV-03", "MLG-SRV-04"])
def test_a_hardened_model_passes(control: str) -> None:
    assert findings(control, "Model", {}) == []


@pytest.mark.parametrize("control", ["MLG-SRV-05", "MLG-SRV-06", "MLG-SRV-07"])
def test_a_hardened_configuration_passes(control: str) -> None:
    assert findings(control, "EndpointConfig", {}) == []


@pytest.mark.parametrize("control", ["MLG-SRV-05", "MLG-SRV-06", "MLG-SRV-07"])
def test_a_configuration_without_instances_is_not_asked(control: str) -> None:
    changes = {"KmsKeyId": None, "DataCaptureConfig": None, **SERVERLESS}
    assert findings(control, "EndpointConfig", changes) == []


@pytest.mark.parametrize(("control", "kind", "changes"), WRONG)
def test_what_is_wrong_or_not_said_fails(control: str, kind: str, changes: dict[str, Any]) -> None:
    assert findings(control, kind, changes) == ["Subject"]


@pytest.mark.parametrize(("control", "kind", "changes"), RIGHT)
def test_other_right_values_pass(control: str, kind: str, changes: dict[str, Any]) -> None:
    assert findings(control, kind, changes) == []


@pytest.mark.parametrize("kind", HARDENED)
def test_what_has_a_project_passes(kind: str) -> None:
    assert findings("MLG-SRV-10", kind, {}) == []


def test_a_hardened_endpoint_passes() -> None:
    assert findings("MLG-SRV-09", "Endpoint", {}) == []


@pytest.mark.parametrize(
    ("scaling", "accused"),
    [
        ({"Target": TARGET, "Policy": POLICY}, []),
        ({"Target": TARGET}, ["Endpoint"]),
        ({"Policy": POLICY}, ["Endpoint"]),
        ({}, ["Endpoint"]),
    ],
)
def test_an_endpoint_on_instances_scales(scaling: dict[str, Any], accused: list[str]) -> None:
    resources = {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": CONFIG},
        "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": ENDPOINT},
        **scaling,
    }
    found = engine("MLG-SRV-08").check_text(json.dumps({"Resources": resources}))
    assert sorted({finding.logical_id for finding in found}) == accused


def test_sagemaker_scales_the_instances_under_components() -> None:
    scaled = {**EMPTY_VARIANT, "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 2}}
    resources = {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [scaled]}},
        "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": ENDPOINT},
    }
    assert engine("MLG-SRV-08").check_text(json.dumps({"Resources": resources})) == []


def transform(target: Any, given: Any) -> list[str]:
    properties = {"ScheduleExpression": "rate(1 days)", "Target": {"Arn": target, "Input": given, "RoleArn": GET_ATT}}
    resources = {"Nightly": {"Type": "AWS::Scheduler::Schedule", "Properties": properties}}
    return [f.logical_id for f in engine("MLG-SRV-17").check_text(json.dumps({"Resources": resources}))]


TRANSFORM = "arn:aws:scheduler:::aws-sdk:sagemaker:createTransformJob"
JOINED = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":scheduler:::aws-sdk:sagemaker:createTransformJob"]]}
SUB = {"Fn::Sub": "arn:${AWS::Partition}:scheduler:::aws-sdk:sagemaker:createTransformJob"}
KEYED = '{"TransformOutput":{"KmsKeyId":"k"},"TransformResources":{"VolumeKmsKeyId": "k"}}'
KEYED_LATER = [
    '{"TransformOutput":{"KmsKeyId":"',
    GET_ATT,
    '"},"TransformResources":{"VolumeKmsKeyId":"',
    GET_ATT,
    '"}}',
]


@pytest.mark.parametrize("target", [TRANSFORM, JOINED, SUB, {"Fn::Sub": [SUB["Fn::Sub"], {}]}])
@pytest.mark.parametrize("given", ["{}", '{"TransformResources":{"VolumeKmsKeyId":"k"}}', {"Fn::Sub": "{}"}, None])
def test_a_schedule_of_transforms_without_keys_fails(target: Any, given: Any) -> None:
    assert set(transform(target, given)) == {"Nightly"}


@pytest.mark.parametrize(
    "given", [KEYED, {"Fn::Join": ["", KEYED_LATER]}, {"Fn::Sub": KEYED}, {"Fn::Sub": [KEYED, {"Key": GET_ATT}]}]
)
def test_a_schedule_of_transforms_with_keys_passes(given: Any) -> None:
    assert transform(JOINED, given) == []


def test_another_schedule_needs_no_key() -> None:
    assert transform("arn:aws:scheduler:::aws-sdk:sagemaker:startNotebookInstance", "{}") == []


def test_a_serverless_endpoint_scales_by_itself() -> None:
    resources = {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": SERVERLESS},
        "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"Tags": TAGS}},
    }
    for control in ("MLG-SRV-08", "MLG-SRV-09"):
        assert engine(control).check_text(json.dumps({"Resources": resources})) == []


def test_every_serving_control_is_tried() -> None:
    tried = {control for control, _, _ in WRONG} | {"MLG-SRV-08", "MLG-SRV-17"}
    assert {control for control in CATALOGUE if control.startswith("MLG-SRV-")} == tried
