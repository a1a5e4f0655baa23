from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from botocore.validate import ParamValidator

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType
from mlgov_constructs.mlops import ModelPipeline, PipelineStartRole, RegisterModelStep
from mlgov_constructs.mlops.pipeline_starts import pattern_of
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import GovernedBucket
from mlgov_constructs.steps import (
    ConditionStep,
    FailStep,
    JobImage,
    JobSettings,
    JobStep,
    PipelineParameter,
    ProcessingStep,
    RetryPolicy,
)
from mlgov_constructs.steps.image_registries import ImageRegistries
from mlgov_constructs.training import TrainingStep
from tests.access import decision, resolved
from tests.mlops.pipelines import IMAGE, PIPELINE, PREPARE, REGISTER, TRAIN, definition, filled, flat, ground, step
from tests.templates import Template, of_type

OPERATIONS = {
    "Processing": ("CreateProcessingJob", "ProcessingJobName"),
    "Training": ("CreateTrainingJob", "TrainingJobName"),
    "RegisterModel": ("CreateModelPackage", None),
}
TAGGED = JobImage("111122223333.dkr.ecr.eu-west-1.example/train:latest")


def arguments(pipelines: Template, pipeline: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = step(definition(pipelines, pipeline), name)["Arguments"]
    return found


# Every job, whatever its step says.


@pytest.mark.parametrize("pipeline", ["Plain", "Full"])
def test_training_is_isolated_encrypted_and_ends(pipelines: Template, pipeline: str) -> None:
    job = arguments(pipelines, pipeline, "Train")
    assert job["EnableNetworkIsolation"] is True
    assert job["EnableInterContainerTrafficEncryption"] is True
    assert "Workloads" in job["VpcConfig"]["SecurityGroupIds"][0]
    assert [("Subnet1" in job["VpcConfig"]["Subnets"][0]), ("Subnet2" in job["VpcConfig"]["Subnets"][1])] == [True] * 2
    assert job["OutputDataConfig"]["KmsKeyId"].startswith("<Key")
    assert job["StoppingCondition"]["MaxRuntimeInSeconds"] in (3600, 7200)
    assert job["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]
    assert f"{pipeline}training" in job["RoleArn"]


def test_processing_is_isolated_encrypted_and_ends(pipelines: Template) -> None:
    job = arguments(pipelines, "Full", "Prepare")
    network = job["NetworkConfig"]
    assert network["EnableNetworkIsolation"] is network["EnableInterContainerTrafficEncryption"] is True
    assert len(network["VpcConfig"]["Subnets"]) == 2
    assert job["ProcessingOutputConfig"]["KmsKeyId"].startswith("<Key")
    assert job["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"].startswith("<Key")
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    assert job["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]
    assert "Fullprocessing" in job["RoleArn"]


def test_a_volume_has_the_key_where_the_machine_takes_one(pipelines: Template) -> None:
    assert arguments(pipelines, "Plain", "Train")["ResourceConfig"]["VolumeKmsKeyId"].startswith("<Key")
    assert "VolumeKmsKeyId" not in arguments(pipelines, "Full", "Train")["ResourceConfig"]


def test_output_lies_under_the_prefix_of_the_project(pipelines: Template) -> None:
    train = arguments(pipelines, "Full", "Train")
    assert train["OutputDataConfig"]["S3OutputPath"].endswith(">/churn/pipelines/churn-weekly/models")
    (output,) = arguments(pipelines, "Full", "Prepare")["ProcessingOutputConfig"]["Outputs"]
    base, *rest = output["S3Output"]["S3Uri"]["Std:Join"]["Values"]
    assert base.endswith(">/churn/pipelines/churn-weekly")
    assert rest == [{"Get": "Execution.PipelineExecutionId"}, "Prepare", "train"]


# What a step says.


def test_every_option_of_training_is_honoured(pipelines: Template) -> None:
    train = step(definition(pipelines, "Full"), "Train")
    job = train["Arguments"]
    assert job["ResourceConfig"] == {"InstanceCount": 2, "InstanceType": "ml.g5.xlarge", "VolumeSizeInGB": 100}
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 10800}
    assert job["HyperParameters"] == {"eta": "0.1", "rounds": {"Get": "Parameters.Rounds"}}
    assert job["AlgorithmSpecification"] == {
        "TrainingImage": {"Get": "Parameters.TrainImage"},
        "TrainingInputMode": "FastFile",
        "MetricDefinitions": [{"Name": "auc", "Regex": "auc=([0-9.]+)"}],
    }
    assert job["Environment"] == {"LEVEL": "debug"}
    first, second = (channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in job["InputDataConfig"])
    assert first == {"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"}
    assert second == "s3://data/churn/validation"
    assert train["CacheConfig"] == {"Enabled": True, "ExpireAfter": "PT168H"}
    assert "RetryPolicies" not in train


def test_spot_has_checkpoints_of_the_run(pipelines: Template) -> None:
    job = arguments(pipelines, "Plain", "Train")
    assert job["EnableManagedSpotTraining"] is True
    assert job["StoppingCondition"]["MaxWaitTimeInSeconds"] == 7200
    assert job["CheckpointConfig"]["S3Uri"]["Std:Join"]["Values"][1:] == [
        "checkpoints",
        {"Get": "Execution.PipelineExecutionId"},
        "Train",
    ]


def test_without_spot_there_is_no_wait() -> None:
    base = ground(cdk.App(), "Stack")
    on_demand = TrainingStep("Train", image=IMAGE, inputs={"train": "s3://a/b"}, spot=False)
    job = base.pipeline("Pipeline", steps=[on_demand]).definition.render()["Steps"][0]["Arguments"]
    assert job["EnableManagedSpotTraining"] is False
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    assert "CheckpointConfig" not in job


def test_a_file_lies_in_its_output() -> None:
    assert PREPARE.file("train", "c.json").render() == {
        "Std:Join": {"On": "/", "Values": [PREPARE.output("train").render(), "c.json"]}
    }


def test_faults_of_sagemaker_are_tried_again(pipelines: Template) -> None:
    (policy,) = step(definition(pipelines, "Plain"), "Train")["RetryPolicies"]
    assert policy["ExceptionType"] == ["SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR"]
    assert policy["MaxAttempts"] == 3


def test_a_script_arrives_as_it_was(
    pipelines: Template, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    application = arguments(pipelines, "Full", "Prepare")["AppSpecification"]
    interpreter, flag, program = application["ContainerEntrypoint"]
    assert (interpreter, flag) == ("python3", "-c")
    assert all(len(each) <= 256 for each in application["ContainerArguments"])
    monkeypatch.setattr(sys, "argv", ["-c", *application["ContainerArguments"]])
    exec(program, {})
    assert capsys.readouterr().out == "hello\n"


def test_a_command_and_a_dependency(pipelines: Template) -> None:
    check = step(definition(pipelines, "Full"), "Check")
    assert check["DependsOn"] == ["Prepare"]
    assert check["Description"] == "Looks once more"
    application = check["Arguments"]["AppSpecification"]
    assert application["ContainerEntrypoint"] == ["check"]
    assert application["ContainerArguments"] == ["--strict"]


def test_a_condition_reads_metrics_and_parameters(pipelines: Template) -> None:
    decide = arguments(pipelines, "Full", "Decide")
    rows, auc = decide["Conditions"]
    assert rows == {
        "Type": "GreaterThanOrEqualTo",
        "LeftValue": {
            "Std:JsonGet": {"PropertyFile": {"Get": "Steps.Prepare.PropertyFiles.checks"}, "Path": "rows.all"}
        },
        "RightValue": 1000,
    }
    assert auc["LeftValue"] == {"Get": "Steps.Train.FinalMetricDataList['auc'].Value"}
    assert auc["RightValue"] == {"Get": "Parameters.SmallestAuc"}
    assert [each["Name"] for each in decide["IfSteps"]] == ["Register"]
    (fail,) = decide["ElseSteps"]
    assert fail["Arguments"]["ErrorMessage"]["Std:Join"]["Values"][0] == "AUC under "


def test_a_registration_is_pending_and_says_where_it_comes_from(pipelines: Template) -> None:
    package = arguments(pipelines, "Full", "Register")
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["ModelPackageGroupName"] == "churn"
    assert package["CustomerMetadataProperties"] == {
        "team": "growth",
        "mlgov:code-commit": {"Get": "Parameters.CodeCommit"},
        "mlgov:data-version": {"Get": "Parameters.DataVersion"},
        "mlgov:image": {"Get": "Parameters.TrainImage"},
        "mlgov:pipeline-execution": {"Get": "Execution.PipelineExecutionArn"},
        "mlgov:project": "churn",
    }
    (container,) = package["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    assert package["ModelMetrics"]["ModelQuality"]["Statistics"]["ContentType"] == "application/json"


def test_parameters_are_declared_once_with_their_defaults(pipelines: Template) -> None:
    declared = {each["Name"]: each for each in definition(pipelines, "Full")["Parameters"]}
    assert {name: each.get("DefaultValue") for name, each in declared.items()} == {
        "CodeCommit": "abc",
        "DataVersion": "v1",
        "Rounds": "100",
        "SmallestAuc": 0.8,
        "TrainImage": IMAGE.uri,
    }
    assert declared["SmallestAuc"]["Type"] == "Float"


# The API itself, as botocore knows it.


@pytest.mark.parametrize("pipeline", ["Plain", "Full"])
def test_the_api_takes_every_request(pipelines: Template, pipeline: str) -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    steps = definition(pipelines, pipeline)["Steps"]
    steps += [inner for each in steps for inner in each["Arguments"].get("IfSteps", [])]
    tried = 0
    for each in steps:
        if each["Type"] in OPERATIONS:
            operation, name = OPERATIONS[each["Type"]]
            request = filled(each["Arguments"]) | ({name: "job"} if name else {})
            report = ParamValidator().validate(request, model.operation_model(operation).input_shape)
            assert not report.has_errors(), report.generate_report()
            tried += 1
    assert tried == {"Plain": 1, "Full": 4}[pipeline]


# The pipeline around them.


def test_the_pipeline_has_name_tag_role_and_bounds(pipelines: Template) -> None:
    found = {r["Properties"]["PipelineName"]: r["Properties"] for r in of_type(pipelines, PIPELINE).values()}
    assert set(found) == {"churn-plain", "churn-weekly"}
    assert found["churn-plain"]["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 4}
    full = found["churn-weekly"]
    assert full["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 2}
    assert full["PipelineDescription"] == "Every week"
    assert full["Tags"] == [{"Key": "mlgov:deployed-by", "Value": "stack"}, {"Key": "mlgov:project", "Value": "churn"}]
    assert full["RoleArn"]["Fn::GetAtt"][0].startswith("Fullpipeline")


def test_a_pipeline_is_made_once_its_role_has_its_rights(pipelines: Template) -> None:
    for name, found in of_type(pipelines, PIPELINE).items():
        assert any(waits.startswith(f"{name[:4]}") and "pipelineRights" in waits for waits in found["DependsOn"])


def test_its_vpc_reaches_s3_whoever_else_asked(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app)
        other = JobEnvironment(
            vpc=IsolatedVpc(base.stack, "Other"),
            encryption_key=base.environment.encryption_key,
            cluster_security_group=base.environment.cluster_security_group,
        )
        base.pipeline("Pipeline", environment=other)

    endpoints = of_type(synthesize(build)["pipelines"], "AWS::EC2::VPCEndpoint").values()
    names = [
        each["Properties"]["ServiceName"] for each in endpoints if each["Properties"]["VpcId"]["Ref"][:5] == "Other"
    ]
    assert '.s3"' in json.dumps(names)


def rights(pipelines: Template, role: str) -> str:
    policies = of_type(pipelines, "AWS::IAM::ManagedPolicy") | of_type(pipelines, "AWS::IAM::Policy")
    return json.dumps([p["Properties"] for name, p in policies.items() if name.startswith(role)])


def test_the_role_gets_the_rights_that_the_steps_need(pipelines: Template) -> None:
    found = rights(pipelines, "Fullpipeline")
    for action in ("CreateTrainingJob", "CreateProcessingJob", "CreateModelPackage"):
        assert f"sagemaker:{action}" in found
    for right in ("kms:CreateGrant", "iam:PassRole", "s3:GetObject", "Fulltraining", "Fullprocessing"):
        assert right in found
    assert "s3:PutObject" not in found
    assert "UpdateModelPackage" not in found
    assert "CreateModelPackage" not in rights(pipelines, "Plainpipeline")


def test_a_schedule_starts_it_with_a_role_of_its_own(pipelines: Template) -> None:
    (rule,) = (
        r["Properties"]
        for r in of_type(pipelines, "AWS::Events::Rule").values()
        if "ScheduleExpression" in r["Properties"]
    )
    assert rule["ScheduleExpression"] == "rate(1 day)"
    (target,) = rule["Targets"]
    assert flat(target["Arn"]).endswith(":pipeline/churn-plain")
    role = target["RoleArn"]["Fn::GetAtt"][0]
    trust = pipelines["Resources"][role]["Properties"]
    assert "events.amazonaws.com" in json.dumps(trust["AssumeRolePolicyDocument"])
    assert "aws:SourceAccount" in json.dumps(trust["AssumeRolePolicyDocument"])
    assert trust["PermissionsBoundary"]
    (statement,) = json.loads(rights(pipelines, "PlainStartRole"))[0]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "sagemaker:StartPipelineExecution"
    assert flat(statement["Resource"]).endswith(":pipeline/churn-plain")
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceTag/mlgov:project": "churn"}}


def test_a_later_schedule_is_read_as_the_first_one() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="schedule 'every day' is none that EventBridge take"):
        base.pipeline("Pipeline").start_on("Later", schedule=events.Schedule.expression("every day"))


def test_a_role_that_starts_is_of_a_project() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape("[Stack/Start] project 'Churn' is no project name")):
        PipelineStartRole(base.stack, "Start", project="Churn", permissions_boundary=base.boundary)


@pytest.mark.parametrize("name", ["account", "detail_type", "id", "region", "resources", "source", "time", "version"])
def test_a_pattern_loses_nothing_that_narrows_it(name: str) -> None:
    given: dict[str, Any] = {"source": ["aws.s3"], name: ["one"]}
    found = pattern_of(events.EventPattern(**given))
    assert found == {each.replace("_", "-"): value for each, value in given.items()}


def test_an_event_starts_it_with_values_of_the_event(pipelines: Template) -> None:
    (rule,) = (
        r["Properties"]
        for r in of_type(pipelines, "AWS::Events::Rule").values()
        if r["Properties"].get("EventPattern", {}).get("source") == ["aws.s3"]
    )
    assert rule["EventPattern"]["detail-type"] == ["Object Created"]
    (target,) = rule["Targets"]
    assert target["SageMakerPipelineParameters"] == {
        "PipelineParameterList": [{"Name": "DataVersion", "Value": "$.detail.object.key"}]
    }


def test_a_failure_raises_an_alarm(pipelines: Template) -> None:
    (alarm,) = (r["Properties"] for r in of_type(pipelines, "AWS::CloudWatch::Alarm").values())
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Sagemaker/ModelBuildingPipeline", "ExecutionFailed")
    assert alarm["Dimensions"] == [{"Name": "PipelineName", "Value": "churn-plain"}]
    assert alarm["AlarmActions"][0]["Ref"].startswith("Topic")
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (1, "notBreaching")


def test_a_target_is_told_how_runs_end(pipelines: Template) -> None:
    (rule,) = (
        r["Properties"]
        for r in of_type(pipelines, "AWS::Events::Rule").values()
        if r["Properties"].get("EventPattern", {}).get("source") == ["aws.sagemaker"]
    )
    assert rule["EventPattern"]["detail"]["currentPipelineExecutionStatus"] == ["Failed", "Stopped"]
    assert flat(rule["EventPattern"]["detail"]["pipelineArn"][0]).endswith(":pipeline/churn-weekly")


def test_who_may_start_may_not_change(pipelines: Template) -> None:
    found = rights(pipelines, "UserDefaultPolicy")
    assert "sagemaker:StartPipelineExecution" in found
    assert "UpdatePipeline" not in found


def test_the_rules_agree_with_the_claims(pipelines: Template) -> None:
    for resource in of_type(pipelines, PIPELINE).values():
        assert resource["Metadata"]["mlgov"] == {"controls": list(ModelPipeline.CONTROLS)}
    engine = RuleEngine([CATALOGUE[control] for control in ModelPipeline.CONTROLS])
    assert engine.check_text(json.dumps(pipelines)) == []


# Roles that it makes.


@pytest.fixture(scope="module")
def alone(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "alone")
        given: dict[str, Any] = {
            "project": "churn",
            "permissions_boundary": base.boundary,
            "environment": base.environment,
        }
        more = GovernedBucket(base.stack, "More", encryption_key=base.environment.encryption_key)
        pipeline = ModelPipeline(
            base.stack,
            "Alone",
            output_bucket=base.bucket,
            data_buckets=[more],
            steps=[PREPARE, TRAIN, REGISTER],
            registry=base.registry,
            **given,
        )
        pipeline.start_on_new_data(
            "OnMarker",
            bucket=base.bucket,
            prefix="churn/in/",
            suffix="/_SUCCESS",
            parameters={"DataVersion": "$.detail.object.version-id", "CodeCommit": "abc"},
        )
        assert isinstance(pipeline.training_role, JobRole)
        assert isinstance(pipeline.processing_role, JobRole)
        del given["project"]
        trains = ModelPipeline(
            base.stack, "Trains", output_bucket=base.bucket, steps=[TRAIN], registry=base.registry, **given
        )
        assert trains.processing_role is None
        assert (trains.project, trains.pipeline_name) == ("churn", "churn-trains")

    return synthesize(build)["alone"]


def test_the_pipeline_reads_data_of_its_project_and_writes_none(alone: Template) -> None:
    (role,) = (i for i in of_type(alone, "AWS::IAM::Role") if re.match("AloneRole[0-9A-F]{8}$", i))
    (bucket,) = (i for i in of_type(alone, "AWS::S3::Bucket") if i.startswith("More"))
    arn = resolved({"Fn::GetAtt": [bucket, "Arn"]})
    assert decision(alone, role, "s3:GetObject", f"{arn}/churn/model.tar.gz") == "Allow"
    assert decision(alone, role, "s3:GetObject", f"{arn}/fraud/model.tar.gz") != "Allow"
    assert decision(alone, role, "s3:PutObject", f"{arn}/churn/model.tar.gz") != "Allow"


def test_roles_that_are_not_given_are_made_under_the_boundary(alone: Template) -> None:
    made = {
        i: r["Properties"] for i, r in of_type(alone, "AWS::IAM::Role").items() if i.startswith(("Alone", "Trains"))
    }
    kinds = sorted(re.sub("[0-9A-F]{8}$", "", name) for name in made)
    assert kinds == [
        "AloneProcessingRole",
        "AloneRole",
        "AloneStartRole",
        "AloneTrainingRole",
        "TrainsRole",
        "TrainsTrainingRole",
    ]
    assert all("Boundary" in role["PermissionsBoundary"]["Ref"] for role in made.values())


def test_each_job_runs_as_the_role_that_was_made_for_it(alone: Template) -> None:
    document = definition(alone, "Alone")
    assert "AloneTrainingRole" in step(document, "Train")["Arguments"]["RoleArn"]
    assert "AloneProcessingRole" in step(document, "Prepare")["Arguments"]["RoleArn"]
    passed = rights(alone, "AloneRole")
    assert "AloneTrainingRole" in passed
    assert "AloneProcessingRole" in passed


def test_new_data_starts_it_and_the_bucket_tells_of_them(alone: Template) -> None:
    (rule,) = (
        r["Properties"]
        for r in of_type(alone, "AWS::Events::Rule").values()
        if "bucket" in r["Properties"].get("EventPattern", {}).get("detail", {})
    )
    ((bucket, resource),) = ((i, r) for i, r in of_type(alone, "AWS::S3::Bucket").items() if i.startswith("Data"))
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [{"Ref": bucket}]}, "object": {"key": [{"wildcard": "churn/in/*/_SUCCESS"}]}},
    }
    assert rule["Targets"][0]["SageMakerPipelineParameters"]["PipelineParameterList"] == [
        {"Name": "DataVersion", "Value": "$.detail.object.version-id"},
        {"Name": "CodeCommit", "Value": "abc"},
    ]
    configuration = resource["Properties"]["NotificationConfiguration"]
    assert configuration == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


@pytest.mark.parametrize("role", ["AloneTrainingRole", "AloneProcessingRole"])
def test_made_roles_use_the_data_of_the_project(alone: Template, role: str) -> None:
    for bucket in of_type(alone, "AWS::S3::Bucket"):
        if bucket.startswith(("Data", "More")):
            (name,) = (i for i in of_type(alone, "AWS::IAM::Role") if i.startswith(role))
            arn = resolved({"Fn::GetAtt": [bucket, "Arn"]})
            assert decision(alone, name, "s3:PutObject", f"{arn}/churn/x") == "Allow"
            assert decision(alone, name, "s3:PutObject", f"{arn}/fraud/x") != "Allow"


def test_a_pipeline_without_jobs_may_start_none(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app, "idle")
        ModelPipeline(
            base.stack,
            "Idle",
            project="churn",
            permissions_boundary=base.boundary,
            environment=base.environment,
            output_bucket=base.bucket,
            steps=[FailStep("End", message="nothing to do")],
        )

    found = rights(synthesize(build)["idle"], "IdleRole")
    assert "s3:GetObject" in found
    assert "CreateTrainingJob" not in found
    assert "iam:PassRole" not in found


# Images.


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "683313688378.dkr.ecr.us-east-1.amazonaws.com"),
        ("us-gov-west-1", "414596584902.dkr.ecr.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_image_of_aws_follows_region_and_partition(
    synthesize: Callable[..., dict[str, Template]], region: str, host: str
) -> None:
    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, "images", env=cdk.Environment(region=region, account="111122223333"))
        cdk.CfnOutput(stack, "Image", value=JobImage.xgboost(stack, version="1.7-1").uri)

    template = synthesize(build)["images"]
    uri = template["Outputs"]["Image"]["Value"]
    assert "Mappings" not in template
    known = {"<AWS::Region>": region, "<AWS::URLSuffix>": host.split(f"{region}.")[1]}
    found = flat(uri)
    for token, value in known.items():
        found = found.replace(token, value)
    assert found == f"{host}/sagemaker-xgboost:1.7-1"


