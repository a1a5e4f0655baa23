from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment, PermissionsBoundary
from mlgov_constructs.protection import DataKey, GovernedBucket
from mlgov_constructs.serving import (
    BatchLocation,
    BatchTransformJob,
    ContainerImage,
    ModelData,
    SplitType,
    TransformOptions,
)
from tests.serving.conftest import DIGEST, REASON, Ground, ground, named
from tests.templates import Template

SCHEDULE = "AWS::Scheduler::Schedule"


def batch(base: Ground, construct_id: str = "Nightly", **arguments: Any) -> BatchTransformJob:
    if "model" not in arguments:
        arguments["model"] = base.model(f"{construct_id}Model")
    boundary = base.stack.node.try_find_child("Ceiling") or PermissionsBoundary(base.stack, "Ceiling")
    given = {
        "environment": JobEnvironment(vpc=base.vpc, encryption_key=base.key),
        "permissions_boundary": boundary,
        "source": BatchLocation(base.bucket, "churn/customers/"),
        "results": BatchLocation(base.bucket, "churn/predictions"),
        "schedule": "cron(0 2 * * ? *)",
        "failure_topic": base.topic,
        **arguments,
    }
    return BatchTransformJob(base.stack, construct_id, **given)


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "batch")
        plain = batch(base)
        plain.grant_read_results(iam.Role(base.stack, "Reader", assumed_by=iam.AccountRootPrincipal()))
        batch(
            base,
            "Full",
            job_name="churn-weekly",
            time_zone="Europe/Berlin",
            options=TransformOptions(
                content_type="application/jsonlines",
                accept="application/json",
                compressed=True,
                single_record=True,
                max_payload_mb=4,
                max_concurrent=8,
                input_filter="$.features",
                join_input=True,
                output_filter="$['id','SageMakerOutput']",
                timeout=cdk.Duration.minutes(20),
                retries=1,
                environment={"LEVEL": "info"},
            ),
            instance_type="ml.g5.xlarge",
            instance_count=3,
            capture=BatchLocation(base.bucket, "churn/captured"),
            local_storage=REASON,
        )

    return synthesize(build)["batch"]


def request(template: Template, name: str) -> dict[str, Any]:
    """The request that a schedule makes, with a text for each value that is known later."""
    given = named(template, SCHEDULE, name)["Properties"]["Target"]["Input"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else json.dumps(part).replace('"', "'") for part in given)
    found: dict[str, Any] = json.loads(text)
    return found


