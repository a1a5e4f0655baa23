"""What a training job asks for."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import botocore.session
import pytest
from botocore.validate import ParamValidator

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from mlgov_constructs.steps import JobImage, JobSettings
from mlgov_constructs.training import Distribution, TrainingStep
from tests.mlops.pipelines import IMAGE, filled, flat
from tests.templates import Template, of_type
from tests.training.conftest import DATA, DIGEST

Find = Callable[[str], dict[str, Any]]
TRAININGS = ("Channels", "Script", "Cluster", "Groups", "Watched")
TUNINGS = ("Tune", "Grid", "Band")
SETTINGS = JobSettings(
    project="churn",
    subnet_ids=["subnet-1"],
    security_group_ids=["sg-1"],
    key_arn="key",
    training_role_arn="role",
    processing_role_arn="role",
    output_uri="s3://bucket/churn",
)


def job(request_of: Find, name: str) -> dict[str, Any]:
    """A job, be it one of a training or of a tuning."""
    request = request_of(name)
    found: dict[str, Any] = request.get("TrainingJobDefinition", request)
    return found


# Every job, whatever its step says.


@pytest.mark.parametrize("name", [*TRAININGS, *TUNINGS])
def test_every_job_is_isolated_from_the_network(request_of: Find, name: str) -> None:
    assert job(request_of, name)["EnableNetworkIsolation"] is True


@pytest.mark.parametrize("name", [*TRAININGS, *TUNINGS])
def test_every_job_encrypts_between_its_containers(request_of: Find, name: str) -> None:
    assert job(request_of, name)["EnableInterContainerTrafficEncryption"] is True


@pytest.mark.parametrize("name", [*TRAININGS, *TUNINGS])
def test_every_job_is_in_the_isolated_subnets(request_of: Find, name: str) -> None:
    assert ["Isolated" in subnet for subnet in job(request_of, name)["VpcConfig"]["Subnets"]] == [True, True]


@pytest.mark.parametrize("name", [*TRAININGS, *TUNINGS])
def test_every_output_has_the_key(request_of: Find, name: str) -> None:
    assert job(request_of, name)["OutputDataConfig"]["KmsKeyId"].startswith("<Key")


@pytest.mark.parametrize("name", ["Channels", "Script", "Groups", "Watched", *TUNINGS])
def test_every_volume_has_the_key(request_of: Find, name: str) -> None:
    assert job(request_of, name)["ResourceConfig"]["VolumeKmsKeyId"].startswith("<Key")


def test_a_disk_of_the_host_has_no_key(request_of: Find) -> None:
    assert "VolumeKmsKeyId" not in job(request_of, "Cluster")["ResourceConfig"]


@pytest.mark.parametrize("name", [*TRAININGS, *TUNINGS])
def test_every_job_has_an_end(request_of: Find, name: str) -> None:
    assert job(request_of, name)["StoppingCondition"]["MaxRuntimeInSeconds"] == 3600


@pytest.mark.parametrize("name", [*TRAININGS, *TUNINGS])
def test_every_job_carries_the_project(request_of: Find, name: str) -> None:
    assert request_of(name)["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]


@pytest.mark.parametrize("name", [*TRAININGS, *TUNINGS])
def test_the_api_takes_the_request(request_of: Find, name: str) -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    kind = "HyperParameterTuningJob" if name in TUNINGS else "TrainingJob"
    request = filled(request_of(name)) | {f"{kind}Name": "job"}
    report = ParamValidator().validate(request, model.operation_model(f"Create{kind}").input_shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize(
    ("name", "clustered"), [("Channels", True), ("Cluster", True), ("Groups", True), ("Script", False)]
)
def test_machines_of_one_job_reach_each_other(request_of: Find, name: str, clustered: bool) -> None:
    groups = job(request_of, name)["VpcConfig"]["SecurityGroupIds"]
    assert "Workloads" in groups[0]
    assert ["Cluster" in group for group in groups[1:]] == [True] * clustered


def test_the_rules_agree_with_the_claims(training: Template) -> None:
    rules = [control for name, control in CATALOGUE.items() if name.startswith(("MLG-MLO-", "MLG-NET-", "MLG-TRN-"))]
    found = RuleEngine(rules).check_text(json.dumps(training))
    assert [finding for finding in found if finding.status is Status.FAILED] == []


def test_tags_of_a_pipeline_stand_beside_the_project_and_never_in_its_place() -> None:
    settings = dataclasses.replace(SETTINGS, tags={"owner": "ml", "mlgov:project": "fraud"})
    assert {tag["Key"]: tag["Value"] for tag in settings.job_tags()} == {"owner": "ml", "mlgov:project": "churn"}


def test_an_algorithm_that_goes_on_from_checkpoints_says_so() -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region="eu-west-1"))
    assert JobImage.xgboost(stack).resumes is True
    assert JobImage.scikit_learn(stack).resumes is False


# Channels.


def test_a_plain_channel_is_as_it_was(request_of: Find) -> None:
    plain, _ = request_of("Channels")["InputDataConfig"]
    source = {"S3DataDistributionType": "FullyReplicated", "S3DataType": "S3Prefix", "S3Uri": "s3://data/churn/plain"}
    assert plain == {"ChannelName": "plain", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def test_every_option_of_a_channel_is_honoured(request_of: Find) -> None:
    _, full = request_of("Channels")["InputDataConfig"]
    assert full["DataSource"]["S3DataSource"]["S3DataDistributionType"] == "ShardedByS3Key"
    assert full["ContentType"] == "application/x-recordio"
    assert full["InputMode"] == "Pipe"
    assert full["CompressionType"] == "Gzip"
    assert full["RecordWrapperType"] == "RecordIO"
    assert full["ShuffleConfig"] == {"Seed": 7}


def test_a_channel_goes_to_its_groups(request_of: Find) -> None:
    train = request_of("Groups")["InputDataConfig"][0]
    assert train["DataSource"]["S3DataSource"]["InstanceGroupNames"] == ["data"]


def test_checkpoints_lie_where_the_step_says(request_of: Find) -> None:
    request = request_of("Channels")
    expected = {"LocalPath": "/opt/ml/checkpoints", "S3Uri": "s3://data/churn/checkpoints"}
    assert request["CheckpointConfig"] == expected
    assert request["EnableManagedSpotTraining"] is False


# Scripts.


def test_a_script_comes_as_a_channel(request_of: Find) -> None:
    request = request_of("Script")
    code = request["InputDataConfig"][1]
    assert (code["ChannelName"], code["InputMode"]) == ("code", "File")
    assert code["DataSource"]["S3DataSource"]["S3Uri"] == {
        "Std:Join": {"On": "/", "Values": ["s3://data/churn/code", {"Get": "Parameters.CodeCommit"}]}
    }
    assert request["HyperParameters"] == {
        "epochs": "3",
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": "/opt/ml/input/data/code/sourcedir.tar.gz",
    }


def test_the_metrics_are_those_of_the_script(request_of: Find) -> None:
    metrics = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]
    assert request_of("Script")["AlgorithmSpecification"]["MetricDefinitions"] == metrics


def test_a_script_that_begins_anew_has_no_spot_machines(request_of: Find) -> None:
    assert request_of("Script")["EnableManagedSpotTraining"] is False


def test_kept_machines_and_the_profiler(request_of: Find) -> None:
    request = request_of("Script")
    assert request["ResourceConfig"]["KeepAlivePeriodInSeconds"] == 1800
    assert request["ProfilerConfig"]["ProfilingIntervalInMilliseconds"] == 1000
    assert request["ProfilerConfig"]["S3OutputPath"].endswith("/churn/pipelines/churn-training/profiles")


def test_kept_machines_are_no_spot_machines() -> None:
    step = TrainingStep("Train", image=IMAGE, inputs=DATA)
    kept = TrainingStep("Train", image=IMAGE, inputs=DATA, keep_alive=cdk.Duration.minutes(5))
    assert (step.uses_spot, kept.uses_spot) == (True, False)


# Several machines.


def test_torchrun_over_fabric_adapters(request_of: Find) -> None:
    request = request_of("Cluster")
    assert request["HyperParameters"]["sagemaker_torch_distributed_enabled"] == "true"
    assert request["HyperParameters"]["sagemaker_instance_type"] == "ml.g5.12xlarge"
    assert request["Environment"] == {"FI_PROVIDER": "efa", "LEVEL": "debug"}


def test_groups_of_machines(request_of: Find) -> None:
    machines = request_of("Groups")["ResourceConfig"]
    assert machines["InstanceGroups"] == [
        {"InstanceCount": 2, "InstanceGroupName": "data", "InstanceType": "ml.m5.xlarge"},
        {"InstanceCount": 1, "InstanceGroupName": "gpu", "InstanceType": "ml.p3.16xlarge"},
    ]
    assert machines.keys() & {"InstanceType", "InstanceCount"} == set()


def test_a_distribution_applies_to_its_group(request_of: Find) -> None:
    parameters = request_of("Groups")["HyperParameters"]
    assert parameters["sagemaker_distributed_dataparallel_enabled"] == "true"
    assert parameters["sagemaker_instance_type"] == "ml.p3.16xlarge"
    assert json.loads(parameters["sagemaker_distribution_instance_groups"]) == ["gpu"]


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        (Distribution.mpi(), {"sagemaker_mpi_enabled": "true"}),
        (
            Distribution.mpi(processes_per_host=4, options="-x A=b"),
            {
                "sagemaker_mpi_enabled": "true",
                "sagemaker_mpi_num_of_processes_per_host": "4",
                "sagemaker_mpi_custom_mpi_options": "-x A=b",
            },
        ),
        (Distribution.parameter_server(), {"sagemaker_parameter_server_enabled": "true"}),
        (
            Distribution.mirrored(),
            {"sagemaker_multi_worker_mirrored_strategy_enabled": "true", "sagemaker_instance_type": "ml.p4d.24xlarge"},
        ),
        (
            Distribution.model_parallel({"hybrid_shard_degree": 8}),
            {
                "mp_parameters": '{"hybrid_shard_degree": 8}',
                "sagemaker_torch_distributed_enabled": "true",
                "sagemaker_instance_type": "ml.p4d.24xlarge",
            },
        ),
    ],
)
def test_each_strategy_asks_the_toolkit(distribution: Distribution, expected: dict[str, str]) -> None:
    step = TrainingStep(
        "Train", image=IMAGE, inputs=DATA, instance_type="ml.p4d.24xlarge", distribution=distribution, spot=False
    )
    assert list(step.problems()) == []
    assert step.arguments(SETTINGS)["HyperParameters"] == expected


# Debugger.


def test_a_rule_runs_the_image_of_the_region(request_of: Find) -> None:
    first, second = request_of("Watched")["DebugRuleConfigurations"]
    assert first["RuleEvaluatorImage"].startswith("929884845733.dkr.ecr.")
    assert first["RuleParameters"]["rule_to_invoke"] == "LossNotDecreasing"
    assert first["RuleParameters"]["num_steps"] == "10"
    assert second["RuleParameters"] == {"rule_to_invoke": "Overfit"}


def test_a_rule_stops_the_job_of_its_step_and_run(request_of: Find) -> None:
    action = request_of("Watched")["DebugRuleConfigurations"][0]["RuleParameters"]["action_json"]
    before, run, after = action["Std:Join"]["Values"]
    assert run == {"Get": "Execution.PipelineExecutionId"}
    # SageMaker hands the text on in quotes of its own.
    text = f"{before}abc{after}".replace('\\"', '"')
    assert json.loads(text) == {"name": "stoptraining", "training_job_prefix": "pipelines-abc-Watched"}


def test_the_training_saves_what_the_rules_read(request_of: Find) -> None:
    hook = request_of("Watched")["DebugHookConfig"]
    assert hook["CollectionConfigurations"] == [{"CollectionName": "losses"}, {"CollectionName": "metrics"}]
    assert hook["S3OutputPath"].endswith("/tensors")


def rights(template: Template, role: str) -> str:
    policies = of_type(template, "AWS::IAM::ManagedPolicy").items()
    return " ".join(json.dumps(each) for name, each in policies if name.startswith(role))


def test_a_rule_that_stops_gives_the_right_to(training: Template) -> None:
    text = rights(training, "Trainingtraining")
    assert "sagemaker:StopTrainingJob" in text
    assert "sagemaker:StopTrainingJob" not in rights(training, "Tuningtraining")


def test_a_rule_is_recorded_as_a_deviation(training: Template) -> None:
    found = {
        name: resource["Metadata"]["mlgov"].get("deviations", [])
        for name, resource in of_type(training, "AWS::SageMaker::Pipeline").items()
    }
    (watched,) = (each for each in found.values() if each)
    assert [(each["control"], "RISK-7" in each["reason"]) for each in watched] == [("MLG-MLO-05", True)]


@pytest.mark.parametrize("repository", ["pytorch-training", "sagemaker-scikit-learn", "sagemaker-debugger-rules"])
def test_the_role_of_the_jobs_may_pull_their_images(training: Template, repository: str) -> None:
    assert f"repository/{repository}" in rights(training, "Trainingtraining")


def test_an_image_of_aws_for_scripts_is_fixed(request_of: Find, training: Template) -> None:
    assert JobImage("x", is_built_in=True).is_fixed
    assert DIGEST in flat(
        next(
            each["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]
            for name, each in of_type(training, "AWS::SageMaker::Pipeline").items()
            if name.startswith("Training")
        )
    )


@pytest.mark.parametrize("role", ["Trainingtraining", "Trainingpipeline"])
def test_the_roles_may_attach_both_groups(training: Template, role: str) -> None:
    groups = {
        resource["Fn::Join"][1][-1]["Fn::GetAtt"][0]
        for name, policy in of_type(training, "AWS::IAM::ManagedPolicy").items()
        if name.startswith(role)
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "ec2:CreateNetworkInterface"
        for resource in statement["Resource"]
        if ":security-group/" in json.dumps(resource)
    }
    assert len(groups) == 2
    assert {name.startswith("Cluster") for name in groups} == {True, False}


def test_a_hyperparameter_may_be_a_number_that_the_deployment_knows() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    rounds = cdk.CfnParameter(stack, "Rounds", type="Number").value_as_number
    step = TrainingStep("Train", image=IMAGE, inputs=DATA, hyperparameters={"rounds": rounds})
    assert stack.resolve(step.arguments(SETTINGS)["HyperParameters"]) == {"rounds": {"Ref": "Rounds"}}
