"""The training pipeline product in the local cloud: provisioned, started, updated, terminated."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import pytest

from mlgov_constructs.identity import JobType
from mlgov_constructs.protection import DataClass
from tests.catalog.conftest import NAMES, ground
from tests.catalog.training_pipelines import training_pipeline
from tests.local_cloud.catalog_templates import ACCOUNT, role, trust
from tests.local_cloud.conftest import Cloud, Stack
from tests.local_cloud.products import offer
from tests.mlops.pipelines import step
from tests.templates import Template

FORM = {"Project": "churn", "Name": "weekly", "TrainingData": "labelled/v1"}


@pytest.fixture(scope="module")
def roles(cloud: Cloud) -> Stack:
    return cloud.stack(
        Jobs=role("product-pipeline-jobs", trust("sagemaker")), Start=role("product-pipeline-start", trust("events"))
    )


def test_a_pipeline_is_provisioned_started_updated_and_terminated(
    cloud: Cloud, roles: Stack, synthesize: Callable[..., dict[str, Template]]
) -> None:
    templates = synthesize(lambda app: training_pipeline(ground(app, "Stack")))
    (first,) = (template for name, template in templates.items() if name.endswith(".product"))
    second = copy.deepcopy(first)
    second["Mappings"]["Sizes"]["small"]["InstanceType"] = "ml.m6i.xlarge"
    jobs, start = (f"arn:aws:iam::{ACCOUNT}:role/product-pipeline-{name}" for name in ("jobs", "start"))
    workspace = {
        NAMES.subnet_id: "subnet-1",
        NAMES.subnet_ids()[1]: "subnet-2",
        NAMES.security_group_id: "sg-1",
        NAMES.key_arn: f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1",
        NAMES.bucket_name(DataClass.CURATED): "curated",
        NAMES.bucket_name(DataClass.ARTIFACTS): "artifacts",
        NAMES.model_package_group_name("churn"): "churn",
        NAMES.pipeline_start_role_arn("churn"): start,
        **{NAMES.job_role_arn("churn", job): jobs for job in (JobType.PIPELINE, JobType.TRAINING, JobType.PROCESSING)},
    }
    sagemaker, events = cloud.client("sagemaker"), cloud.client("events")
    with offer(cloud, first, second, workspace=workspace) as product:
        outputs = product.provision("mine", **FORM, Schedule="weekly", Goal="number", Threshold="2.5")
        name = outputs["PipelineName"]
        assert name == "churn-weekly"
        assert outputs["StartCommand"].endswith(f" {name}")
        found = sagemaker.describe_pipeline(PipelineName=name)
        assert (found["RoleArn"], found["ParallelismConfiguration"]) == (jobs, {"MaxParallelExecutionSteps": 4})
        definition = json.loads(found["PipelineDefinition"])
        train = step(definition, "Train")["Arguments"]
        assert train["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
        assert train["HyperParameters"]["objective"] == "reg:squarederror"
        assert train["ResourceConfig"]["InstanceType"] == "ml.m5.xlarge"
        assert step(definition, "Register")["Arguments"]["ModelPackageGroupName"] == "churn"
        tags = sagemaker.list_tags(ResourceArn=found["PipelineArn"])["Tags"]
        assert {"Key": "mlgov:project", "Value": "churn"} in tags

        (rule,) = events.list_rule_names_by_target(TargetArn=found["PipelineArn"])["RuleNames"]
        assert events.describe_rule(Name=rule)["ScheduleExpression"] == "cron(0 3 ? * MON *)"
        assert events.list_targets_by_rule(Rule=rule)["Targets"][0]["RoleArn"] == start

        run = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
        values = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=run)["PipelineParameters"]
        given = {each["Name"]: each["Value"] for each in values}
        assert (given["DataVersion"], given["Threshold"]) == ("labelled/v1", "2.5")
        assert given["TrainingData"] == "s3://curated/churn/labelled/v1"
        assert given["TrainImage"] == "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
        steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=run)["PipelineExecutionSteps"]
        assert [each["StepName"] for each in steps] == ["PrepareTable"]

        product.update("mine", "v2", **FORM, SpareMachines="no")
        definition = json.loads(sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"])
        train = step(definition, "Train")["Arguments"]
        assert train["ResourceConfig"]["InstanceType"] == "ml.m6i.xlarge"
        assert (train["EnableManagedSpotTraining"], "CheckpointConfig" in train) == (False, False)
        assert "Start" not in product.resources("mine")
        assert events.list_rule_names_by_target(TargetArn=found["PipelineArn"])["RuleNames"] == []
        product.terminate("mine")
    with pytest.raises(sagemaker.exceptions.ClientError, match="churn-weekly does not exist"):
        sagemaker.describe_pipeline(PipelineName=name)
