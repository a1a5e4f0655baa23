"""The examples of serving as they are, deployed, and read back from the APIs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

ROOT = Path(__file__).parent.parent.parent
IMAGE = f"registry.example.org/churn@sha256:{'ab' * 32}"
TAGS = [{"Key": "mlgov:project", "Value": "churn"}]


@pytest.fixture(scope="module")
def registry(cloud: Cloud) -> None:
    """Eight approved versions of a model, as the examples name them."""
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="churn")
    specification = {
        "Containers": [{"Image": IMAGE}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    for _ in range(8):
        sagemaker.create_model_package(
            ModelPackageGroupName="churn", ModelApprovalStatus="Approved", InferenceSpecification=specification
        )


def deploy(cloud: Cloud, example: str, folder: Path) -> Stack:
    subprocess.run(
        [sys.executable, str(ROOT / "docs" / "examples" / f"{example}.py")],
        cwd=ROOT,
        env={**os.environ, "CDK_OUTDIR": str(folder)},
        check=True,
    )
    (path,) = folder.glob("*.template.json")
    # The bootstrap stack, which the rule of the CDK looks for, is not part of this test.
    document = {name: part for name, part in json.loads(path.read_text("utf-8")).items() if name != "Rules"}
    document["Parameters"] = {
        name: part for name, part in document.get("Parameters", {}).items() if name != "BootstrapVersion"
    }
    s3, bucket, name = cloud.client("s3"), "serving-templates", example.replace("_", "-")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=f"{name}.json", Body=json.dumps(document))
    cloud.client("cloudformation").create_stack(
        StackName=name,
        TemplateURL=f"{cloud.local.endpoint}/{bucket}/{name}.json",
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = Stack(cloud, name, {})
    assert stack.wait() == "CREATE_COMPLETE", failures(cloud, stack)
    return stack


def failures(cloud: Cloud, stack: Stack) -> list[str]:
    """What failed first: the events of so many resources fill more than a page."""
    pages = cloud.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack.name)
    found = [event for page in pages for event in page["StackEvents"]]
    return [event["ResourceStatusReason"] for event in found if event["ResourceStatus"].endswith("_FAILED")]


@pytest.fixture(scope="module")
def variants(cloud: Cloud, registry: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = deploy(cloud, "serving_variants", tmp_path_factory.mktemp("variants"))
    yield stack
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()


@pytest.fixture(scope="module")
def batch(cloud: Cloud, registry: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = deploy(cloud, "batch", tmp_path_factory.mktemp("batch"))
    yield stack
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()


def described(cloud: Cloud, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An endpoint whose name holds a text, and its configuration."""
    sagemaker = cloud.client("sagemaker")
    (listed,) = sagemaker.list_endpoints(NameContains=name)["Endpoints"]
    endpoint = sagemaker.describe_endpoint(EndpointName=listed["EndpointName"])
    config: dict[str, Any] = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    return endpoint, config


def test_components_run_isolated_in_the_subnets(cloud: Cloud, variants: Stack) -> None:
    endpoint, config = described(cloud, "Shared")
    assert config["EnableNetworkIsolation"] is True
    assert len(cloud.client("ec2").describe_subnets(SubnetIds=config["VpcConfig"]["Subnets"])["Subnets"]) == 2
    components = cloud.client("sagemaker").list_inference_components(EndpointNameEquals=endpoint["EndpointName"])
    assert len(components["InferenceComponents"]) == 2


def test_many_models_lie_under_a_prefix(cloud: Cloud, variants: Stack) -> None:
    _, config = described(cloud, "Cities")
    model = cloud.client("sagemaker").describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    assert model["PrimaryContainer"]["Mode"] == "MultiModel"
    assert model["PrimaryContainer"]["ModelDataUrl"].endswith("/churn/cities/")
    assert model["EnableNetworkIsolation"] is True


def test_a_serverless_endpoint_keeps_a_copy_ready(cloud: Cloud, variants: Stack) -> None:
    endpoint, _ = described(cloud, "Demonstration")
    serverless = endpoint["ProductionVariants"][0]["CurrentServerlessConfig"]
    assert serverless == {"MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": 1}
    assert endpoint["LastDeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]


def test_a_shadow_test_waits_for_its_week(cloud: Cloud, variants: Stack) -> None:
    found = cloud.client("sagemaker").describe_inference_experiment(Name="churn-Version8")
    keys = {key["KeyArn"] for key in cloud.client("kms").list_keys()["Keys"]}
    assert found["Status"] == "Created"
    assert found["KmsKey"] in keys
    assert found["DataStorageConfig"]["KmsKey"] in keys


def test_a_batch_is_scheduled_with_its_keys(cloud: Cloud, batch: Stack) -> None:
    client = cloud.client("scheduler")
    (listed,) = [each for each in client.list_schedules()["Schedules"] if each["GroupName"] == "churn-nightly"]
    found = client.get_schedule(Name=listed["Name"], GroupName="churn-nightly")
    assert found["ScheduleExpressionTimezone"] == "Europe/Berlin"
    request = json.loads(found["Target"]["Input"])
    keys = {key["KeyArn"] for key in cloud.client("kms").list_keys()["Keys"]}
    assert request["TransformOutput"]["KmsKeyId"] in keys
    assert request["TransformResources"]["VolumeKmsKeyId"] in keys
    assert request["DataCaptureConfig"]["KmsKeyId"] in keys
    assert request["Tags"] == TAGS
    model = cloud.client("sagemaker").describe_model(ModelName=request["ModelName"])
    assert model["EnableNetworkIsolation"] is True
    group = client.get_schedule_group(Name="churn-nightly")
    assert client.list_tags_for_resource(ResourceArn=group["Arn"])["Tags"] == TAGS


def test_what_scheduler_asks_for_is_what_sagemaker_takes(cloud: Cloud, batch: Stack) -> None:
    client = cloud.client("scheduler")
    (listed,) = [each for each in client.list_schedules()["Schedules"] if each["GroupName"] == "churn-nightly"]
    text = client.get_schedule(Name=listed["Name"], GroupName="churn-nightly")["Target"]["Input"]
    request = json.loads(text.replace("<aws.scheduler.execution-id>", "d32c5kddcf5bb8c3"))
    answer = cloud.client("sagemaker").create_transform_job(**request)
    assert answer["TransformJobArn"].endswith(":transform-job/churn-nightly-d32c5kddcf5bb8c3")


def test_a_pipeline_makes_a_model_and_asks_it(cloud: Cloud, batch: Stack) -> None:
    definition = json.loads(
        cloud.client("sagemaker").describe_pipeline(PipelineName="churn-trial")["PipelineDefinition"]
    )
    steps = {step["Name"]: step for step in definition["Steps"]}
    assert [steps[name]["Type"] for name in ("Train", "Model", "Sample")] == ["Training", "Model", "Transform"]
    assert steps["Model"]["Arguments"]["EnableNetworkIsolation"] is True
    assert steps["Sample"]["Arguments"]["ModelName"] == {"Get": "Steps.Model.ModelName"}
