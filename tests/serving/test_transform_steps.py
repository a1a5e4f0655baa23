from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.identity import JobEnvironment
from mlgov_constructs.serving import BatchTransformStep, CreateModelStep, TransformOptions, grant_transform_output
from mlgov_constructs.steps import JobSettings, PipelineParameter, StepOutput
from tests.serving.conftest import DIGEST, ground, named

KEY, ROLE = "arn:aws:kms:eu-west-1:111122223333:key/1", "arn:aws:iam::111122223333:role/hosting"
SETTINGS = JobSettings(
    project="churn",
    subnet_ids=["subnet-1", "subnet-2"],
    security_group_ids=["sg-1"],
    key_arn=KEY,
    training_role_arn="training",
    processing_role_arn="processing",
    output_uri="s3://data/churn/pipelines/trial",
)
PREDICTIONS = {
    "Std:Join": {
        "On": "/",
        "Values": ["s3://data/churn/pipelines/trial", {"Get": "Execution.PipelineExecutionId"}, "Ask", "predictions"],
    }
}


class Trained:
    """What a training step leaves."""

    model = StepOutput("Train", "ModelArtifacts.S3ModelArtifacts", "model")
    image_parameter = PipelineParameter("TrainImage", f"registry.example.org/churn@{DIGEST}")


def make(**arguments: Any) -> CreateModelStep:
    return CreateModelStep("Make", training=Trained(), role_arn=ROLE, **arguments)


def ask(**arguments: Any) -> BatchTransformStep:
    return BatchTransformStep("Ask", model_name=make().model, source="s3://data/churn/sample", **arguments)


