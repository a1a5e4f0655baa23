"""One app with keys, buckets, archives and topics in the forms that the tests ask about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from mlgov_constructs.protection import (
    DataClass,
    DataKey,
    EncryptedTopic,
    GovernedBucket,
    LogArchive,
    ObjectLock,
    ObjectLockMode,
)
from tests.templates import Template

REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}


def _build(app: cdk.App) -> None:
    keys = cdk.Stack(app, "keys")
    DataKey(keys, "Plain")
    DataKey(
        keys,
        "Named",
        alias="mlgov/data",
        description="Data of the platform",
        administrators=[iam.ArnPrincipal("arn:aws:iam::111122223333:role/KeyAdmin")],
        via_services=["s3"],
        pending_window=cdk.Duration.days(30),
    )
    key = DataKey(keys, "Services")
    key.allow_use_through("codeartifact")
    key.allow_cloud_watch_logs("/mlgov/*")
    key.allow_sns()
    key.allow_sns("budgets")
    key.allow_cloud_trail("audit")
    key.allow_service("s3", source_arn="arn:aws:s3:::*")
    archive = LogArchive(keys, "Archive", encryption_key=key)

    data = cdk.Stack(app, "data")
    bucket = GovernedBucket(data, "Plain", encryption_key=key, access_log_bucket=archive.access_log_bucket)
    bucket.grant_read_write(iam.Role(data, "Reader", assumed_by=iam.AccountRootPrincipal()))
    endpoint = ec2.GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(data, "Endpoint", "vpce-11112222")
    GovernedBucket(
        data,
        "Closed",
        encryption_key=key,
        access_log_bucket=archive.access_log_bucket,
        vpc_endpoints=[endpoint],
        organization_id="o-exampleorg1",
        administrators=[iam.Role.from_role_arn(data, "Admin", "arn:aws:iam::111122223333:role/BreakGlass")],
        object_lock=ObjectLock(days=30),
        inventory_bucket=archive,
        storage_class_analysis=True,
    )

    classes = cdk.Stack(app, "classes")
    class_key = DataKey(classes, "Key")
    for data_class in DataClass:
        GovernedBucket(classes, data_class.value.capitalize(), encryption_key=class_key, data_class=data_class)

    immutable = cdk.Stack(app, "immutable")
    LogArchive(
        immutable,
        "Archive",
        encryption_key=DataKey(immutable, "Key"),
        immutable=ObjectLock(days=365, mode=ObjectLockMode.COMPLIANCE),
        expiration=cdk.Duration.days(2557),
    )

    topics = cdk.Stack(app, "topics")
    topic = EncryptedTopic(topics, "Topic", encryption_key=DataKey(topics, "Key"), emails=["team@example.org"])
    topic.allow_publish("cloudwatch")
    topic.allow_publish("budgets")

    for partition, region in REGIONS.items():
        stack = cdk.Stack(app, partition, env=cdk.Environment(region=region))
        regional_key = DataKey(stack, "Key")
        regional_key.allow_cloud_watch_logs()
        regional_archive = LogArchive(stack, "Archive", encryption_key=regional_key)
        GovernedBucket(stack, "Data", encryption_key=regional_key, inventory_bucket=regional_archive)
        EncryptedTopic(stack, "Topic", encryption_key=regional_key).allow_publish("cloudwatch")


@pytest.fixture(scope="session")
def protection(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Any]:
    return synthesize(_build)
