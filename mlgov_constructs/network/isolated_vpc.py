"""A VPC with no way to the internet."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import Fn, Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.network.endpoint_service import EndpointService
from mlgov_constructs.network.existing_vpc import ExistingVpc
from mlgov_constructs.network.flow_logs import FlowLogs
from mlgov_constructs.network.network_provider import NetworkProvider
from mlgov_constructs.network.security_groups import EndpointAccess
from mlgov_constructs.network.service_resource import ServiceResource
from mlgov_constructs.network.tls_network_acl import TlsNetworkAcl
from mlgov_constructs.network.vpc_endpoints import VpcEndpoints
from mlgov_constructs.perimeter import Perimeter
from mlgov_constructs.protection.data_key import DataKey

DEFAULT_CIDR = "10.0.0.0/16"
LARGEST_VPC = 16
SMALLEST_SUBNET = 26
MOST_AZS = 6
DEFAULT_SERVICE_RESOURCES = (ServiceResource.ECR_LAYERS, ServiceResource.DEEP_LEARNING_CONTAINERS)


class IsolatedVpc(ec2.Vpc):
    """A VPC of isolated subnets, whose only way out is a VPC endpoint with a written policy.

    It creates isolated subnets (no internet, NAT, egress-only, peering or transit gateway),
    flow logs of all traffic to an encrypted log group, the DNS settings that private DNS
    needs, and a security group for workloads that reaches the endpoints and nothing else; it
    removes the rules of the default security group. Endpoints come into being as constructs
    ``require`` them.

    Controls: ``MLG-NET-01`` to ``MLG-NET-06``.

    Args:
        scope: The construct in whose scope to create it.
        construct_id: The id in that scope.
        cidr: The IPv4 range, ``10.0.0.0/16`` by default; a subnet must come out at ``/26`` or larger.
        ip_addresses: In place of ``cidr``: an IPAM pool
            (``ec2.IpAddresses.aws_ipam_allocation``).
        max_azs: The number of availability zones, 1 to 6; 2 by default.
        availability_zones: In place of ``max_azs``: the zones by name.
        encryption_key: The key of the flow logs; a new ``DataKey`` when omitted.
        flow_log_retention: How long flow logs are kept; one year by default.
        network_acl: Add a network ACL that admits and releases TLS alone.
        organization_id: Trust the principals and resources of this organisation in endpoint
            policies; the account alone when omitted.
        service_resources: What AWS owns and workloads may read all the same, by name.
        fips: Add FIPS endpoints where a service has one; on in ``aws-us-gov`` by default.

    Raises:
        ConstructError: A range, number or id cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/infrastructure-give-access.html

    Cost:
        The VPC itself costs nothing. An interface endpoint costs about 7.30 USD a month and
        availability zone; flow logs 0.50 USD a GB. ``docs/network.md`` counts an example.

    Example:
        >>> from aws_cdk import App
        >>> stack = Stack(App(), "Foundation")
        >>> vpc = IsolatedVpc(stack, "Vpc", cidr="10.20.0.0/20")
        >>> endpoint = vpc.require(EndpointService.SAGEMAKER_API, by=stack)
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-NET-01", "MLG-NET-04", "MLG-NET-06")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cidr: str | None = None,
        ip_addresses: ec2.IIpAddresses | None = None,
        max_azs: int | None = None,
        availability_zones: Sequence[str] | None = None,
        encryption_key: kms.IKey | None = None,
        flow_log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
        network_acl: bool = False,
        organization_id: str | None = None,
        service_resources: Sequence[ServiceResource] = DEFAULT_SERVICE_RESOURCES,
        fips: bool | None = None,
    ) -> None:
        if availability_zones and max_azs:
            raise ConstructError(
                scope,
                construct_id,
                f"max_azs {max_azs} and availability_zones {list(availability_zones)} exclude each other",
                "Give one of them.",
            )
        azs = max_azs if max_azs is not None else len(availability_zones or ()) or 2
        if not 1 <= azs <= MOST_AZS:
            raise ConstructError(
                scope, construct_id, f"{azs} availability zones were asked for", f"Use 1 to {MOST_AZS}."
            )
        if cidr is not None and ip_addresses is not None:
            raise ConstructError(
                scope, construct_id, f"cidr {cidr} and ip_addresses exclude each other", "Give one of them."
            )
        if ip_addresses is None:
            ip_addresses = ec2.IpAddresses.cidr(_checked_cidr(scope, construct_id, cidr or DEFAULT_CIDR, azs))
        try:
            perimeter = Perimeter(organization_id)
        except ValueError as error:
            raise ConstructError(scope, construct_id, str(error), "Take the id from AWS Organizations.") from error
        super().__init__(
            scope,
            construct_id,
            ip_addresses=ip_addresses,
            # By position, because a lookup of names would need credentials at synthesis.
            availability_zones=list(availability_zones or [Fn.select(i, Fn.get_azs("")) for i in range(azs)]),
            create_internet_gateway=False,
            nat_gateways=0,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            # Closed below, by a function under the permissions boundary, with an encrypted log.
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )
        claim(self, self.CONTROLS)
        subnets = self.isolated_subnets
        key = encryption_key or _log_key(self)
        FlowLogs(self, "FlowLogs", vpc_id=self.vpc_id, encryption_key=key, retention=flow_log_retention)
        provider = NetworkProvider(
            self,
            "Provider",
            encryption_key=key,
            log_retention=flow_log_retention,
            closes=[self.vpc_default_security_group],
        )
        provider.resource(
            self,
            "DefaultSecurityGroup",
            kind="DefaultSecurityGroupClosed",
            properties={"GroupId": self.vpc_default_security_group},
        )
        access = EndpointAccess(self, "Access", vpc=self, provider=provider)
        self.workload_security_group = access.workload_security_group
        self.endpoint_security_group = access.endpoint_security_group
        region = Stack.of(self).region
        self._vpc_endpoints = VpcEndpoints(
            self,
            "Endpoints",
            vpc_id=self.vpc_id,
            subnet_ids=[subnet.subnet_id for subnet in subnets],
            route_table_ids=[subnet.route_table.route_table_id for subnet in subnets],
            security_group=access.endpoint_security_group,
            perimeter=perimeter,
            service_resources=service_resources,
            fips=fips if fips is not None else not Token.is_unresolved(region) and region.startswith("us-gov-"),
        )
        if network_acl:
            TlsNetworkAcl(self, "NetworkAcl", vpc=self)

    @property
    def endpoint_services(self) -> frozenset[EndpointService]:
        """The services that have an endpoint so far."""
        return self._vpc_endpoints.services

    def require(
        self,
        service: EndpointService,
        *,
        by: Construct,
        actions: Sequence[str] | None = None,
    ) -> ec2.IVpcEndpoint:
        """State that a construct calls a service; its endpoint is created at the first call.

        Args:
            service: The service called.
            by: The construct that calls it; errors name it.
            actions: The actions it calls; the whole catalogue entry when omitted.

        Returns:
            The endpoint.

        Raises:
            ConstructError: The partition does not offer the endpoint, or an action is unknown.
        """
        return self._vpc_endpoints.require(service, by, actions)

    @staticmethod
    def from_vpc(
        scope: Construct,
        construct_id: str,
        vpc: ec2.IVpc,
        *,
        endpoints: Sequence[EndpointService],
        workload_security_group: ec2.ISecurityGroup,
    ) -> ExistingVpc:
        """Use a VPC that exists, in this app or by lookup. Nothing is created.

        Args:
            scope: The construct in whose scope to represent it.
            construct_id: The id in that scope.
            vpc: The VPC; it must have isolated subnets only.
            endpoints: The services that it has endpoints of.
            workload_security_group: The security group that workloads get.

        Raises:
            ConstructError: The VPC has subnets with a way out, or no isolated subnet.
        """
        return ExistingVpc.from_vpc(
            scope, construct_id, vpc, endpoints=endpoints, workload_security_group=workload_security_group
        )

    @staticmethod
    def from_vpc_attributes(  # type: ignore[override]  # it returns what has no endpoints of its own
        scope: Construct,
        construct_id: str,
        *,
        vpc_id: str,
        availability_zones: Sequence[str],
        isolated_subnet_ids: Sequence[str],
        endpoints: Sequence[EndpointService],
        workload_security_group_id: str,
        encryption_key: kms.IKey | None = None,
    ) -> ExistingVpc:
        """Use a VPC that exists, by its ids. Its isolation is verified at deployment.

        Args:
            scope: The construct in whose scope to represent it.
            construct_id: The id in that scope.
            vpc_id: The VPC.
            availability_zones: The zones of the subnets, in their order.
            isolated_subnet_ids: The subnets that workloads run in.
            endpoints: The services that it has endpoints of.
            workload_security_group_id: The security group that workloads get.
            encryption_key: The key of the verifying function's log; a new ``DataKey`` when omitted.

        Raises:
            ConstructError: An id is missing or malformed.
        """
        return ExistingVpc.from_vpc_attributes(
            scope,
            construct_id,
            vpc_id=vpc_id,
            availability_zones=availability_zones,
            isolated_subnet_ids=isolated_subnet_ids,
            endpoints=endpoints,
            workload_security_group_id=workload_security_group_id,
            encryption_key=encryption_key,
        )


def _checked_cidr(scope: Construct, construct_id: str, cidr: str, azs: int) -> str:
    if Token.is_unresolved(cidr):
        return cidr
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        raise ConstructError(
            scope, construct_id, f"cidr {cidr!r} is no IPv4 network: {error}", "Write it like 10.20.0.0/16."
        ) from error
    smallest = SMALLEST_SUBNET - math.ceil(math.log2(azs))
    if not LARGEST_VPC <= network.prefixlen <= smallest:
        raise ConstructError(
            scope,
            construct_id,
            f"cidr {cidr} does not hold {azs} subnets of /{SMALLEST_SUBNET} or larger"
            if network.prefixlen > smallest
            else f"cidr {cidr} is larger than a VPC can be",
            f"Use a prefix length of {LARGEST_VPC} to {smallest}.",
        )
    return cidr


def _log_key(scope: Construct) -> DataKey:
    key = DataKey(scope, "LogKey", description="Encrypts the logs of the isolated network")
    key.allow_cloud_watch_logs()
    return key