def test_without_a_region_the_stack_maps_regions_to_registries(
    synthesize: Callable[..., dict[str, Template]],
) -> None:
    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, "images")
        for name in ("First", "Second"):
            cdk.CfnOutput(stack, name, value=JobImage.xgboost(stack).uri)

    template = synthesize(build)["images"]
    mapping = template["Mappings"]["AlgorithmRegistries"]
    assert {region: each["Account"] for region, each in mapping.items()} == ImageRegistries.ALGORITHMS.accounts()
    assert len(mapping) >= 32
    assert "<AlgorithmRegistries.<AWS::Region>.Account>" in flat(template["Outputs"]["First"]["Value"])


@pytest.mark.parametrize(
    ("version", "region", "message"),
    [("latest", "us-east-1", "XGBoost has no version 'latest'"), ("1.7-1", "mars-1", "no image of XGBoost in region")],
)
def test_an_image_that_aws_has_not_is_refused(version: str, region: str, message: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region=region, account="111122223333"))
    with pytest.raises(ConstructError, match=message):
        JobImage.xgboost(stack, version=version)


def test_an_image_of_a_repository_is_fixed_by_its_digest_and_pulled_by_the_jobs() -> None:
    base = ground(cdk.App(), "Stack")
    image = JobImage.from_repository(ecr.Repository(base.stack, "Images"), digest=f"sha256:{'b' * 64}")
    assert image.is_fixed
    pull, login = image.pull_statements()
    assert "ecr:BatchGetImage" in pull["Action"]
    assert login["Action"] == "ecr:GetAuthorizationToken"
    assert not JobImage.from_repository(ecr.Repository(base.stack, "More"), digest="latest").is_fixed


