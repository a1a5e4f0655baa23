"""A pipeline with a long definition: deployed, changed and deleted, with the definition read back from S3."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.steps import ProcessingStep
from tests.local_cloud.conftest import Cloud, Stack
from tests.local_cloud.test_mlops_types import DEFINITION, ROLE
from tests.mlops.pipelines import IMAGE, ground, step

NAME, KEY = "churn-long", "churn/pipelines/churn-long/definition.json"


def template(folder: Path, letter: str) -> str:
    """A stack with a pipeline whose scripts are made of one letter."""
    app = cdk.App(outdir=str(folder / letter), analytics_reporting=False)
    steps = [ProcessingStep(f"Step{number}", image=IMAGE, script=letter * 19_000) for number in range(6)]
    ground(app, "long").pipeline("Long", steps=steps)
    app.synth()
    document = json.loads((folder / letter / "long.template.json").read_text(encoding="utf-8"))
    # The bootstrap stack, which the rule of the CDK looks for, is not part of this test.
    return json.dumps({"Resources": document["Resources"]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("long")
    return made


def put(cloud: Cloud, name: str, body: str) -> dict[str, Any]:
    cloud.client("s3").put_object(Bucket="pipeline-templates", Key=name, Body=body)
    return {
        "StackName": "long",
        "TemplateURL": f"{cloud.local.endpoint}/pipeline-templates/{name}",
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }


@pytest.fixture(scope="module")
def long(cloud: Cloud, folder: Path) -> Stack:
    cloud.client("s3").create_bucket(Bucket="pipeline-templates")
    cloud.client("cloudformation").create_stack(**put(cloud, "first.json", template(folder, "x")))
    stack = Stack(cloud, "long", {})
    assert stack.wait() == "CREATE_COMPLETE", stack.failures()
    return stack


def bucket(stack: Stack) -> str:
    resources = stack.cloud.client("cloudformation").describe_stack_resources(StackName="long")["StackResources"]
    (found,) = (
        each["PhysicalResourceId"]
        for each in resources
        if each["ResourceType"] == "AWS::S3::Bucket" and each["LogicalResourceId"].startswith("Data")
    )
    return str(found)


def definition(cloud: Cloud) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        cloud.client("sagemaker").describe_pipeline(PipelineName=NAME)["PipelineDefinition"]
    )
    return found


def test_the_pipeline_has_the_definition_that_lies_in_s3_with_the_values_of_the_deployment(
    cloud: Cloud, long: Stack
) -> None:
    found = definition(cloud)
    stored = cloud.client("s3").get_object(Bucket=bucket(long), Key=KEY)
    assert json.loads(stored["Body"].read()) == found
    assert stored["ServerSideEncryption"] == "aws:kms"
    job = step(found, "Step0")["Arguments"]
    assert job["RoleArn"].startswith("arn:aws:iam::")
    assert all(subnet.startswith("subnet-") for subnet in job["NetworkConfig"]["VpcConfig"]["Subnets"])
    assert "{{" not in json.dumps(found)


def test_a_change_is_a_new_version_and_the_old_one_stays(cloud: Cloud, long: Stack, folder: Path) -> None:
    before = definition(cloud)
    cloud.client("cloudformation").update_stack(**put(cloud, "second.json", template(folder, "y")))
    assert long.wait() == "UPDATE_COMPLETE", long.failures()
    assert definition(cloud) != before
    s3 = cloud.client("s3")
    versions = s3.list_object_versions(Bucket=bucket(long), Prefix=KEY)["Versions"]
    assert len(versions) == 2
    (old,) = (each["VersionId"] for each in versions if not each["IsLatest"])
    assert json.loads(s3.get_object(Bucket=bucket(long), Key=KEY, VersionId=old)["Body"].read()) == before


def test_the_definitions_outlive_the_stack(cloud: Cloud, long: Stack) -> None:
    kept = bucket(long)
    assert long.delete() == "DELETE_COMPLETE", long.failures()
    assert len(cloud.client("s3").list_object_versions(Bucket=kept, Prefix=KEY)["Versions"]) == 2
    # Other files of tests have pipelines of their own in the same cloud.
    left = cloud.client("sagemaker").list_pipelines()["PipelineSummaries"]
    assert NAME not in [pipeline["PipelineName"] for pipeline in left]


def test_what_does_not_lie_in_s3_is_no_definition(cloud: Cloud) -> None:
    sagemaker, s3 = cloud.client("sagemaker"), cloud.client("s3")
    s3.create_bucket(Bucket="definitions")
    s3.put_object(Bucket="definitions", Key="good.json", Body=json.dumps(DEFINITION))
    s3.put_object(Bucket="definitions", Key="bad.json", Body='{"Version": "2020-12-01"}')
    good = {"Bucket": "definitions", "ObjectKey": "good.json"}
    for place, message in (
        ({**good, "ObjectKey": "none.json"}, "is not at s3://definitions/none.json"),
        ({**good, "VersionId": "none"}, "is not at s3://definitions/good.json, version none"),
        ({**good, "ObjectKey": "bad.json"}, "there is no step"),
    ):
        with pytest.raises(sagemaker.exceptions.ClientError, match=message):
            sagemaker.create_pipeline(PipelineName="placed", PipelineDefinitionS3Location=place, RoleArn=ROLE)
    with pytest.raises(sagemaker.exceptions.ClientError, match="not both"):
        sagemaker.create_pipeline(
            PipelineName="placed", PipelineDefinition="{}", PipelineDefinitionS3Location=good, RoleArn=ROLE
        )
    sagemaker.create_pipeline(PipelineName="placed", PipelineDefinitionS3Location=good, RoleArn=ROLE)
    assert json.loads(sagemaker.describe_pipeline(PipelineName="placed")["PipelineDefinition"]) == DEFINITION
    sagemaker.delete_pipeline(PipelineName="placed")
