"""What a construct may ask of the network it runs in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from mlgov_constructs.network.endpoint_service import EndpointService


@runtime_checkable
class IIsolatedVpc(Protocol):
    """A VPC without a way to the internet: an ``IsolatedVpc``, or ``IsolatedVpc.from_vpc(...)`` of yours."""

    @property
    def vpc_id(self) -> str:
        """The id of the VPC."""

    @property
    def isolated_subnets(self) -> list[ec2.ISubnet]:
        """The subnets that workloads run in."""

    @property
    def workload_security_group(self) -> ec2.ISecurityGroup:
        """The security group of workloads; it reaches the endpoints and nothing else."""

    def require(
        self,
        service: EndpointService,
        *,
        by: Construct,
        actions: Sequence[str] | None = None,
    ) -> ec2.IVpcEndpoint | None:
        """State that a construct calls a service, so that its endpoint exists.

        Args:
            service: The service called.
            by: The construct that calls it; errors name it.
            actions: The actions it calls; the whole catalogue entry when omitted.

        Returns:
            The endpoint, or ``None`` where the endpoint of an existing VPC has no known id.
        """