def test_the_role_of_a_job_pulls_its_image_and_no_other_role_does(
    synthesize: Callable[..., dict[str, Template]],
) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app)
        image = JobImage.from_repository(ecr.Repository(base.stack, "Images"), digest=f"sha256:{'b' * 64}")
        train = TrainingStep("Train", image=image, inputs={"train": "s3://data/churn/train"}, spot=False)
        base.pipeline("Pipeline", steps=[train])

    template = synthesize(build)["pipelines"]
    (repository,) = of_type(template, "AWS::ECR::Repository")
    arn = resolved({"Fn::GetAtt": [repository, "Arn"]})
    roles = {role[:-8]: role for role in of_type(template, "AWS::IAM::Role") if role.startswith("Pipeline")}
    pulls = {name for name, role in roles.items() if decision(template, role, "ecr:BatchGetImage", arn) == "Allow"}
    assert pulls == {"Pipelinetraining"}


# Bad input names the step and the fix.

AUC, STOP = TRAIN.metric("auc"), FailStep("Stop", message="no")
FILES = ProcessingStep("Files", image=IMAGE, output_names=["o"], metric_files={"m": ("o", "m.json")})
BAD: list[tuple[dict[str, Any], str]] = [
    ({"steps": []}, "the pipeline has no step. Give it at least one."),
    ({"steps": [TRAIN, TRAIN]}, "two steps have the name 'Train'. Give each step a name of its own."),
    (
        {"steps": [TrainingStep("Bad name", image=IMAGE, inputs={"train": "s3://a/b"})]},
        "step 'Bad name' has no name of a step.",
    ),
    (
        {"steps": [TrainingStep("Train", image=TAGGED, inputs={"train": "s3://a/b"})]},
        f"step 'Train' runs the image {TAGGED.uri!r} by its tag. Name it by its digest.",
    ),
    ({"steps": [ProcessingStep("Check", image=TAGGED)]}, f"step 'Check' runs the image {TAGGED.uri!r} by its tag."),
    ({"steps": [TrainingStep("Train", image=IMAGE, inputs={})]}, "step 'Train' has no input."),
    (
        {"steps": [TrainingStep("Train", image=IMAGE, inputs={"train": PREPARE.output("train")})]},
        "step 'Train' reads of step 'Prepare', which the pipeline has not. Add 'Prepare' to the steps",
    ),
    (
        {"steps": [PREPARE, TrainingStep("Train", image=IMAGE, inputs={"train": PREPARE.output("test")})]},
        "step 'Train' reads output 'test' of step 'Prepare', which writes none such. Use one of 'train'",
    ),
    (
        {"steps": [TRAIN, ConditionStep("Decide", conditions=[TRAIN.metric("f1").at_least(1)], if_steps=[PREPARE])]},
        "step 'Decide' reads metric 'f1', which step 'Train' does not emit. Use one of 'auc'",
    ),
    (
        {
            "steps": [
                PREPARE,
                ConditionStep("Decide", conditions=[PREPARE.metric("other", "rows").at_most(1)], if_steps=[TRAIN]),
            ]
        },
        "step 'Decide' reads metric 'other', which step 'Prepare' does not emit. Use one of 'checks'",
    ),
    ({"steps": [TRAIN, ConditionStep("Decide", conditions=[], if_steps=[PREPARE])]}, "step 'Decide' has no condition."),
    (
        {"steps": [TRAIN, ConditionStep("Decide", conditions=[TRAIN.metric("auc").at_least(1)])]},
        "step 'Decide' decides between nothing.",
    ),
    (
        {
            "steps": [
                PREPARE,
                ConditionStep("Decide", conditions=[PREPARE.metric("checks", "rows").at_least(1)], if_steps=[TRAIN]),
                ProcessingStep("Check", image=IMAGE, inputs={"model": TRAIN.model}),
            ]
        },
        "step 'Check' reads of step 'Train', which runs in another branch or not before it.",
    ),
    (
        {"steps": [FailStep("Stop", message="no", depends_on=[TRAIN])]},
        "step 'Stop' depends on step 'Train', which the pipeline has not.",
    ),
    ({"steps": [TRAIN, REGISTER]}, "step 'Register' registers in group 'churn', which is not the registry's."),
    (
        {"steps": [TrainingStep("Train", image=JobImage(IMAGE.uri), inputs={"train": "s3://a/b"}, spot=True)]},
        "step 'Train' uses Spot machines with an image that begins anew",
    ),
    (
        {"steps": [TrainingStep("Train", image=IMAGE, inputs={"train": "s3://a/b"}, max_wait=cdk.Duration.minutes(5))]},
        "step 'Train' waits less than it may run.",
    ),
    (
        {
            "steps": [
                TrainingStep(
                    "Train", image=IMAGE, inputs={"train": "s3://a/b"}, spot=False, max_wait=cdk.Duration.hours(5)
                )
            ]
        },
        "step 'Train' waits without Spot machines.",
    ),
    (
        {
            "steps": [
                TrainingStep("Train", image=IMAGE, inputs={"train": "s3://a/b"}, max_runtime=cdk.Duration.days(29))
            ]
        },
        "step 'Train' may run 2505600 seconds. Use one second to 28 days.",
    ),
    (
        {"steps": [TrainingStep("Train", image=IMAGE, inputs={"train": "s3://a/b"}, instance_type="m5.xlarge")]},
        "step 'Train' has the instance type 'm5.xlarge'. Write it with ml.",
    ),
    (
        {"steps": [TrainingStep("Train", image=IMAGE, inputs={"train": "s3://a/b"}, instance_count=0)]},
        "step 'Train' has 0 instances.",
    ),
    (
        {"steps": [TrainingStep("Train", image=IMAGE, inputs={"train": "s3://a/b"}, cache=cdk.Duration.days(900))]},
        "step 'Train' has a cache that nobody can use.",
    ),
    (
        {
            "steps": [
                TrainingStep(
                    "Train",
                    image=IMAGE,
                    inputs={"train": "s3://a/b"},
                    hyperparameters={"rounds": PipelineParameter("Rounds", 100)},
                )
            ]
        },
        "hyperparameter 'rounds' of step 'Train' has the number 100 as a default.",
    ),
    (
        {"steps": [ProcessingStep("Check", image=IMAGE, script="x", entrypoint=["y"])]},
        "step 'Check' has a script and an entrypoint.",
    ),
    (
        {"steps": [ProcessingStep("Check", image=IMAGE, script="x" * 20_000)]},
        "step 'Check' has a script of 20000 bytes. Keep it within 19200",
    ),
    (
        {"steps": [ProcessingStep("Check", image=IMAGE, metric_files={"m": ("none", "m.json")})]},
        "metric file 'm' of step 'Check' lies in output 'none', which the step has not.",
    ),
    (
        {
            "steps": [
                TrainingStep("Train", image=IMAGE, inputs={"train": PipelineParameter("Data", "s3://a/b")}),
                ProcessingStep("Check", image=IMAGE, inputs={"data": PipelineParameter("Data", "s3://c/d")}),
            ]
        },
        "two parameters have the name 'Data' and differ.",
    ),
    (
        {"steps": [TrainingStep("Train", image=IMAGE, inputs={"train": PipelineParameter("My data", "s3://a/b")})]},
        "parameter 'My data' has no name of a parameter.",
    ),
    (
        {"role": None, "project": "churn"},
        "the pipeline has no role, and nothing to make one of. Give role=..., or project=... and permissions_boundary",
    ),
    (
        {"parameters": {"DataVersoin": "v1"}},
        "parameter 'DataVersoin' has a default, and no step uses it. Use one of TrainImage.",
    ),
    (
        {"steps": [ProcessingStep("Check", image=IMAGE, output_names=["a", "a"])]},
        "step 'Check' has the outputs ['a', 'a']. Give each output a name of its own.",
    ),
    (
        {"steps": [TRAIN, ConditionStep("Good", conditions=[AUC.at_least(math.nan)], if_steps=[STOP])]},
        "step 'Good' has a number that is infinite or none. Give it a finite one.",
    ),
    (
        {
            "steps": [
                TRAIN,
                ConditionStep("Good", conditions=[AUC.at_least(PipelineParameter("Least", math.inf))], if_steps=[STOP]),
            ]
        },
        "parameter 'Least' has a default that is no number. Give it a finite one.",
    ),
    (
        {"steps": [FILES, ConditionStep("Good", conditions=[FILES.metric("m", "").at_least(1)], if_steps=[STOP])]},
        "step 'Good' reads no number of 'm'. Say where it is",
    ),
    (
        {
            "steps": [
                TRAIN,
                ConditionStep(
                    "Good",
                    conditions=[AUC.at_least(0.8)],
                    if_steps=[FILES],
                    else_steps=[ProcessingStep("Other", image=IMAGE, depends_on=[FILES])],
                ),
            ]
        },
        "step 'Other' waits for both branches of step 'Good', of which one runs. Depend on steps of one branch",
    ),
    ({"project": "fraud"}, "project 'fraud' is another than that of the role, 'churn'."),
    ({"pipeline_name": "Churn_1"}, "pipeline_name 'Churn_1' is no name of a pipeline."),
    ({"max_parallel_steps": 0}, "max_parallel_steps 0 is out of range. Use 1 to 50."),
    (
        {"schedule": events.Schedule.expression("every day")},
        "schedule 'every day' is none that EventBridge takes. Write rate(1 day)",
    ),
    ({"schedule": events.Schedule.expression("rate(1 days)")}, "schedule 'rate(1 days)' is none"),
    ({"schedule": events.Schedule.expression("cron(0 99 ? * MON *)")}, "schedule 'cron(0 99 ? * MON *)' is none"),
    ({"schedule": events.Schedule.expression("cron(0 3 * * MON *)")}, "schedule 'cron(0 3 * * MON *)' is none"),
    (
        {
            "steps": [TrainingStep("Train", image=IMAGE, inputs={"train": PipelineParameter("Data")})],
            "schedule": events.Schedule.rate(cdk.Duration.days(1)),
        },
        "parameter 'Data' has no value when the pipeline starts by itself.",
    ),
    (
        {"steps": [ProcessingStep(f"Step{i}", image=IMAGE) for i in range(51)]},
        "the pipeline has 51 steps. SageMaker allows 50",
    ),
]


