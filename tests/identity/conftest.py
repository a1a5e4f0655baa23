"""One template with a boundary, job roles, a data scientist, a key and a bucket."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from mlgov_constructs.identity import DataScientistRole, JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey
from tests.templates import Template, of_type


def _build(app: cdk.App) -> None:
    stack = cdk.Stack(app, "identity")
    boundary = PermissionsBoundary(stack, "Boundary")
    key = DataKey(stack, "Key")
    bucket = s3.Bucket(stack, "Data", encryption_key=key)
    environment = JobEnvironment(vpc=IsolatedVpc(stack, "Vpc"), encryption_key=key)
    roles = {
        job: JobRole(
            stack,
            job.name.title().replace("_", ""),
            job=job,
            project="churn",
            permissions_boundary=boundary,
            environment=environment if job.runs_in_vpc else None,
        )
        for job in JobType
    }
    roles[JobType.PIPELINE].grant_run_jobs(environment, [roles[JobType.TRAINING]])
    roles[JobType.TRAINING].grant_project_data(bucket, kept=["pipelines/weekly"])
    roles[JobType.TRACKING].grant_project_data(bucket)
    roles[JobType.FEATURE_STORE].grant_project_data(bucket)
    bucket.grant_read(roles[JobType.PROCESSING])
    scientist = DataScientistRole(
        stack,
        "Scientist",
        project="churn",
        permissions_boundary=boundary,
        environment=environment,
        job_roles=[roles[JobType.TRAINING]],
        principals=[iam.ArnPrincipal(f"arn:{cdk.Aws.PARTITION}:iam::111122223333:role/People")],
    )
    scientist.grant_project_data(bucket, kept=["pipelines/weekly"])


@pytest.fixture(scope="session")
def identity(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_build)["identity"]


@pytest.fixture(scope="session")
def roles(identity: Template) -> dict[str, str]:
    """The logical ids of the roles by their construct ids."""
    names = [*(job.name.title().replace("_", "") for job in JobType), "Scientist"]
    return {
        name: next(logical_id for logical_id in of_type(identity, "AWS::IAM::Role") if logical_id.startswith(name))
        for name in names
    }
