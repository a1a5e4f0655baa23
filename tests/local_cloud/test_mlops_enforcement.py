"""The enforced mode: the rights of the activities decide who registers, approves and starts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.identity.activities import ApproveModels, RegisterModels, StartPipelines
from mlgov_constructs.identity.activities.activity import Activity
from tests.local_cloud.catalog_templates import role, trust
from tests.local_cloud.conftest import Cloud
from tests.local_cloud.test_mlops_types import DEFINITION, ROLE

TAG = [{"Key": "mlgov:project", "Value": "churn"}]
PENDING = {"ModelPackageGroupName": "enforced-churn", "ModelApprovalStatus": "PendingManualApproval"}
VALUES = [{"Name": name, "Value": "1"} for name in ("CodeCommit", "DataVersion")]


def rights(activity: Activity) -> list[dict[str, Any]]:
    """The statements of an activity in the account and region of the local cloud."""
    text = json.dumps(activity.statements())
    for token, value in (("AWS.Partition", "aws"), ("AWS.Region", "us-east-1"), ("AWS.AccountId", "123456789012")):
        while (start := text.find(f"${{Token[{token}.")) >= 0:
            text = text[:start] + value + text[text.index("}", start) + 1 :]
    statements: list[dict[str, Any]] = json.loads(text)
    return statements


@pytest.fixture(scope="module")
def cloud(enforced_cloud: Cloud) -> Cloud:
    group = {"ModelPackageGroupName": "enforced-churn", "Tags": TAG}
    pipeline = {
        "PipelineName": "enforced-churn",
        "PipelineDefinition": {"PipelineDefinitionBody": json.dumps(DEFINITION)},
        "RoleArn": ROLE,
        "Tags": TAG,
    }
    people = {
        f"{name}{project.title()}": role(f"{name.lower()}-{project}", trust(account=True), *rights(activity(project)))
        for name, activity in (
            ("Registrar", RegisterModels),
            ("Approver", ApproveModels),
            ("Starter", StartPipelines),
        )
        for project in ("churn", "fraud")
    }
    stack = enforced_cloud.stack(
        Group={"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": group},
        Pipeline={"Type": "AWS::SageMaker::Pipeline", "Properties": pipeline},
        **people,
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    return enforced_cloud


def sagemaker(cloud: Cloud, name: str) -> Any:
    return cloud.client("sagemaker", cloud.as_role(name))


def refused(client: Any, operation: str, **parameters: Any) -> None:
    with pytest.raises(client.exceptions.ClientError, match="not authorized"):
        getattr(client, operation)(**parameters)


def test_who_registers_does_not_approve_and_the_other_way_round(cloud: Cloud) -> None:
    registrar, approver = sagemaker(cloud, "registrar-churn"), sagemaker(cloud, "approver-churn")
    refused(registrar, "create_model_package", **{**PENDING, "ModelApprovalStatus": "Approved"})
    refused(approver, "create_model_package", **PENDING)
    version = registrar.create_model_package(**PENDING)["ModelPackageArn"]
    decided = {"ModelPackageArn": version, "ModelApprovalStatus": "Approved"}
    refused(registrar, "update_model_package", **decided)
    refused(sagemaker(cloud, "approver-fraud"), "update_model_package", **decided)
    approver.update_model_package(**decided)
    found = registrar.describe_model_package(ModelPackageName=version)
    assert found["ModelApprovalStatus"] == "Approved"
    refused(sagemaker(cloud, "registrar-fraud"), "describe_model_package", ModelPackageName=version)


def test_people_start_the_pipelines_of_their_project_and_change_none(cloud: Cloud) -> None:
    starter, stranger = sagemaker(cloud, "starter-churn"), sagemaker(cloud, "starter-fraud")
    start = {"PipelineName": "enforced-churn", "PipelineParameters": VALUES}
    refused(stranger, "start_pipeline_execution", **start)
    run = starter.start_pipeline_execution(**start)["PipelineExecutionArn"]
    assert starter.describe_pipeline_execution(PipelineExecutionArn=run)["PipelineExecutionStatus"] == "Executing"
    refused(stranger, "describe_pipeline_execution", PipelineExecutionArn=run)
    refused(starter, "update_pipeline", PipelineName="enforced-churn", PipelineDescription="mine")
