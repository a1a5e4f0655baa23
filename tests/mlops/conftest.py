"""Templates with registries and pipelines as they are by default and with every option."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.mlops import ApprovalStatus, ModelRegistry, ModelStage, RegisterModelStep, StageStatus
from mlgov_constructs.protection import DataKey, EncryptedTopic
from mlgov_constructs.steps import ConditionStep, FailStep, Joined, PipelineParameter, ProcessingStep
from mlgov_constructs.training import InputMode, TrainingStep
from tests.mlops.pipelines import IMAGE, PREPARE, ground
from tests.templates import Template


def _registries(app: cdk.App) -> None:
    cdk.Tags.of(app).add("mlgov:project", "environment")
    stack = cdk.Stack(app, "registries")
    topic = EncryptedTopic(stack, "Topic", encryption_key=DataKey(stack, "Key"))
    registry = ModelRegistry(stack, "Plain", project="churn")
    full = ModelRegistry(
        stack,
        "Full",
        project="churn",
        model_package_group_name="churn-next",
        description="Who is about to leave",
        reader_accounts=["111122223333", "444455556666"],
        organization_id="o-exampleorg1",
        state_change_topic=topic,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    ModelRegistry(
        stack, "Organization", project="churn", model_package_group_name="all", organization_id="o-exampleorg1"
    )
    names = ("Reader", "Registrar", "Approver", "Promoter", "Proposer", "Developer")
    reader, registrar, approver, promoter, proposer, developer = (
        iam.Role(stack, name, assumed_by=iam.AccountRootPrincipal()) for name in names
    )
    registry.grant_read(reader)
    registry.grant_register(registrar)
    registry.grant_approve(approver)
    decided = [StageStatus.APPROVED, StageStatus.REJECTED]
    before = [ModelStage.PRE_PRODUCTION]
    registry.grant_promote(promoter, ModelStage.PRODUCTION, statuses=decided, from_stages=before)
    registry.grant_promote(proposer, ModelStage.PRODUCTION, statuses=[StageStatus.PENDING_APPROVAL])
    registry.grant_promote(developer, ModelStage.QA)
    bus = events.EventBus.from_event_bus_arn(stack, "Bus", "arn:aws:events:eu-west-1:111122223333:event-bus/models")
    boundary = PermissionsBoundary(stack, "Boundary")
    full.forward("Forward", event_bus=bus, permissions_boundary=boundary, approval_status=ApprovalStatus.APPROVED)
    plain_topic = sns.Topic.from_topic_arn(stack, "Given", "arn:aws:sns:us-east-1:111122223333:approvals")
    registry.on_state_change("Approved", target=targets.SnsTopic(plain_topic), approval_status=ApprovalStatus.APPROVED)


@pytest.fixture(scope="session")
def registries(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_registries)["registries"]


def _pipelines(app: cdk.App) -> None:
    cdk.Tags.of(app).add("mlgov:project", "environment")
    cdk.Tags.of(app).add("mlgov:deployed-by", "hand")
    base = ground(app)
    topic = EncryptedTopic(base.stack, "Topic", encryption_key=base.environment.encryption_key)
    plain = base.pipeline("Plain", schedule=events.Schedule.rate(cdk.Duration.days(1)), failure_topic=topic)
    plain.grant_start(iam.Role(base.stack, "User", assumed_by=iam.AccountRootPrincipal()))
    rows, auc = PREPARE.metric("checks", "rows.all"), PipelineParameter("SmallestAuc", 0.8)
    train = TrainingStep(
        "Train",
        image=IMAGE,
        inputs={"train": PREPARE.output("train"), "validation": "s3://data/churn/validation"},
        hyperparameters={"eta": 0.1, "rounds": PipelineParameter("Rounds", "100")},
        instance_type="ml.g5.xlarge",
        instance_count=2,
        volume_gib=100,
        max_runtime=cdk.Duration.hours(2),
        max_wait=cdk.Duration.hours(3),
        input_mode=InputMode.FAST_FILE,
        cache=cdk.Duration.days(7),
        retries=[],
        environment={"LEVEL": "debug"},
    )
    register = RegisterModelStep(
        "Register",
        training=train,
        model_package_group_name="churn",
        quality_report=PREPARE.output("train"),
        metadata={"team": "growth"},
    )
    decide = ConditionStep(
        "Decide",
        conditions=[rows.at_least(1000), train.metric("auc").at_least(auc)],
        if_steps=[register],
        else_steps=[FailStep("TooWeak", message=Joined(("AUC under ", auc)))],
    )
    check = ProcessingStep(
        "Check",
        image=IMAGE,
        entrypoint=["check"],
        command_arguments=["--strict"],
        inputs={"model": train.model},
        depends_on=[PREPARE],
        description="Looks once more",
    )
    full = base.pipeline(
        "Full",
        steps=[PREPARE, train, check, decide],
        registry=base.registry,
        pipeline_name="churn-weekly",
        description="Every week",
        parameters={"DataVersion": "v1", "CodeCommit": "abc"},
        max_parallel_steps=2,
    )
    full.start_on(
        "OnData",
        event_pattern=events.EventPattern(source=["aws.s3"], detail_type=["Object Created"]),
        parameters={"DataVersion": "$.detail.object.key"},
    )
    full.on_status_change("Ended", target=targets.SnsTopic(topic))


@pytest.fixture(scope="session")
def pipelines(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_pipelines)["pipelines"]
