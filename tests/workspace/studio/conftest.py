"""Studio as it is by default and with every option, in every partition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace import (
    ImageRepository,
    StudioApp,
    StudioAuth,
    StudioDomain,
    StudioImage,
    StudioLifecycle,
    StudioSpace,
    StudioTeardown,
    UserProfile,
)
from tests.templates import Template

REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
DIGEST = "sha256:" + "0a" * 32


@dataclass
class Ground:
    """What Studio stands on, in one stack."""

    stack: cdk.Stack
    vpc: IsolatedVpc
    key: DataKey
    boundary: PermissionsBoundary
    role: JobRole

    def domain(self, construct_id: str = "Domain", **arguments: Any) -> StudioDomain:
        common: dict[str, Any] = {
            "vpc": self.vpc,
            "encryption_key": self.key,
            "permissions_boundary": self.boundary,
        }
        return StudioDomain(self.stack, construct_id, **{**common, **arguments})

    def job_role(self, construct_id: str, job: JobType, project: str = "churn") -> JobRole:
        return JobRole(
            self.stack,
            construct_id,
            job=job,
            project=project,
            environment=JobEnvironment(vpc=self.vpc, encryption_key=self.key),
            permissions_boundary=self.boundary,
        )

    def profile(self, domain: StudioDomain, construct_id: str = "Ana", **arguments: Any) -> UserProfile:
        common: dict[str, Any] = {"domain": domain, "user_profile_name": "ana", "role": self.role}
        return UserProfile(self.stack, construct_id, **{**common, **arguments})

    def image(self, construct_id: str = "Image", **arguments: Any) -> StudioImage:
        common: dict[str, Any] = {
            "repository": ImageRepository(self.stack, f"{construct_id}Repository", encryption_key=self.key),
            "digest": DIGEST,
            "description": "Python for churn",
            "project": "churn",
            "permissions_boundary": self.boundary,
            "image_name": "churn.python",
        }
        return StudioImage(self.stack, construct_id, **{**common, **arguments})


def ground(app: cdk.App, name: str = "studio", **stack_arguments: Any) -> Ground:
    stack = cdk.Stack(app, name, **stack_arguments)
    vpc, key = IsolatedVpc(stack, "Vpc"), DataKey(stack, "Key")
    boundary = PermissionsBoundary(stack, "Boundary", additional_actions=StudioTeardown.BOUNDARY_ACTIONS)
    base = Ground(stack, vpc, key, boundary, None)  # type: ignore[arg-type]
    base.role = base.job_role("Role", JobType.STUDIO)
    return base


def _build(app: cdk.App) -> None:
    base = ground(app)
    plain = base.domain()
    ana = base.profile(plain, user="ana@example.com")
    StudioSpace(base.stack, "Work", owner=ana, space_name="work")
    full = base.domain(
        "Full",
        domain_name="full",
        auth=StudioAuth.IDENTITY_CENTER,
        space_role=base.role,
        instance_type="ml.m5.xlarge",
        idle_shutdown=cdk.Duration.hours(2),
        longest_idle=cdk.Duration.hours(8),
        default_volume_size=cdk.Size.gibibytes(20),
        maximum_volume_size=cdk.Size.gibibytes(200),
        lifecycles=[
            StudioLifecycle(base.stack, "Lab", app=StudioApp.JUPYTER_LAB, script="echo lab"),
            StudioLifecycle(base.stack, "Editor", app=StudioApp.CODE_EDITOR, script="echo editor"),
        ],
        images=[base.image()],
        output_bucket=s3.Bucket(base.stack, "Output"),
        hidden_app_types=["Canvas"],
        hidden_ml_tools=[],
        tags={"cost-center": "42"},
        docker_access=Relaxation("Builds images by hand until the pipeline is there"),
    )
    ben = base.profile(full, "Ben", user_profile_name="ben", sso_user="ben@example.com")
    together = StudioSpace(
        base.stack,
        "Together",
        owner=ben,
        space_name="together",
        shared=True,
        app=StudioApp.CODE_EDITOR,
        instance_type="ml.g5.xlarge",
        volume_size=cdk.Size.gibibytes(100),
    )
    together.grant_use(base.role)
    ben.grant_open(base.job_role("Opener", JobType.NOTEBOOK))
    cdk.Tags.of(app).add("owner", "platform")
    cdk.Tags.of(app).add("mlgov:user", "nobody")
    cdk.Tags.of(app).add("mlgov:project", "environment")


@pytest.fixture(scope="session")
def studio(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_build)["studio"]
