"""Pipelines for tests, and definitions read back from templates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk

from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.mlops import ModelPipeline, ModelRegistry, RegisterModelStep
from mlgov_constructs.network import ClusterSecurityGroup, IsolatedVpc
from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive
from mlgov_constructs.steps import JobImage, ProcessingStep
from mlgov_constructs.training import TrainingStep
from tests.templates import Template, of_type

PIPELINE = "AWS::SageMaker::Pipeline"
IMAGE = JobImage(
    f"111122223333.dkr.ecr.eu-west-1.example/train@sha256:{'a' * 64}", {"auc": "auc=([0-9.]+)"}, resumes=True
)


@dataclass
class Ground:
    """What pipelines stand on, in one stack."""

    stack: cdk.Stack
    environment: JobEnvironment
    boundary: PermissionsBoundary
    bucket: GovernedBucket
    registry: ModelRegistry

    def role(self, construct_id: str, job: JobType) -> JobRole:
        environment = self.environment if job is not JobType.PIPELINE else None
        return JobRole(
            self.stack,
            construct_id,
            job=job,
            project="churn",
            environment=environment,
            permissions_boundary=self.boundary,
        )

    def pipeline(self, construct_id: str, **arguments: Any) -> ModelPipeline:
        common: dict[str, Any] = {"environment": self.environment, "output_bucket": self.bucket, "steps": [TRAIN]}
        for name, job in (
            ("role", JobType.PIPELINE),
            ("training_role", JobType.TRAINING),
            ("processing_role", JobType.PROCESSING),
        ):
            if name not in arguments:
                common[name] = self.role(f"{construct_id}{job.value}", job)
        return ModelPipeline(self.stack, construct_id, **{**common, **arguments})


def ground(app: cdk.App, name: str = "pipelines", env: cdk.Environment | None = None) -> Ground:
    stack = cdk.Stack(app, name, env=env)
    key = DataKey(stack, "Key")
    vpc = IsolatedVpc(stack, "Vpc")
    logs = LogArchive(stack, "Logs", encryption_key=key)
    return Ground(
        stack,
        JobEnvironment(
            vpc=vpc, encryption_key=key, cluster_security_group=ClusterSecurityGroup(stack, "Cluster", vpc=vpc)
        ),
        PermissionsBoundary(stack, "Boundary"),
        GovernedBucket(stack, "Data", encryption_key=key, access_log_bucket=logs.access_log_bucket),
        ModelRegistry(stack, "Registry", project="churn"),
    )


TRAIN = TrainingStep("Train", image=IMAGE, inputs={"train": "s3://data/churn/train"})
REGISTER = RegisterModelStep("Register", training=TRAIN, model_package_group_name="churn")
PREPARE = ProcessingStep(
    "Prepare",
    image=IMAGE,
    script="print('hello')",
    output_names=["train"],
    metric_files={"checks": ("train", "c.json")},
)


def flat(value: Any) -> str:
    """A value with its joins resolved to the names of what they refer to."""
    if isinstance(value, dict):
        ((function, argument),) = value.items()
        return "".join(flat(part) for part in argument[1]) if function == "Fn::Join" else f"<{_name(argument)}>"
    return str(value)


def definition(template: Template, name: str) -> dict[str, Any]:
    """The definition of the pipeline whose logical id begins so."""
    (found,) = (resource for i, resource in of_type(template, PIPELINE).items() if i.startswith(name))
    document: dict[str, Any] = json.loads(flat(found["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]))
    return document


def step(definition: dict[str, Any], name: str) -> dict[str, Any]:
    """A step by its name, wherever it is."""
    found = list(_steps(definition["Steps"], name))
    assert len(found) == 1, name
    only: dict[str, Any] = found[0]
    return only


def filled(value: Any) -> Any:
    """A request as it is when the pipeline runs: values that are known then are texts."""
    if isinstance(value, dict):
        if value.keys() & {"Get", "Std:Join", "Std:JsonGet"}:
            return "s3://known/when/it/runs"
        return {key: filled(item) for key, item in value.items()}
    return [filled(item) for item in value] if isinstance(value, list) else value


def _steps(steps: list[dict[str, Any]], name: str) -> Any:
    for each in steps:
        if each["Name"] == name:
            yield each
        for branch in ("IfSteps", "ElseSteps"):
            yield from _steps(each["Arguments"].get(branch, []), name)


def _name(argument: Any) -> str:
    return argument if isinstance(argument, str) else ".".join(flat(part) for part in argument)