def test_a_model_of_a_pipeline_has_no_network_and_is_in_the_subnets() -> None:
    made = make(environment={"LEVEL": "info"}).render(SETTINGS)
    assert made["Type"] == "Model"
    request = made["Arguments"]
    assert request["EnableNetworkIsolation"] is True
    assert request["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
    assert request["ExecutionRoleArn"] == ROLE
    assert request["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]
    assert request["PrimaryContainer"] == {
        "Environment": {"LEVEL": "info"},
        "Image": {"Get": "Parameters.TrainImage"},
        "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
    }


def test_another_image_may_serve_by_its_digest() -> None:
    fixed = make(serving_image=f"registry.example.org/serve@{DIGEST}")
    assert list(fixed.problems()) == []
    assert fixed.render(SETTINGS)["Arguments"]["PrimaryContainer"]["Image"].endswith(DIGEST)
    (problem,) = make(serving_image="registry.example.org/serve:1").problems()
    assert problem.problem == "step 'Make' serves with the image 'registry.example.org/serve:1' by its tag"


def test_a_transform_encrypts_answers_and_volumes() -> None:
    request = ask(instance_count=2).render(SETTINGS)["Arguments"]
    assert request["TransformOutput"]["KmsKeyId"] == KEY
    assert request["TransformOutput"]["S3OutputPath"] == PREDICTIONS
    assert request["TransformResources"] == {
        "InstanceCount": 2,
        "InstanceType": "ml.m5.xlarge",
        "VolumeKmsKeyId": KEY,
    }
    assert request["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]
    assert request["ModelName"] == {"Get": "Steps.Make.ModelName"}
    assert request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == "s3://data/churn/sample"
    assert "DataCaptureConfig" not in request


def test_a_transform_may_keep_what_it_asked_with() -> None:
    captured = ask(capture=True).render(SETTINGS)["Arguments"]["DataCaptureConfig"]
    assert captured["KmsKeyId"] == KEY
    assert captured["DestinationS3Uri"]["Std:Join"]["Values"][-1] == "captured"


def test_a_result_that_is_found_again_lies_in_one_place() -> None:
    output = ask(cache=cdk.Duration.days(7)).render(SETTINGS)["Arguments"]["TransformOutput"]["S3OutputPath"]
    assert output["Std:Join"]["Values"] == ["s3://data/churn/pipelines/trial", "Ask", "predictions"]


def test_other_steps_read_what_they_leave() -> None:
    assert make().outputs == ("model",)
    assert ask().outputs == ("predictions",)
    assert ask().predictions.render() == {"Get": "Steps.Ask.TransformOutput.S3OutputPath"}


def test_a_machine_with_a_disk_of_its_own_takes_no_key() -> None:
    request = ask(instance_type="ml.g5.xlarge").render(SETTINGS)["Arguments"]
    assert "VolumeKmsKeyId" not in request["TransformResources"]


def test_options_are_passed_on() -> None:
    request = ask(options=TransformOptions(input_filter="$[1:]")).render(SETTINGS)["Arguments"]
    assert request["DataProcessing"] == {"InputFilter": "$[1:]", "JoinSource": "None"}


def test_a_transform_has_no_longest_run() -> None:
    assert list(ask().problems()) == []
    (problem,) = ask(max_runtime=cdk.Duration.hours(1)).problems()
    assert "has a max_runtime, and SageMaker takes none" in problem.problem


@pytest.fixture(scope="module")
def environment() -> JobEnvironment:
    base = ground(cdk.App(), "Stack")
    return JobEnvironment(vpc=base.vpc, encryption_key=base.key)


def test_a_pipeline_may_make_isolated_models_of_its_project_with_this_role(environment: JobEnvironment) -> None:
    needs = make().needs("churn", environment)
    rights = {each["Action"][0]: each for each in needs.pipeline}
    condition = rights["sagemaker:CreateModel"]["Condition"]
    assert condition["Null"] == {"sagemaker:VpcSubnets": "false", "sagemaker:VpcSecurityGroupIds": "false"}
    assert condition["Bool"] == {"sagemaker:NetworkIsolation": "true"}
    assert condition["StringEquals"] == {"aws:RequestTag/mlgov:project": "churn"}
    for action in ("sagemaker:CreateModel", "sagemaker:AddTags", "sagemaker:DescribeModel"):
        assert rights[action]["Resource"].endswith(":model/*"), action
    tagging = {"StringEquals": {"sagemaker:TaggingAction": "CreateModel"}}
    assert rights["sagemaker:AddTags"]["Condition"] == tagging
    theirs = {"StringEquals": {"aws:ResourceTag/mlgov:project": "churn"}}
    assert rights["sagemaker:DescribeModel"]["Condition"] == theirs
    assert rights["iam:PassRole"]["Resource"] == ROLE
    assert rights["iam:PassRole"]["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_a_pipeline_may_transform_with_the_key_of_the_environment(environment: JobEnvironment) -> None:
    needs = ask().needs("churn", environment)
    rights = {each["Action"][0]: each for each in needs.pipeline if isinstance(each["Action"], list)}
    start = rights["sagemaker:CreateTransformJob"]["Condition"]
    assert start["ArnEquals"] == {"sagemaker:OutputKmsKeyArn": environment.key_arn}
    assert start["StringEquals"] == {"aws:RequestTag/mlgov:project": "churn"}
    for action in ("sagemaker:CreateTransformJob", "sagemaker:AddTags", "sagemaker:DescribeTransformJob"):
        assert rights[action]["Resource"].endswith(":transform-job/*"), action
    tagging = {"StringEquals": {"sagemaker:TaggingAction": "CreateTransformJob"}}
    assert rights["sagemaker:AddTags"]["Condition"] == tagging
    follow = rights["sagemaker:DescribeTransformJob"]
    assert follow["Condition"] == {"StringEquals": {"aws:ResourceTag/mlgov:project": "churn"}}


def test_the_role_of_a_model_may_write_logs_of_transforms() -> None:
    app = cdk.App()
    base = ground(app, "Stack")
    grant_transform_output(base.role)
    template = app.synth().get_stack_by_name("Stack").template
    rights = named(template, "AWS::IAM::ManagedPolicy", "RoleRights")["Properties"]["PolicyDocument"]["Statement"]
    of_transforms = {"StringEquals": {"cloudwatch:namespace": "/aws/sagemaker/TransformJobs"}}
    (publish,) = (each for each in rights if each.get("Condition") == of_transforms)
    assert publish["Action"] == "cloudwatch:PutMetricData"
    (write,) = (each for each in rights if "TransformJobs" in json.dumps(each["Resource"]))
    assert json.dumps(write["Resource"]).endswith(':log-group:/aws/sagemaker/TransformJobs:*"]]}')
    assert write["Action"] == [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    ]
