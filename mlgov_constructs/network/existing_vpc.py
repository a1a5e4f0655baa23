"""A VPC that was there before the app."""

from __future__ import annotations

import re
from collections.abc import Sequence

import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from constructs import Construct, IValidation

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.network.endpoint_service import EndpointService
from mlgov_constructs.network.network_provider import NetworkProvider
from mlgov_constructs.protection.data_key import DataKey


class ExistingVpc(Construct):
    """A VPC of the user's own; create it with ``IsolatedVpc.from_vpc`` or ``from_vpc_attributes``.

    Nothing in it is created or changed. Each service that a construct requires must be
    among the endpoints that the VPC is said to have; what is missing fails the synthesis,
    all of it at once.

    Attributes:
        isolated_subnets: The subnets that workloads run in.
        workload_security_group: The security group that workloads get.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc_id: str,
        isolated_subnets: Sequence[ec2.ISubnet],
        endpoints: Sequence[EndpointService],
        workload_security_group: ec2.ISecurityGroup,
    ) -> None:
        if not isolated_subnets:
            raise ConstructError(
                scope, construct_id, f"VPC {vpc_id} has no isolated subnet", "Name a subnet without a way out."
            )
        super().__init__(scope, construct_id)
        self.vpc_id = vpc_id
        self.isolated_subnets = list(isolated_subnets)
        self.workload_security_group = workload_security_group
        self._endpoints = frozenset(endpoints)
        self._missing: dict[EndpointService, list[str]] = {}
        self.node.add_validation(_EndpointsExist(self._missing))

    @property
    def endpoint_services(self) -> frozenset[EndpointService]:
        """The services that the VPC is said to have endpoints of."""
        return self._endpoints

    def require(
        self,
        service: EndpointService,
        *,
        by: Construct,
        actions: Sequence[str] | None = None,
    ) -> None:
        """State that a construct calls a service; a missing endpoint fails the synthesis.

        Args:
            service: The service called.
            by: The construct that calls it; the error names it.
            actions: The actions it calls. The endpoint's policy is the owner's to write.
        """
        if service not in self._endpoints:
            self._missing.setdefault(service, []).append(by.node.path)

    @classmethod
    def from_vpc(
        cls,
        scope: Construct,
        construct_id: str,
        vpc: ec2.IVpc,
        *,
        endpoints: Sequence[EndpointService],
        workload_security_group: ec2.ISecurityGroup,
    ) -> ExistingVpc:
        """See ``IsolatedVpc.from_vpc``."""
        ways_out = [subnet.subnet_id for subnet in (*vpc.public_subnets, *vpc.private_subnets)]
        if ways_out:
            raise ConstructError(
                scope,
                construct_id,
                f"VPC {vpc.vpc_id} has {len(ways_out)} subnets with a route to the internet",
                "Remove the internet and NAT gateways with their routes, or use another VPC.",
            )
        return cls(
            scope,
            construct_id,
            vpc_id=vpc.vpc_id,
            isolated_subnets=vpc.isolated_subnets,
            endpoints=endpoints,
            workload_security_group=workload_security_group,
        )

    @classmethod
    def from_vpc_attributes(
        cls,
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
        """See ``IsolatedVpc.from_vpc_attributes``."""
        _check_ids(scope, construct_id, "vpc", [vpc_id])
        _check_ids(scope, construct_id, "subnet", isolated_subnet_ids)
        _check_ids(scope, construct_id, "sg", [workload_security_group_id])
        if len(availability_zones) != len(isolated_subnet_ids):
            raise ConstructError(
                scope,
                construct_id,
                f"{len(availability_zones)} availability zones stand beside {len(isolated_subnet_ids)} subnets",
                "Name the zone of each subnet, in the same order.",
            )
        home = Construct(scope, f"{construct_id}Imports")
        subnets = [
            ec2.Subnet.from_subnet_attributes(home, subnet_id, subnet_id=subnet_id, availability_zone=zone)
            for subnet_id, zone in zip(isolated_subnet_ids, availability_zones, strict=True)
        ]
        group = ec2.SecurityGroup.from_security_group_id(home, "Workloads", workload_security_group_id, mutable=False)
        vpc = cls(
            scope,
            construct_id,
            vpc_id=vpc_id,
            isolated_subnets=subnets,
            endpoints=endpoints,
            workload_security_group=group,
        )
        if encryption_key is None:
            key = DataKey(vpc, "LogKey", description="Encrypts the log of the isolation check")
            key.allow_cloud_watch_logs()
            encryption_key = key
        NetworkProvider(vpc, "Provider", encryption_key=encryption_key).resource(
            vpc,
            "Isolation",
            kind="IsolationVerified",
            properties={"VpcId": vpc_id, "SubnetIds": list(isolated_subnet_ids)},
        )
        return vpc


@jsii.implements(IValidation)
class _EndpointsExist:
    def __init__(self, missing: dict[EndpointService, list[str]]) -> None:
        self._missing = missing

    def validate(self) -> list[str]:
        return [
            f"{', '.join(sorted(set(paths)))} calls {service.value}, and the VPC is not said to have its endpoint. "
            f"Create the endpoint and add EndpointService.{service.name} to endpoints."
            for service, paths in sorted(self._missing.items())
        ]


def _check_ids(scope: Construct, construct_id: str, prefix: str, ids: Sequence[str]) -> None:
    for each in ids:
        if not re.fullmatch(rf"{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})", each):
            raise ConstructError(
                scope, construct_id, f"{each!r} is no id of a {prefix}", f"It looks like {prefix}-0a1b2c3d4e5f67890."
            )