def test_scheduler_makes_a_transform_by_the_clock(template: Template) -> None:
    schedule = named(template, SCHEDULE, "Nightly")["Properties"]
    assert schedule["Target"]["Arn"]["Fn::Join"][1][-1] == ":scheduler:::aws-sdk:sagemaker:createTransformJob"
    assert (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"]) == ("cron(0 2 * * ? *)", "UTC")
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["Target"]["RoleArn"]["Fn::GetAtt"][0].startswith("NightlyRole")


def test_answers_have_the_key_of_their_bucket(template: Template) -> None:
    output = request(template, "Nightly")["TransformOutput"]
    assert "Key" in output["KmsKeyId"]
    assert output["S3OutputPath"].endswith("/churn/predictions/<aws.scheduler.execution-id>")


def test_volumes_have_the_key(template: Template) -> None:
    machines = request(template, "Nightly")["TransformResources"]
    assert "Key" in machines["VolumeKmsKeyId"]
    assert (machines["InstanceType"], machines["InstanceCount"]) == ("ml.m5.xlarge", 1)


def test_each_run_has_a_name_of_its_own(template: Template) -> None:
    assert request(template, "Nightly")["TransformJobName"] == "churn-nightly-<aws.scheduler.execution-id>"


def test_a_run_belongs_to_the_project(template: Template) -> None:
    assert request(template, "Nightly")["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]


def test_a_file_is_cut_into_lines(template: Template) -> None:
    plain = request(template, "Nightly")
    assert plain["TransformInput"]["SplitType"] == "Line"
    assert plain["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"].endswith("/churn/customers")
    assert (plain["BatchStrategy"], plain["MaxPayloadInMB"]) == ("MultiRecord", 6)
    assert plain["TransformOutput"]["AssembleWith"] == "Line"
    assert plain["DataProcessing"] == {"JoinSource": "None"}
    assert "DataCaptureConfig" not in plain


def test_every_option_is_honoured(template: Template) -> None:
    full = request(template, "Full")
    assert full["TransformInput"]["CompressionType"] == "Gzip"
    assert full["TransformInput"]["ContentType"] == "application/jsonlines"
    assert full["TransformOutput"]["Accept"] == "application/json"
    assert (full["BatchStrategy"], full["MaxConcurrentTransforms"]) == ("SingleRecord", 8)
    assert full["DataProcessing"] == {
        "InputFilter": "$.features",
        "JoinSource": "Input",
        "OutputFilter": "$['id','SageMakerOutput']",
    }
    assert full["ModelClientConfig"] == {"InvocationsMaxRetries": 1, "InvocationsTimeoutInSeconds": 1200}
    assert full["Environment"] == {"LEVEL": "info"}
    assert full["TransformResources"] == {"InstanceCount": 3, "InstanceType": "ml.g5.xlarge"}
    assert "Key" in full["DataCaptureConfig"]["KmsKeyId"]
    assert full["DataCaptureConfig"]["DestinationS3Uri"].endswith("/churn/captured")
    ((deviation),) = named(template, SCHEDULE, "Full")["Metadata"]["mlgov"]["deviations"]
    assert deviation["control"] == "MLG-SRV-17"


def test_its_role_may_start_this_model_with_these_keys_and_this_tag_only(template: Template) -> None:
    rights = named(template, "AWS::IAM::ManagedPolicy", "NightlyRoleRights")["Properties"]["PolicyDocument"][
        "Statement"
    ]
    (start,) = (each for each in rights if each["Action"] == "sagemaker:CreateTransformJob")
    assert json.dumps(start["Resource"]).endswith('":transform-job/churn-nightly-*"]]}')
    condition = start["Condition"]
    assert condition["StringEquals"] == {"aws:RequestTag/mlgov:project": "churn"}
    assert condition["ArnEquals"]["sagemaker:ModelArn"][0]["Ref"].startswith("NightlyModel")
    assert condition["ArnEquals"]["sagemaker:OutputKmsKeyArn"]["Fn::GetAtt"][0].startswith("Key")
    assert condition["ArnEqualsIfExists"]["sagemaker:VolumeKmsKeyArn"]["Fn::GetAtt"][0].startswith("Key")
    assert {each["Action"] for each in rights if "Sid" not in each} == {
        "sagemaker:AddTags",
        "sagemaker:CreateTransformJob",
    }
    assert {each["Sid"] for each in rights if "Sid" in each} == {"VolumeKey", "VolumeKeyGrants"}


def test_its_role_is_under_the_boundary_and_trusts_this_schedule_group(template: Template) -> None:
    role = named(template, "AWS::IAM::Role", "NightlyRole")["Properties"]
    assert role["PermissionsBoundary"]["Ref"].startswith("Ceiling")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    source = json.dumps(trust["Condition"]["ArnLike"]["aws:SourceArn"])
    assert source.endswith(':schedule-group/churn-nightly"]]}')


def test_a_start_that_fails_is_tried_again_within_the_hour(template: Template) -> None:
    target = named(template, SCHEDULE, "Nightly")["Properties"]["Target"]
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 3}


def test_its_schedule_is_alone_in_a_group_of_its_own(template: Template) -> None:
    assert named(template, "AWS::Scheduler::ScheduleGroup", "Nightly")["Properties"]["Name"] == "churn-nightly"
    assert named(template, SCHEDULE, "Nightly")["Properties"]["GroupName"]["Ref"].startswith("NightlyGroup")


def test_it_starts_after_its_role_has_its_rights(template: Template) -> None:
    assert any(name.startswith("NightlyRoleRights") for name in named(template, SCHEDULE, "Nightly")["DependsOn"])


def test_what_is_kept_has_the_key_of_its_bucket(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app, "kept")
        other = DataKey(base.stack, "Other")
        batch(base, capture=BatchLocation(GovernedBucket(base.stack, "Kept", encryption_key=other), "churn/captured"))

    kept = request(synthesize(build)["kept"], "Nightly")
    assert "Other" in kept["DataCaptureConfig"]["KmsKeyId"]
    assert "Other" not in kept["TransformOutput"]["KmsKeyId"]


def test_a_transform_that_fails_is_told(template: Template) -> None:
    rule = named(template, "AWS::Events::Rule", "NightlyFailures")["Properties"]
    assert rule["EventPattern"] == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Transform Job State Change"],
        "detail": {
            "TransformJobName": [{"prefix": "churn-nightly-"}],
            "TransformJobStatus": ["Failed", "Stopped"],
        },
    }
    assert rule["Targets"][0]["Arn"]["Ref"].startswith("Alarms")


def test_a_start_that_is_refused_is_told(template: Template) -> None:
    alarm = named(template, "AWS::CloudWatch::Alarm", "NightlyRefused")["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Scheduler", "TargetErrorCount")
    (dimension,) = alarm["Dimensions"]
    assert dimension["Name"] == "ScheduleGroup"
    assert dimension["Value"]["Ref"].startswith("NightlyGroup")
    assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Sum", 300, 1)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    assert alarm["TreatMissingData"] == "notBreaching"
    assert alarm["AlarmActions"][0]["Ref"].startswith("Alarms")


def test_the_topic_admits_who_tells_it(template: Template) -> None:
    policy = json.dumps(named(template, "AWS::SNS::TopicPolicy", "Alarms"))
    assert '"events.amazonaws.com"' in policy
    assert '"cloudwatch.amazonaws.com"' in policy