@pytest.fixture(scope="module")
def bad_ground() -> Any:
    return ground(cdk.App(), "Stack")


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[message[:50] for _, message in BAD])
def test_bad_input_names_the_step_and_the_fix(
    bad_ground: Any, request: pytest.FixtureRequest, arguments: dict[str, Any], message: str
) -> None:
    name = f"Pipeline{BAD.index((arguments, message))}"
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/{name}] {message}")):
        bad_ground.pipeline(name, **arguments)
    assert bad_ground.stack.node.try_find_child(name) is None


def test_a_role_of_another_kind_is_refused(bad_ground: Any) -> None:
    role = bad_ground.role("NoPipeline", JobType.TRAINING)
    with pytest.raises(ConstructError, match="role is one for training"):
        bad_ground.pipeline("WrongRole", role=role)


def test_a_start_needs_a_cause_and_known_parameters(bad_ground: Any) -> None:
    step = TrainingStep("Train", image=IMAGE, inputs={"train": PipelineParameter("Data")})
    pipeline = bad_ground.pipeline("Started", steps=[step])
    every_day = events.Schedule.rate(cdk.Duration.days(1))
    for arguments, message in (
        ({}, "a start needs a schedule or an event pattern"),
        ({"schedule": every_day, "parameters": {"Dta": "x"}}, "parameter 'Dta' is none of the pipeline"),
        ({"schedule": every_day}, "parameter 'Data' has no value when the pipeline starts by itself"),
    ):
        with pytest.raises(ConstructError, match=message):
            pipeline.start_on("Start", **arguments)


