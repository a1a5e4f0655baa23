"""What there is of a network, and what there is not: read from templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlgov_constructs.diagram.estate import UNKNOWN, Estate
from mlgov_constructs.diagram.part import Part
from mlgov_constructs.diagram.security_rules import Rule, rules_of
from mlgov_constructs.diagram.workloads import KINDS, Workload, subnets_of, workload_of

# What leads out of a VPC, by what one calls it. None of them is drawn as a barred way.
WAYS_OUT = {
    "internet gateway": (
        "AWS::EC2::InternetGateway",
        "AWS::EC2::EgressOnlyInternetGateway",
        "AWS::EC2::CarrierGateway",
    ),
    "NAT gateway": ("AWS::EC2::NatGateway",),
    "peering or transit": (
        "AWS::EC2::VPCPeeringConnection",
        "AWS::EC2::TransitGatewayAttachment",
        "AWS::EC2::TransitGatewayVpcAttachment",
        "AWS::NetworkManager::VpcAttachment",
    ),
    "VPN": ("AWS::EC2::VPNGateway", "AWS::EC2::VPNConnection", "AWS::EC2::ClientVpnEndpoint"),
}
DIRECT = "direct internet access"
SERVICE = re.compile(r"^(?:cn\.)?com\.amazonaws\.[^.]+\.|^aws\.(?=sagemaker\.)")
REGION_WITHIN = re.compile(r"^sagemaker\.(?:[a-z]{2}(?:-[a-z]+)+-\d|region)\.")


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet.

    Attributes:
        part: Its resource.
        number: How the picture counts it, from 1.
        zone: Its availability zone.
        cidr: Its addresses.
        leads_to: What its routes lead to, beyond the VPC and its endpoints.
    """

    part: Part
    number: int
    zone: str
    cidr: str
    leads_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint.

    Attributes:
        service: The service, without the region.
        gateway: Whether it is a gateway endpoint, and not an interface endpoint.
        policy: Whether it has a policy of its own; the default allows everything.
    """

    service: str
    gateway: bool
    policy: bool


@dataclass(frozen=True, slots=True)
class FlowLog:
    """A record of the traffic of a VPC.

    Attributes:
        traffic: Which traffic.
        destination: Where it goes.
        days: How long it is kept; empty when nothing tells.
    """

    traffic: str
    destination: str
    days: str


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC and what is in it."""

    name: str
    region: str
    cidr: str
    subnets: tuple[Subnet, ...]
    endpoints: tuple[Endpoint, ...]
    rules: tuple[Rule, ...]
    workloads: tuple[Workload, ...]
    flow_logs: tuple[FlowLog, ...]
    network_acls: int


@dataclass(frozen=True, slots=True)
class NetworkMap:
    """Every VPC, every way out of them, and what runs in none of them.

    Attributes:
        vpcs: The VPCs.
        ways_out: Each kind of way out with the names of those that are there.
        outside: What runs outside the VPCs.
    """

    vpcs: tuple[Vpc, ...]
    ways_out: Mapping[str, tuple[str, ...]]
    outside: tuple[Workload, ...]


def network_map(estate: Estate) -> NetworkMap:
    """Read the network of an estate.

    Args:
        estate: The templates.
    """
    vpcs = tuple(_vpc(estate, part) for part in estate.of_type("AWS::EC2::VPC"))
    ways = {kind: tuple(each.name for each in estate.of_type(*types)) for kind, types in WAYS_OUT.items()}
    ways[DIRECT] = tuple(_direct(estate))
    outside = tuple(
        workload_of(estate, part, {})
        for part in estate.parts
        if part.type in KINDS and part.type != "AWS::SageMaker::Pipeline" and not subnets_of(estate, part)
    )
    return NetworkMap(vpcs, ways, outside)


