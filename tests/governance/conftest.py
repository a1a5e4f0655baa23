"""One app with a trail that records everything and one with every argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.governance import AuditEvent, AuditTrail
from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive
from tests.templates import Template

REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}


def _build(app: cdk.App) -> None:
    foundation = cdk.Stack(app, "foundation")
    key = DataKey(foundation, "Key")
    archive = LogArchive(foundation, "Archive", encryption_key=key)
    AuditTrail(
        cdk.Stack(app, "plain"), "Trail", log_archive=archive, encryption_key=key, alarm_emails=["audit@example.org"]
    )

    named = cdk.Stack(app, "named")
    named_key = DataKey(named, "Key")
    named_archive = LogArchive(named, "Archive", encryption_key=named_key)
    bucket = GovernedBucket(named, "Data", encryption_key=named_key, access_log_bucket=named_archive.access_log_bucket)
    AuditTrail(
        named,
        "Trail",
        log_archive=named_archive,
        encryption_key=named_key,
        trail_name="mlgov-audit",
        buckets=[bucket],
        log_retention=logs.RetentionDays.THREE_MONTHS,
        alarm_events=[AuditEvent.ROOT_USE, AuditEvent.KEY_DELETION, AuditEvent.ROOT_USE],
        permissions_boundary=iam.ManagedPolicy.from_managed_policy_name(named, "Boundary", "boundary"),
        single_region=Relaxation("The organisation trail records the other regions, ADR-12"),
    )

    for partition, region in REGIONS.items():
        stack = cdk.Stack(app, partition, env=cdk.Environment(region=region))
        regional_key = DataKey(stack, "Key")
        regional_archive = LogArchive(stack, "Archive", encryption_key=regional_key)
        AuditTrail(stack, "Trail", log_archive=regional_archive, encryption_key=regional_key)


@pytest.fixture(scope="session")
def governance(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Any]:
    return synthesize(_build)
