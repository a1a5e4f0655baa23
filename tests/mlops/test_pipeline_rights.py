"""The role of a pipeline, within its boundary, may send exactly what its definition says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mlgov_constructs.local_cloud.services.sagemaker.conditions import condition_keys
from tests.access import ACCOUNT, REGION, decision, resolved
from tests.mlops.pipelines import PIPELINE, step
from tests.templates import Template, of_type

SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
JOBS = {
    "Train": ("CreateTrainingJob", f"{SAGEMAKER}:training-job/job"),
    "Prepare": ("CreateProcessingJob", f"{SAGEMAKER}:processing-job/job"),
    "Register": ("CreateModelPackage", f"{SAGEMAKER}:model-package/churn/1"),
}


@pytest.fixture(scope="session")
def requests(pipelines: Template) -> dict[str, dict[str, Any]]:
    """The request of each step of the full pipeline, as it is sent."""
    (full,) = (r["Properties"] for i, r in of_type(pipelines, PIPELINE).items() if i.startswith("Full"))
    definition = json.loads(resolved(full["PipelineDefinition"]["PipelineDefinitionBody"]))
    return {name: step(definition, name)["Arguments"] for name in JOBS}


@pytest.fixture(scope="session")
def role(pipelines: Template) -> str:
    (found,) = (name for name in of_type(pipelines, "AWS::IAM::Role") if name.startswith("Fullpipeline"))
    return found


def decided(pipelines: Template, role: str, name: str, request: Mapping[str, Any]) -> str:
    operation, resource = JOBS[name]
    return decision(pipelines, role, f"sagemaker:{operation}", resource, **condition_keys(operation, request))


@pytest.mark.parametrize("name", JOBS)
def test_each_request_of_the_definition_is_allowed(
    pipelines: Template, role: str, requests: dict[str, dict[str, Any]], name: str
) -> None:
    assert decided(pipelines, role, name, requests[name]) == "Allow"


def changed(request: Mapping[str, Any], *path: str, value: Any = None) -> dict[str, Any]:
    """A request with another value somewhere, or without any."""
    head, *rest = path
    if rest:
        return {**request, head: changed(request[head], *rest, value=value)}
    return {**{key: item for key, item in request.items() if key != head}, **({} if value is None else {head: value})}


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("Train", ("EnableNetworkIsolation",), False),
        ("Train", ("EnableNetworkIsolation",), None),
        ("Train", ("EnableInterContainerTrafficEncryption",), False),
        ("Train", ("VpcConfig",), None),
        ("Train", ("VpcConfig", "Subnets"), ["subnet-of-others"]),
        ("Train", ("OutputDataConfig", "KmsKeyId"), None),
        ("Train", ("OutputDataConfig", "KmsKeyId"), f"arn:aws:kms:{REGION}:{ACCOUNT}:key/other"),
        ("Train", ("ResourceConfig", "InstanceType"), "ml.m5.xlarge"),
        ("Train", ("Tags",), None),
        ("Train", ("Tags",), [{"Key": "mlgov:project", "Value": "fraud"}]),
        ("Prepare", ("NetworkConfig", "EnableNetworkIsolation"), False),
        ("Prepare", ("NetworkConfig",), None),
        ("Prepare", ("ProcessingResources", "ClusterConfig", "VolumeKmsKeyId"), None),
        ("Register", ("ModelApprovalStatus",), "Approved"),
        ("Register", ("ModelApprovalStatus",), None),
    ],
)
def test_a_request_that_says_less_or_other_is_refused(
    pipelines: Template, role: str, requests: dict[str, dict[str, Any]], name: str, path: tuple[str, ...], value: Any
) -> None:
    assert decided(pipelines, role, name, changed(requests[name], *path, value=value)) != "Allow"


def test_the_pipeline_approves_nothing(pipelines: Template, role: str) -> None:
    version = f"{SAGEMAKER}:model-package/churn/1"
    context = {"sagemaker__ModelApprovalStatus": "Approved"}
    assert decision(pipelines, role, "sagemaker:UpdateModelPackage", version, **context) != "Allow"


def test_the_pipeline_registers_in_its_group_alone(pipelines: Template, role: str) -> None:
    context = {"sagemaker__ModelApprovalStatus": "PendingManualApproval"}
    for group, expected in (("churn", "Allow"), ("fraud", "ImplicitDeny")):
        version = f"{SAGEMAKER}:model-package/{group}/1"
        assert decision(pipelines, role, "sagemaker:CreateModelPackage", version, **context) == expected
