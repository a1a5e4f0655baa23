"""Templates with models and endpoints as they are by default and with every option."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey, EncryptedTopic, GovernedBucket
from mlgov_constructs.serving import (
    ContainerImage,
    DataCapture,
    DeploymentStrategy,
    EndpointScaling,
    Model,
    ModelData,
    RealTimeEndpoint,
    ScheduledCapacity,
    ShadowVariant,
)
from tests.templates import Template, of_type

REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
PACKAGE = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/churn/7"
DIGEST = f"sha256:{'ab' * 32}"
REASON = Relaxation("Tried for a day without customers, see RISK-201")


@dataclass
class Ground:
    """What models and endpoints stand on, in one stack."""

    stack: cdk.Stack
    vpc: IsolatedVpc
    key: DataKey
    role: JobRole
    bucket: GovernedBucket
    topic: EncryptedTopic

    def model(self, construct_id: str, **arguments: Any) -> Model:
        common: dict[str, Any] = {"vpc": self.vpc, "role": self.role}
        if "image" not in arguments:
            common["model_package_arn"] = PACKAGE
        return Model(self.stack, construct_id, **{**common, **arguments})

    def endpoint(self, construct_id: str, **arguments: Any) -> RealTimeEndpoint:
        if "model" not in arguments:
            arguments["model"] = self.model(f"{construct_id}Model")
        if "no_data_capture" not in arguments:
            arguments.setdefault("data_capture", DataCapture(self.bucket))
        arguments.setdefault("alarm_topic", self.topic)
        return RealTimeEndpoint(self.stack, construct_id, encryption_key=self.key, **arguments)

    def job_role(self, construct_id: str, job: JobType = JobType.HOSTING, project: str = "churn") -> JobRole:
        return JobRole(
            self.stack,
            construct_id,
            job=job,
            project=project,
            environment=JobEnvironment(vpc=self.vpc, encryption_key=self.key),
            permissions_boundary=PermissionsBoundary(self.stack, f"{construct_id}Boundary"),
        )


def ground(app: cdk.App, name: str = "serving", **stack: Any) -> Ground:
    made = cdk.Stack(app, name, **stack)
    vpc, key = IsolatedVpc(made, "Vpc"), DataKey(made, "Key")
    role = JobRole(
        made,
        "Role",
        job=JobType.HOSTING,
        project="churn",
        environment=JobEnvironment(vpc=vpc, encryption_key=key),
        permissions_boundary=PermissionsBoundary(made, "Boundary"),
    )
    bucket, topic = GovernedBucket(made, "Data", encryption_key=key), EncryptedTopic(made, "Alarms", encryption_key=key)
    return Ground(made, vpc, key, role, bucket, topic)


def _build(app: cdk.App) -> None:
    base = ground(app)
    stack = base.stack
    plain = base.endpoint("Plain", model=base.model("Package", environment={"LEVEL": "info"}))
    group = ec2.SecurityGroup(stack, "Group", vpc=base.vpc, allow_all_outbound=False)
    repository = ecr.Repository(stack, "Images", encryption=ecr.RepositoryEncryption.KMS, encryption_key=base.key)
    from_ecr = base.model(
        "FromEcr",
        image=ContainerImage.from_ecr_repository(repository, DIGEST),
        model_data=ModelData(base.bucket, "churn/models/8/model.tar.gz"),
        security_groups=[group],
        model_name="churn-8",
    )
    credentials = lambda_.Function.from_function_attributes(
        stack,
        "Credentials",
        function_arn="arn:aws:lambda:eu-west-1:111122223333:function:registry",
        same_environment=True,
    )
    private = base.model(
        "Private", image=ContainerImage.from_private_registry(f"registry.example.org/churn@{DIGEST}", credentials)
    )
    base.model("Many", image=ContainerImage.from_uri(f"a@{DIGEST}"), model_data=ModelData(base.bucket, "churn/many/"))
    base.endpoint(
        "Full",
        model=from_ecr,
        endpoint_name="churn-live",
        instance_type="ml.c6i.xlarge",
        instance_count=4,
        data_capture=DataCapture(base.bucket, prefix="captured/", percentage=25, answers=False),
        scaling=EndpointScaling(
            max_capacity=12,
            invocations_per_instance=90,
            scale_in_cooldown=cdk.Duration.minutes(15),
            scale_out_cooldown=cdk.Duration.seconds(30),
            schedule=(ScheduledCapacity("cron(0 7 ? * MON-FRI *)", min_capacity=6, time_zone="Europe/Berlin"),),
        ),
        shadow=ShadowVariant(private, percentage=10, instance_type="ml.c5.large", instance_count=2),
        deployment=DeploymentStrategy.linear(percentage=50, wait=cdk.Duration.minutes(2)),
        maximum_latency=cdk.Duration.millis(250),
    )
    alarm = cloudwatch.Alarm(stack, "Business", metric=plain.metric_invocations(), threshold=1, evaluation_periods=1)
    base.endpoint(
        "Watched",
        rollback_alarms=[alarm],
        deployment=DeploymentStrategy.rolling(percentage=50),
        instance_type="ml.g5.xlarge",
        local_storage=REASON,
    )
    base.endpoint(
        "Relaxed",
        model=base.model("Open", outbound_network=REASON),
        instance_count=1,
        single_instance=REASON,
        fixed_capacity=REASON,
        no_data_capture=REASON,
        no_rollback=REASON,
        instance_type="ml.t2.medium",
    )
    user = iam.Role(stack, "User", assumed_by=iam.AccountRootPrincipal())
    plain.grant_invoke(user)
    base.bucket.grant_read(plain, "churn/lookups/*")
    plain.connections.allow_to(group, ec2.Port.HTTPS)


@pytest.fixture(scope="session")
def serving(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_build)["serving"]


def named(template: Template, resource_type: str, name: str) -> dict[str, Any]:
    """The resource of a type whose logical id begins with a name."""
    (found,) = (r for i, r in of_type(template, resource_type).items() if i.startswith(name))
    return found
