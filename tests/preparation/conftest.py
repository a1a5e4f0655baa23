"""One template with feature groups as they are by default and with every option, in each partition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.identity import GovernedRole, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.preparation import (
    Feature,
    FeatureDatabase,
    FeatureGroup,
    OnlineStorage,
    OnlineStore,
    TableFormat,
)
from mlgov_constructs.protection import DataKey, GovernedBucket
from tests.templates import Template

REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
FEATURES = (Feature.string("customer_id"), Feature.string("event-time"), Feature.integral("orders"))


@dataclass
class Ground:
    """What feature groups stand on, in one stack."""

    stack: cdk.Stack
    vpc: IsolatedVpc
    key: DataKey
    bucket: GovernedBucket
    boundary: PermissionsBoundary
    role: JobRole
    database: FeatureDatabase

    def group(self, construct_id: str, **arguments: Any) -> FeatureGroup:
        common: dict[str, Any] = {
            "features": FEATURES,
            "record_identifier": "customer_id",
            "event_time": "event-time",
            "database": self.database,
            "bucket": self.bucket,
            "role": self.role,
            "vpc": self.vpc,
            "encryption_key": self.key,
        }
        return FeatureGroup(self.stack, construct_id, **{**common, **arguments})


def ground(app: cdk.App, name: str = "preparation", region: str | None = None) -> Ground:
    stack = cdk.Stack(app, name, env=cdk.Environment(region=region))
    key = DataKey(stack, "Key")
    bucket = GovernedBucket(stack, "Curated", encryption_key=key)
    boundary = PermissionsBoundary(stack, "Boundary")
    role = JobRole(stack, "Store", job=JobType.FEATURE_STORE, project="churn", permissions_boundary=boundary)
    database = FeatureDatabase(stack, "Database", project="churn", bucket=bucket)
    return Ground(stack, IsolatedVpc(stack, "Vpc"), key, bucket, boundary, role, database)


def _build(app: cdk.App) -> None:
    base = ground(app)
    cdk.Tags.of(app).add("cost-center", "ml-0001")
    base.group("Plain")
    full = base.group(
        "Full",
        online_store=OnlineStore(time_to_live=cdk.Duration.hours(36), storage=OnlineStorage.IN_MEMORY),
        table_format=TableFormat.GLUE,
        feature_group_name="Churn-Customers",
        description="Orders of a customer",
        tags={"owner": "ml-platform"},
    )
    for name, grant in (
        ("Ingests", full.grant_ingest),
        ("ReadsOnline", full.grant_read_online),
        ("ReadsOffline", full.grant_read_offline),
    ):
        grant(
            GovernedRole(
                base.stack,
                name,
                assumed_by=iam.AccountRootPrincipal(),
                description=name,
                permissions_boundary=base.boundary,
                statements=[],
            )
        )
    for partition, region in REGIONS.items():
        ground(app, partition, region).group("Group", online_store=OnlineStore())


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build)


@pytest.fixture(scope="session")
def preparation(templates: dict[str, Template]) -> Template:
    return templates["preparation"]