def test_what_the_pipeline_writes_does_not_start_it(bad_ground: Any) -> None:
    pipeline = bad_ground.pipeline("Watching")
    other = GovernedBucket(bad_ground.stack, "Other", encryption_key=bad_ground.environment.encryption_key)
    for prefix in ("churn/", "churn/pipelines/churn-watching/", "churn/pipelines/churn-watching/models/"):
        with pytest.raises(ConstructError, match="what the pipeline writes under 'churn/pipelines/churn-watching/'"):
            pipeline.start_on_new_data("Start", bucket=bad_ground.bucket, prefix=prefix)
        pipeline.start_on_new_data(f"Other-{prefix}", bucket=other, prefix=prefix)
    imported = [s3.Bucket.from_bucket_name(bad_ground.stack, name, "theirs") for name in ("Theirs", "TheirsAgain")]
    second = bad_ground.pipeline("Second", output_bucket=imported[0])
    with pytest.raises(ConstructError, match="what the pipeline writes under 'churn/pipelines/churn-second/'"):
        second.start_on_new_data("Start", bucket=imported[1], prefix="churn/")
    with pytest.raises(ConstructError, match=re.escape("prefix 'churn/*/labelled' is a pattern")):
        pipeline.start_on_new_data("Start", bucket=bad_ground.bucket, prefix="churn/*/labelled")


class CheckStep(JobStep):
    TYPE = "QualityCheck"

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        return {}


def test_only_types_that_sagemaker_tries_again_have_retries() -> None:
    settings = ground(cdk.App(), "Stack").pipeline("Pipeline").definition.settings
    assert "RetryPolicies" not in CheckStep("Check").render(settings)
    assert list(CheckStep("Check").problems()) == []
    ((problem, _),) = CheckStep("Check", retries=[RetryPolicy(["Step.THROTTLING"])]).problems()
    assert problem == "step 'Check' has retries, and SageMaker tries no QualityCheck step again"


def test_a_registry_of_the_same_group_is_accepted(bad_ground: Any) -> None:
    pipeline = bad_ground.pipeline("Registers", steps=[TRAIN, REGISTER], registry=bad_ground.registry)
    assert isinstance(pipeline.definition.all_steps[1], RegisterModelStep)