def _vpc(estate: Estate, vpc: Part) -> Vpc:
    parts = [each for each in estate.of_type("AWS::EC2::Subnet") if _in(estate, each, vpc)]
    subnets = tuple(_subnet(estate, each, number) for number, each in enumerate(parts, 1))
    numbers = {each.part: each.number for each in subnets}
    groups = [each for each in estate.of_type("AWS::EC2::SecurityGroup") if _in(estate, each, vpc)]
    endpoints = [each for each in estate.of_type("AWS::EC2::VPCEndpoint") if _in(estate, each, vpc)]
    return Vpc(
        name=_path(vpc),
        region=estate.region(vpc),
        cidr=estate.text(vpc, vpc.properties.get("CidrBlock", UNKNOWN)),
        subnets=subnets,
        endpoints=tuple(sorted((_endpoint(estate, each) for each in endpoints), key=lambda each: each.service)),
        rules=tuple(rules_of(estate, groups)),
        workloads=tuple(
            workload_of(estate, part, numbers) for part in estate.parts if numbers.keys() & subnets_of(estate, part)
        ),
        flow_logs=tuple(_flow_logs(estate, vpc)),
        network_acls=sum(_in(estate, each, vpc) for each in estate.of_type("AWS::EC2::NetworkAcl")),
    )


def _in(estate: Estate, part: Part, vpc: Part) -> bool:
    return vpc in estate.referred(part, part.properties.get("VpcId"))


def _subnet(estate: Estate, subnet: Part, number: int) -> Subnet:
    tables = {
        table
        for each in estate.of_type("AWS::EC2::SubnetRouteTableAssociation")
        if subnet in estate.referred(each, each.properties.get("SubnetId"))
        for table in estate.referred(each, each.properties.get("RouteTableId"))
    }
    routes = [
        route
        for route in estate.of_type("AWS::EC2::Route")
        if tables & set(estate.referred(route, route.properties.get("RouteTableId")))
    ]
    return Subnet(
        part=subnet,
        number=number,
        zone=estate.text(subnet, subnet.properties.get("AvailabilityZone", UNKNOWN)),
        cidr=estate.text(subnet, subnet.properties.get("CidrBlock", UNKNOWN)),
        leads_to=tuple(dict.fromkeys(_destination(estate, route) for route in routes)),
    )


def _destination(estate: Estate, route: Part) -> str:
    ways = ("RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    targets = {key: value for key, value in route.properties.items() if key not in ways}
    names = [each.name for each in estate.referred(route, targets)]
    return ", ".join(names) or ", ".join(estate.text(route, value) for value in targets.values()) or UNKNOWN


def _endpoint(estate: Estate, endpoint: Part) -> Endpoint:
    name = estate.text(endpoint, endpoint.properties.get("ServiceName", UNKNOWN))
    return Endpoint(
        service=REGION_WITHIN.sub("sagemaker.", SERVICE.sub("", name)),
        # An endpoint of no type is a gateway endpoint.
        gateway=endpoint.properties.get("VpcEndpointType", "Gateway") == "Gateway",
        policy="PolicyDocument" in endpoint.properties,
    )


def _flow_logs(estate: Estate, vpc: Part) -> Iterator[FlowLog]:
    for log in estate.of_type("AWS::EC2::FlowLog"):
        if vpc not in estate.referred(log, log.properties.get("ResourceId")):
            continue
        where = log.properties.get("LogGroupName", log.properties.get("LogDestination", UNKNOWN))
        groups = estate.referred(log, where)
        days = str(groups[0].properties.get("RetentionInDays", "")) if groups else ""
        yield FlowLog(str(log.properties.get("TrafficType", "")), estate.text(log, where), days)


def _direct(estate: Estate) -> Iterator[str]:
    """What SageMaker itself connects to the internet."""
    for part in estate.of_type("AWS::SageMaker::NotebookInstance"):
        if part.properties.get("DirectInternetAccess", "Enabled") != "Disabled":
            yield part.name
    for part in estate.of_type("AWS::SageMaker::Domain"):
        if part.properties.get("AppNetworkAccessType", "PublicInternetOnly") != "VpcOnly":
            yield part.name


def _path(part: Part) -> str:
    return part.name if part.stack.endswith(".json") else f"{part.stack}/{part.name}"
