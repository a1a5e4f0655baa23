"""What a pipeline is granted for a check that asks a model: nothing is taken off but the isolation."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.identity import JobEnvironment
from mlgov_constructs.monitoring.checks.model_rights import ask_models, unisolated_jobs
from tests.monitoring.conftest import ground


@pytest.fixture(scope="module")
def environment() -> JobEnvironment:
    base = ground(cdk.App(), "Stack")
    return JobEnvironment(vpc=base.vpc, encryption_key=base.key)


@pytest.fixture(scope="module")
def right(environment: JobEnvironment) -> dict[str, Any]:
    return unisolated_jobs("churn", environment)


def test_it_is_the_right_to_jobs_that_a_pipeline_starts(right: dict[str, Any]) -> None:
    assert right["Action"] == "sagemaker:CreateProcessingJob"
    assert right["Resource"].endswith(":processing-job/pipelines-*")


def test_jobs_are_in_the_network_of_the_environment(right: dict[str, Any], environment: JobEnvironment) -> None:
    network = environment.network_condition()
    assert right["Condition"]["ForAllValues:StringEquals"] == network["ForAllValues:StringEquals"]
    assert right["Condition"]["Null"] == {
        "sagemaker:OutputKmsKeyArn": "false",
        "sagemaker:VpcSecurityGroupIds": "false",
        "sagemaker:VpcSubnets": "false",
    }


def test_jobs_have_the_key_of_the_environment(right: dict[str, Any], environment: JobEnvironment) -> None:
    assert right["Condition"]["ArnEquals"] == {"sagemaker:OutputKmsKeyArn": environment.key_arn}
    assert right["Condition"]["ArnEqualsIfExists"] == {"sagemaker:VolumeKmsKeyArn": environment.key_arn}


def test_jobs_carry_the_project_and_encrypt_between_containers(right: dict[str, Any]) -> None:
    assert right["Condition"]["StringEquals"]["aws:RequestTag/mlgov:project"] == "churn"
    assert right["Condition"]["Bool"] == {"sagemaker:InterContainerTrafficEncryption": "true"}


def test_a_job_describes_the_models_of_its_project_and_asks_shadows_of_them() -> None:
    describe, shadow = ask_models("churn")
    assert describe["Action"] == ["sagemaker:DescribeModel"]
    assert describe["Condition"] == {"StringEquals": {"aws:ResourceTag/mlgov:project": "churn"}}
    assert [arn.rsplit(":", 1)[-1] for arn in shadow["Resource"]] == [
        "endpoint/sagemaker-clarify-*",
        "endpoint-config/sagemaker-clarify-*",
    ]
    # What it makes it removes again.
    assert {"sagemaker:DeleteEndpoint", "sagemaker:DeleteEndpointConfig"} < set(shadow["Action"])
