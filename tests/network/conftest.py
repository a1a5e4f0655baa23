"""One template with a VPC that requires every service, and small ones for the arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.network import EndpointService, IsolatedVpc

REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}


def _every_service(app: cdk.App, name: str, region: str | None, **arguments: Any) -> None:
    stack = cdk.Stack(app, name, env=cdk.Environment(region=region))
    vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20", **arguments)
    partition = next((p for p, r in REGIONS.items() if r == region), "aws")
    for service in EndpointService:
        if partition in service.partitions:
            vpc.require(service, by=stack)


@pytest.fixture(scope="session")
def networks(synthesize: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            _every_service(app, partition, region)
        _every_service(app, "agnostic", None)
        _every_service(app, "organization", "eu-west-1", organization_id="o-exampleorg1", network_acl=True, max_azs=3)

    return synthesize(build)


@pytest.fixture(scope="session")
def network(networks: dict[str, Any]) -> dict[str, Any]:
    template: dict[str, Any] = networks["aws"]
    return template
