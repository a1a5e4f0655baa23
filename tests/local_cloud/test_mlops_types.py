"""A registry and a pipeline: what is deployed, what is refused, and how far a run goes without machines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.mlops import PipelineDefinition, RegisterModelStep
from mlgov_constructs.steps import ConditionStep, FailStep, JobSettings
from mlgov_constructs.training import TrainingStep
from tests.local_cloud.conftest import Cloud, Stack
from tests.mlops.pipelines import IMAGE, PREPARE

ROLE = "arn:aws:iam::123456789012:role/jobs"
SETTINGS = JobSettings(
    project="churn",
    subnet_ids=["subnet-1"],
    security_group_ids=["sg-1"],
    key_arn="arn:aws:kms:us-east-1:123456789012:key/1",
    training_role_arn=ROLE,
    processing_role_arn=ROLE,
    output_uri="s3://bucket/churn/pipelines/local",
)
TRAIN = TrainingStep("Train", image=IMAGE, inputs={"train": PREPARE.output("train")})
DECIDE = ConditionStep(
    "Decide",
    conditions=[TRAIN.metric("auc").at_least(0.8)],
    if_steps=[RegisterModelStep("Register", training=TRAIN, model_package_group_name="local-churn")],
    else_steps=[FailStep("TooWeak", message="no")],
)
DEFINITION = PipelineDefinition([PREPARE, TRAIN, DECIDE], SETTINGS).render()
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sagemaker:*"}]}


def group(**changes: Any) -> dict[str, Any]:
    properties = {
        "ModelPackageGroupName": "local-churn",
        "ModelPackageGroupDescription": "Who leaves",
        "ModelPackageGroupPolicy": POLICY,
        "Tags": [{"Key": "mlgov:project", "Value": "churn"}],
    }
    kept = {name: value for name, value in {**properties, **changes}.items() if value is not None}
    return {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": kept}


def pipeline(definition: Any = DEFINITION, **changes: Any) -> dict[str, Any]:
    body = definition if isinstance(definition, str) else json.dumps(definition)
    properties = {
        "PipelineName": "local-churn",
        "PipelineDescription": "Trains",
        "PipelineDefinition": {"PipelineDefinitionBody": body},
        "ParallelismConfiguration": {"MaxParallelExecutionSteps": 4},
        "RoleArn": ROLE,
        "Tags": [{"Key": "mlgov:project", "Value": "churn"}],
    }
    return {"Type": "AWS::SageMaker::Pipeline", "Properties": {**properties, **changes}}


@pytest.fixture(scope="module")
def mlops(cloud: Cloud) -> Stack:
    stack = cloud.stack(Group=group(), Pipeline=pipeline())
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    return stack


def test_every_property_is_described(cloud: Cloud, mlops: Stack) -> None:
    sagemaker = cloud.client("sagemaker")
    found = sagemaker.describe_model_package_group(ModelPackageGroupName="local-churn")
    assert found["ModelPackageGroupArn"] == mlops.id("Group")
    assert (found["ModelPackageGroupDescription"], found["ModelPackageGroupStatus"]) == ("Who leaves", "Completed")
    policy = sagemaker.get_model_package_group_policy(ModelPackageGroupName="local-churn")["ResourcePolicy"]
    assert json.loads(policy) == POLICY
    made = sagemaker.describe_pipeline(PipelineName="local-churn")
    assert json.loads(made["PipelineDefinition"]) == DEFINITION
    assert (made["RoleArn"], made["PipelineStatus"], made["PipelineDescription"]) == (ROLE, "Active", "Trains")
    assert made["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 4}
    for arn in (mlops.id("Group"), made["PipelineArn"]):
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]


def test_a_version_is_registered_and_approved(cloud: Cloud, mlops: Stack) -> None:
    sagemaker = cloud.client("sagemaker")
    arns = [
        sagemaker.create_model_package(
            ModelPackageGroupName="local-churn",
            ModelApprovalStatus="PendingManualApproval",
            CustomerMetadataProperties={"mlgov:data-version": "v1", "team": "growth"},
        )["ModelPackageArn"]
        for _ in range(2)
    ]
    assert [arn.rsplit("/", 2)[1:] for arn in arns] == [["local-churn", "1"], ["local-churn", "2"]]
    sagemaker.update_model_package(
        ModelPackageArn=arns[0],
        ModelApprovalStatus="Approved",
        CustomerMetadataProperties={"approver": "me"},
        CustomerMetadataPropertiesToRemove=["team"],
    )
    found = sagemaker.describe_model_package(ModelPackageName=arns[0])
    assert found["ModelApprovalStatus"] == "Approved"
    assert found["CustomerMetadataProperties"] == {"mlgov:data-version": "v1", "approver": "me"}
    approved = sagemaker.list_model_packages(ModelPackageGroupName="local-churn", ModelApprovalStatus="Approved")
    assert [each["ModelPackageArn"] for each in approved["ModelPackageSummaryList"]] == [arns[0]]
    with pytest.raises(sagemaker.exceptions.ClientError, match="still has model packages"):
        sagemaker.delete_model_package_group(ModelPackageGroupName="local-churn")
    for arn in arns:
        sagemaker.delete_model_package(ModelPackageName=arn)
    with pytest.raises(sagemaker.exceptions.ClientError, match="has those of its group"):
        sagemaker.create_model_package(ModelPackageGroupName="local-churn", Tags=[{"Key": "a", "Value": "b"}])
    with pytest.raises(sagemaker.exceptions.ClientError, match="group other does not exist"):
        sagemaker.create_model_package(ModelPackageGroupName="other")


def test_a_run_begins_with_the_steps_that_wait_for_no_other(cloud: Cloud, mlops: Stack) -> None:
    sagemaker = cloud.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match="Parameter CodeCommit has no default"):
        sagemaker.start_pipeline_execution(PipelineName="local-churn")
    with pytest.raises(sagemaker.exceptions.ClientError, match="Parameter Other is not a parameter"):
        sagemaker.start_pipeline_execution(
            PipelineName="local-churn", PipelineParameters=[{"Name": "Other", "Value": "1"}]
        )
    values = [{"Name": name, "Value": "1"} for name in ("CodeCommit", "DataVersion")]
    arn = sagemaker.start_pipeline_execution(PipelineName="local-churn", PipelineParameters=values)[
        "PipelineExecutionArn"
    ]
    run = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert run["PipelineExecutionStatus"] == "Executing"
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    assert [(step["StepName"], step["StepStatus"]) for step in steps] == [("Prepare", "Starting")]
    given = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)["PipelineParameters"]
    assert {each["Name"]: each["Value"] for each in given} == {
        "CodeCommit": "1",
        "DataVersion": "1",
        "TrainImage": IMAGE.uri,
    }
    (listed,) = sagemaker.list_pipeline_executions(PipelineName="local-churn")["PipelineExecutionSummaries"]
    assert listed["PipelineExecutionArn"] == arn
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    stopped = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert stopped["PipelineExecutionStatus"] == "Stopped"
    with pytest.raises(sagemaker.exceptions.ClientError, match="does not run"):
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)


def test_update_in_place_and_removal_of_a_policy(cloud: Cloud, mlops: Stack) -> None:
    sagemaker = cloud.client("sagemaker")
    tags = [{"Key": "mlgov:project", "Value": "fraud"}]
    changed = {"Group": group(ModelPackageGroupPolicy=None), "Pipeline": pipeline(PipelineDescription="New", Tags=tags)}
    assert mlops.update(**changed) == "UPDATE_COMPLETE", mlops.failures()
    with pytest.raises(sagemaker.exceptions.ClientError, match="Cannot find a resource policy"):
        sagemaker.get_model_package_group_policy(ModelPackageGroupName="local-churn")
    made = sagemaker.describe_pipeline(PipelineName="local-churn")
    assert made["PipelineDescription"] == "New"
    assert sagemaker.list_tags(ResourceArn=made["PipelineArn"])["Tags"] == tags


def broken(change: Any) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(json.dumps(DEFINITION))
    change(definition)
    return definition


BROKEN: list[tuple[Any, str]] = [
    ("no JSON", "it is no JSON"),
    (broken(lambda d: d.update(Version="1")), "Version must be 2020-12-01"),
    (broken(lambda d: d.update(Steps=[])), "there is no step"),
    (broken(lambda d: d["Steps"].append(d["Steps"][0])), "step name Prepare is not unique"),
    (
        broken(lambda d: d["Steps"][0].update(Type="Cooking")),
        "step Prepare has type Cooking, which the local cloud does not know",
    ),
    (broken(lambda d: d["Steps"][0].update(Name="Pre pare")), "step Pre pare has no valid name"),
    (broken(lambda d: d["Steps"][0].update(Type="QualityCheck")), "step Prepare: CheckType is missing"),
    (
        broken(lambda d: d["Steps"][0].update(Type="ClarifyCheck", CheckType="DATA_QUALITY")),
        "step Prepare: CheckType must be one of DATA_BIAS, MODEL_BIAS, MODEL_EXPLAINABILITY",
    ),
    (
        broken(lambda d: d["Steps"][0].update(Type="QualityCheck", CheckType="DATA_QUALITY", SkipCheck="no")),
        "step Prepare: SkipCheck must be true or false",
    ),
    (broken(lambda d: d["Steps"][0].update(Type="Lambda")), "step Prepare: FunctionArn is missing"),
    (broken(lambda d: d["Steps"][0].update(Type="EMR")), "step Prepare has type EMR"),
    (broken(lambda d: d["Steps"].pop(0)), "step Train refers to Steps.Prepare, which does not exist"),
    (broken(lambda d: d.update(Parameters=[])), "refers to Parameters.TrainImage, which does not exist"),
    (broken(lambda d: d["Steps"][1].update(DependsOn=["None"])), "step Train depends on None"),
    (
        broken(lambda d: d["Steps"][1]["Arguments"].pop("OutputDataConfig")),
        "step Train: .*OutputDataConfig",
    ),
    (
        broken(lambda d: d["Steps"][1]["Arguments"].update(EnableNetworkIsolation="yes")),
        "step Train: .*EnableNetworkIsolation",
    ),
    (
        broken(lambda d: d["Steps"][1]["Arguments"].update(RoleArn="jobs")),
        "step Train: .*RoleArn",
    ),
]


def test_every_type_of_steps_is_taken(cloud: Cloud) -> None:
    job = DEFINITION["Steps"][0]["Arguments"]
    machines = {"InstanceCount": 1, "InstanceType": "ml.m5.large"}
    source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}}}
    transform = {
        "ModelName": {"Get": "Steps.Model.ModelName"},
        "TransformInput": source,
        "TransformOutput": {"S3OutputPath": "s3://bucket/out"},
        "TransformResources": machines,
    }
    search = {
        "HyperParameterTuningJobConfig": {"Strategy": "Bayesian", "ResourceLimits": {"MaxParallelTrainingJobs": 1}}
    }
    container = {"Image": IMAGE.uri, "ModelDataUrl": "s3://bucket/model.tar.gz"}
    kinds: list[dict[str, Any]] = [
        {"Type": "Model", "Arguments": {"ExecutionRoleArn": ROLE, "PrimaryContainer": container}},
        {"Type": "Transform", "Arguments": transform},
        {"Type": "Tuning", "Arguments": search},
        {
            "Type": "QualityCheck",
            "Arguments": job,
            "CheckType": "DATA_QUALITY",
            "SkipCheck": {"Get": "Parameters.Skip"},
        },
        {"Type": "ClarifyCheck", "Arguments": job, "CheckType": "MODEL_BIAS", "RegisterNewBaseline": False},
        {"Type": "Lambda", "Arguments": {}, "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f"},
        {"Type": "Callback", "Arguments": {}, "SqsQueueUrl": "https://queue"},
    ]
    steps = [{"Name": each["Type"], **each} for each in kinds]
    body = {**DEFINITION, "Parameters": [{"Name": "Skip", "Type": "Boolean", "DefaultValue": True}], "Steps": steps}
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_pipeline(PipelineName="kinds", PipelineDefinition=json.dumps(body), RoleArn=ROLE)
    sagemaker.delete_pipeline(PipelineName="kinds")


@pytest.mark.parametrize(("definition", "message"), BROKEN, ids=[message for _, message in BROKEN])
def test_a_definition_that_sagemaker_would_refuse_is_refused(cloud: Cloud, definition: Any, message: str) -> None:
    body = definition if isinstance(definition, str) else json.dumps(definition)
    sagemaker = cloud.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match=message):
        sagemaker.create_pipeline(PipelineName="broken", PipelineDefinition=body, RoleArn=ROLE)


def test_they_are_destroyed(cloud: Cloud, mlops: Stack) -> None:
    assert mlops.delete() == "DELETE_COMPLETE", mlops.failures()
    sagemaker = cloud.client("sagemaker")
    # Other files of tests have pipelines and groups of their own in the same cloud.
    pipelines = sagemaker.list_pipelines()["PipelineSummaries"]
    groups = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert "local-churn" not in [pipeline["PipelineName"] for pipeline in pipelines]
    assert "local-churn" not in [group["ModelPackageGroupName"] for group in groups]
