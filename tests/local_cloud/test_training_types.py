"""A repository of training images and a pipeline that tunes: what is deployed, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.mlops import PipelineDefinition, RegisterModelStep
from mlgov_constructs.protection import DataKey
from mlgov_constructs.steps import ConditionStep
from mlgov_constructs.training import (
    ContinuousRange,
    Distribution,
    TrainingImage,
    TrainingScript,
    TrainingStep,
    TuningStep,
)
from tests.local_cloud.conftest import Cloud, Stack
from tests.local_cloud.test_mlops_types import SETTINGS, pipeline
from tests.mlops.pipelines import IMAGE
from tests.templates import of_type

SCRIPT = TrainingScript(
    entry_point="train.py", source="s3://bucket/churn/code/abc", metrics={"auc": "auc=(.*)"}, resumes=True
)
TUNE = TuningStep(
    "Tune",
    image=IMAGE,
    script=SCRIPT,
    inputs={"train": "s3://bucket/churn/train"},
    objective="auc",
    ranges={"eta": ContinuousRange(0.01, 0.3)},
)
REGISTER = RegisterModelStep("Register", training=TUNE, model_package_group_name="churn")
DECIDE = ConditionStep("Decide", conditions=[TUNE.metric().at_least(0.8)], if_steps=[REGISTER])
LARGE = TrainingStep(
    "Large",
    image=IMAGE,
    script=SCRIPT,
    inputs={"train": "s3://bucket/churn/train"},
    instance_type="ml.g5.12xlarge",
    distribution=Distribution.torchrun(),
)
DEFINITION: dict[str, Any] = PipelineDefinition([TUNE, DECIDE, LARGE], SETTINGS).render()


def repository(days: int) -> dict[str, Any]:
    """The resources of a stack with a repository, as the construct makes them."""
    app = cdk.App()
    stack = cdk.Stack(app, "Training", synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False))
    TrainingImage(
        stack,
        "Images",
        encryption_key=DataKey(stack, "Key"),
        organization_id="o-exampleorg1",
        repository_name="churn/train",
        untagged_retention=cdk.Duration.days(days),
    )
    template: dict[str, Any] = app.synth().get_stack_by_name("Training").template
    # Names are shorter, so that the test finds them.
    text = json.dumps(template["Resources"])
    for name in (*of_type(template, "AWS::KMS::Key"), *of_type(template, "AWS::ECR::Repository")):
        text = text.replace(name, "Key" if name.startswith("Key") else "Images")
    resources: dict[str, Any] = json.loads(text)
    return {name: resources[name] for name in ("Key", "Images")}


@pytest.fixture(scope="module")
def training(cloud: Cloud) -> Stack:
    stack = cloud.stack(**repository(30), Pipeline=pipeline(DEFINITION, PipelineName="tuning"))
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    return stack


def found_policy(cloud: Cloud) -> dict[str, Any]:
    text = cloud.client("ecr").get_repository_policy(repositoryName="churn/train")["policyText"]
    policy: dict[str, Any] = json.loads(text)
    return policy


def test_the_repository_is_as_it_was_asked_for(cloud: Cloud, training: Stack) -> None:
    (found,) = cloud.client("ecr").describe_repositories(repositoryNames=["churn/train"])["repositories"]
    assert found["imageTagMutability"] == "IMMUTABLE"
    assert found["imageScanningConfiguration"] == {"scanOnPush": True}
    assert found["encryptionConfiguration"]["encryptionType"] == "KMS"
    assert found["encryptionConfiguration"]["kmsKey"].endswith(training.id("Key"))


def test_the_policy_keeps_others_out(cloud: Cloud, training: Stack) -> None:
    deny, pull = found_policy(cloud)["Statement"]
    assert (deny["Effect"], deny["Action"]) == ("Deny", "ecr:*")
    assert pull["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}}


def test_the_definition_with_a_tuning_is_kept(cloud: Cloud, training: Stack) -> None:
    made = cloud.client("sagemaker").describe_pipeline(PipelineName="tuning")
    assert json.loads(made["PipelineDefinition"]) == DEFINITION


def test_an_update_changes_the_lifecycle(cloud: Cloud, training: Stack) -> None:
    assert training.update(**repository(7)) == "UPDATE_COMPLETE", training.failures()
    text = cloud.client("ecr").get_lifecycle_policy(repositoryName="churn/train")["lifecyclePolicyText"]
    (rule,) = json.loads(text)["rules"]
    assert (rule["selection"]["tagStatus"], rule["selection"]["countNumber"]) == ("untagged", 7)


def test_a_tuning_that_the_api_would_refuse_is_refused(cloud: Cloud) -> None:
    wrong = json.loads(json.dumps(DEFINITION))
    del wrong["Steps"][0]["Arguments"]["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"]
    stack = cloud.stack(Pipeline=pipeline(wrong, PipelineName="wrong"))
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "MaxParallelTrainingJobs" in stack.failures()


def test_the_repository_outlives_its_stack(cloud: Cloud) -> None:
    resources = repository(30)
    text = json.dumps(resources).replace("churn/train", "kept/train")
    stack = cloud.stack(**json.loads(text))
    assert stack.delete() == "DELETE_COMPLETE"
    assert cloud.client("ecr").describe_repositories(repositoryNames=["kept/train"])["repositories"]
