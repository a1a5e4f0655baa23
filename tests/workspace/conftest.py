"""One template with notebook instances as they are by default and with every option."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace import NotebookInstance, NotebookLifecycle, ParameterNames, WorkspaceParameters
from tests.templates import Template, of_type

CODE_COMMIT = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/churn"


@dataclass
class Ground:
    """What notebooks stand on, in one stack."""

    stack: cdk.Stack
    vpc: IsolatedVpc
    key: DataKey
    role: JobRole

    def notebook(self, construct_id: str, **arguments: Any) -> NotebookInstance:
        common: dict[str, Any] = {"vpc": self.vpc, "encryption_key": self.key, "role": self.role}
        return NotebookInstance(self.stack, construct_id, **{**common, **arguments})


def ground(app: cdk.App, name: str = "workspace", env: cdk.Environment | None = None) -> Ground:
    stack = cdk.Stack(app, name, env=env)
    vpc, key = IsolatedVpc(stack, "Vpc"), DataKey(stack, "Key")
    role = JobRole(
        stack,
        "Role",
        job=JobType.NOTEBOOK,
        project="churn",
        environment=JobEnvironment(vpc=vpc, encryption_key=key),
        permissions_boundary=PermissionsBoundary(stack, "Boundary"),
    )
    return Ground(stack, vpc, key, role)


def endpoints_of(template: Template, vpc: str) -> list[Any]:
    """The names of the services that a VPC has endpoints of."""
    found = [each["Properties"] for each in of_type(template, "AWS::EC2::VPCEndpoint").values()]
    return [each["ServiceName"] for each in found if each["VpcId"]["Ref"].startswith(vpc)]


def _build(app: cdk.App) -> None:
    cdk.Tags.of(app).add("mlgov:project", "environment")
    base = ground(app)
    plain = base.notebook("Plain")
    lifecycle = NotebookLifecycle(base.stack, "Lifecycle", idle=cdk.Duration.minutes(30), on_start="echo 'hello'")
    group = ec2.SecurityGroup(base.stack, "Group", vpc=base.vpc, allow_all_outbound=False)
    base.notebook(
        "Full",
        instance_type="ml.g5.xlarge",
        volume_size=cdk.Size.gibibytes(100),
        subnet=base.vpc.isolated_subnets[1],
        security_groups=[group],
        lifecycle=lifecycle,
        default_code_repository=CODE_COMMIT,
        notebook_instance_name="churn-1",
    )
    base.notebook(
        "Relaxed",
        lifecycle=lifecycle,
        default_code_repository="https://example.com/course.git",
        direct_internet_access=Relaxation("Classroom without data, approved in RISK-112"),
        root_access=Relaxation("Installs drivers that need root, see RISK-113"),
    )
    WorkspaceParameters(
        base.stack,
        "Parameters",
        names=ParameterNames("/mlgov/test/workspace"),
        vpc=base.vpc,
        encryption_key=base.key,
        lifecycle=lifecycle,
        notebook_roles=[base.role],
    )
    user = iam.Role(base.stack, "User", assumed_by=iam.AccountRootPrincipal())
    plain.grant_use(user)
    s3.Bucket(base.stack, "Bucket").grant_read(plain)
    plain.connections.allow_to(group, ec2.Port.HTTPS)


@pytest.fixture(scope="session")
def workspace(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_build)["workspace"]
