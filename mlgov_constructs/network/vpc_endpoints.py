"""The endpoints of a VPC, each created once and on demand."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack, Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.network.endpoint_policy import EndpointPolicy
from mlgov_constructs.network.endpoint_service import EndpointService
from mlgov_constructs.network.service_resource import ServiceResource
from mlgov_constructs.perimeter import Perimeter

INTERFACE_CONTROLS = ("MLG-NET-02", "MLG-NET-04")
GATEWAY_CONTROLS = ("MLG-NET-02",)


class VpcEndpoints(Construct):
    """Gateway and interface endpoints of an isolated VPC, with their policies.

    ``IsolatedVpc`` makes one; use ``IsolatedVpc.require`` rather than this class.

    Args:
        scope: The VPC.
        construct_id: The id in the VPC.
        vpc_id: The VPC the endpoints belong to.
        subnet_ids: The subnets of the interface endpoints, one an availability zone.
        route_table_ids: The route tables of the gateway endpoints.
        security_group: The security group of the interface endpoints.
        perimeter: Whose principals and resources the policies trust.
        service_resources: What AWS owns and the policies let through by name.
        fips: Add the FIPS variant of each service that has one.

    Cost:
        An interface endpoint costs about 7.30 USD a month and availability zone, plus 0.01 USD
        a GB; gateway endpoints cost nothing.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc_id: str,
        subnet_ids: Sequence[str],
        route_table_ids: Sequence[str],
        security_group: ec2.ISecurityGroup,
        perimeter: Perimeter,
        service_resources: Sequence[ServiceResource],
        fips: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self._vpc_id = vpc_id
        self._subnet_ids = list(subnet_ids)
        self._route_table_ids = list(route_table_ids)
        self._security_group = security_group
        self._security_group_id = security_group.security_group_id
        self._perimeter = perimeter
        self._service_resources = tuple(service_resources)
        self._fips = fips
        self._partition = partition_of(self)
        self._policies: dict[EndpointService, EndpointPolicy] = {}
        self._resources: dict[EndpointService, list[ec2.CfnVPCEndpoint]] = {}
        self._endpoints: dict[EndpointService, ec2.IVpcEndpoint] = {}

    @property
    def services(self) -> frozenset[EndpointService]:
        """The services that have an endpoint so far."""
        return frozenset(self._endpoints)

    def require(
        self,
        service: EndpointService,
        by: Construct,
        actions: Sequence[str] | None = None,
    ) -> ec2.IVpcEndpoint:
        """Return the endpoint of a service, created at the first call; later calls widen its policy.

        Args:
            service: The service called.
            by: The construct that calls it.
            actions: The actions it calls; the whole catalogue entry when omitted.

        Raises:
            ConstructError: The partition does not offer the endpoint, or an action is unknown.
        """
        if self._partition not in service.partitions:
            raise ConstructError(
                by,
                None,
                f"{service.value} has no VPC endpoint in the partition {self._partition}",
                f"It exists in {', '.join(service.partitions)}; leave out what needs it here.",
            )
        policy = self._policies.get(service)
        if policy is None:
            policy = EndpointPolicy(service, self._perimeter, self._service_resources, self._partition)
        try:
            policy.allow(actions)
        except ValueError as error:
            raise ConstructError(by, None, str(error), "Name actions of the service, or none for all.") from error
        if service in self._endpoints:
            document = policy.to_json()
            for resource in self._resources[service]:
                resource.policy_document = document
        else:
            self._policies[service] = policy
            self._endpoints[service] = self._create(service, policy)
        return self._endpoints[service]

    def _create(self, service: EndpointService, policy: EndpointPolicy) -> ec2.IVpcEndpoint:
        if service.is_gateway:
            gateway = ec2.CfnVPCEndpoint(
                self,
                service.value,
                vpc_id=self._vpc_id,
                service_name=ec2.GatewayVpcEndpointAwsService(service.value).name,
                vpc_endpoint_type="Gateway",
                route_table_ids=self._route_table_ids,
                policy_document=policy.to_json(),
            )
            claim(gateway, GATEWAY_CONTROLS)
            self._resources[service] = [gateway]
            return ec2.GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(self, f"{service.value} endpoint", gateway.ref)
        names = [service.value, *([service.fips_name] if self._fips and service.fips_name else [])]
        self._resources[service] = [self._interface(name, service.name_prefix, policy) for name in names]
        return ec2.InterfaceVpcEndpoint.from_interface_vpc_endpoint_attributes(
            self,
            f"{service.value} endpoint",
            vpc_endpoint_id=self._resources[service][0].ref,
            port=443,
            security_groups=[self._security_group],
        )

    def _interface(self, name: str, prefix: str | None, policy: EndpointPolicy) -> ec2.CfnVPCEndpoint:
        endpoint = ec2.CfnVPCEndpoint(
            self,
            name,
            vpc_id=self._vpc_id,
            service_name=ec2.InterfaceVpcEndpointAwsService(name, prefix).name,
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=self._subnet_ids,
            security_group_ids=[self._security_group_id],
            policy_document=policy.to_json(),
        )
        claim(endpoint, INTERFACE_CONTROLS)
        return endpoint


def partition_of(scope: Construct) -> str:
    """Return the partition of a stack whose region is known at synthesis, else ``aws``."""
    region = Stack.of(scope).region
    if Token.is_unresolved(region):
        return "aws"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-cn" if region.startswith("cn-") else "aws"