def test_the_model_reads_the_files_writes_the_answers_and_its_logs(template: Template) -> None:
    rights = named(template, "AWS::IAM::ManagedPolicy", "RoleRights")["Properties"]["PolicyDocument"]["Statement"]
    reads = json.dumps([each["Resource"] for each in rights if "s3:GetObject*" in each["Action"]])
    writes = json.dumps([each["Resource"] for each in rights if "s3:PutObject" in each["Action"]])
    logs = json.dumps([each["Resource"] for each in rights if "logs:PutLogEvents" in each["Action"]])
    assert "/churn/customers/*" in reads
    assert "predictions" not in reads
    assert "/churn/predictions/*" in writes
    assert "/churn/captured/*" in writes
    assert "customers" not in writes
    assert "/aws/sagemaker/TransformJobs" in logs


def test_a_reader_reads_the_answers(template: Template) -> None:
    text = json.dumps(named(template, "AWS::IAM::Policy", "Reader"))
    assert "/churn/predictions/*" in text
    assert "kms:Decrypt" in text


def test_refused_starts_are_a_metric() -> None:
    assert batch(ground(cdk.App(), "Stack")).metric_refused().metric_name == "TargetErrorCount"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"schedule": "every night"}, "schedule 'every night' is none that EventBridge Scheduler reads"),
        ({"schedule": "cron(0 99 * * ? *)"}, "schedule 'cron(0 99 * * ? *)' is none"),
        ({"schedule": "at(2030-13-31T08:00:00)"}, "schedule 'at(2030-13-31T08:00:00)' is none"),
        ({"time_zone": "Europe/Paradise"}, "time_zone 'Europe/Paradise' does not exist. Write it as the IANA does"),
        ({"schedule": "cron(0 2 * * ?)"}, "schedule 'cron(0 2 * * ?)' is none"),
        ({"job_name": "Churn"}, "job_name 'Churn' cannot begin the name of a job"),
        ({"job_name": "c" * 41}, f"job_name '{'c' * 41}' cannot begin"),
        ({"instance_count": 0}, "0 machines do no work"),
        ({"instance_type": "ml.g5.xlarge"}, "instance_type 'ml.g5.xlarge' has disks of its host"),
        ({"instance_type": "ml.unknown.large"}, "instance_type 'ml.unknown.large' is not allowed"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Nightly] {message}")):
        batch(base, **arguments)
    assert base.stack.node.try_find_child("Nightly") is None


def test_a_batch_asks_one_model() -> None:
    base = ground(cdk.App(), "Stack")
    image = ContainerImage.from_uri(f"a@{DIGEST}")
    many = base.model("Many", image=image, model_data=ModelData(base.bucket, "churn/many/"))
    with pytest.raises(ConstructError, match="the model has many artifacts"):
        batch(base, model=many)


@pytest.mark.parametrize("prefix", ["churn/in", "churn/in/answers", "churn/in-answers"])
@pytest.mark.parametrize("name", ["results", "capture"])
def test_a_batch_reads_nothing_that_it_wrote(name: str, prefix: str) -> None:
    base = ground(cdk.App(), "Stack")
    places = {"source": BatchLocation(base.bucket, "churn/in"), name: BatchLocation(base.bucket, prefix)}
    with pytest.raises(ConstructError, match=f"{name} '{prefix}' begin as source 'churn/in' does"):
        batch(base, **places)


def test_a_batch_lies_under_a_prefix_of_a_bucket_with_a_key() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ValueError, match="A batch without a prefix would be the whole bucket"):
        BatchLocation(base.bucket, "/")
    with pytest.raises(ValueError, match="A batch has the prefix 's3://data/churn', which is an address"):
        BatchLocation(base.bucket, "s3://data/churn")
    with pytest.raises(ValueError, match="of a batch has no customer managed key"):
        BatchLocation(s3.Bucket.from_bucket_name(base.stack, "Plain", "plain"), "churn")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_payload_mb": 101}, "A payload of 101 MB is out of range"),
        ({"max_concurrent": 0}, "0 requests at once ask nothing"),
        ({"max_payload_mb": 20, "max_concurrent": 6}, "6 requests of 20 MB are 120 MB at once"),
        ({"split": SplitType.NONE, "single_record": True}, "Records cannot be sent one at a time"),
        ({"input_filter": "features"}, "Filter 'features' is no JSONPath"),
        ({"output_filter": "$" + "a" * 63}, "is no JSONPath that SageMaker reads"),
        ({"retries": 4}, "4 retries are out of range"),
        ({"timeout": cdk.Duration.hours(2)}, "A timeout of 7200 seconds is out of range"),
    ],
)
def test_options_that_sagemaker_refuses_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        TransformOptions(**arguments)


def test_whole_files_are_sent_and_written_whole() -> None:
    options = TransformOptions(split=SplitType.NONE)
    assert "BatchStrategy" not in options.render()
