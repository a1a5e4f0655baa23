"""Faults of the network."""

from __future__ import annotations

from collections.abc import Callable

from tests.controls.mutations.faults import (
    DOCUMENT,
    Json,
    Mutation,
    Resource,
    added,
    doubled,
    drops,
    each,
    only_statement,
    removed,
    sid,
    statement_added,
    statements_changed,
    with_value,
    without,
)

VPC, SUBNET, GROUP, ENDPOINT, FLOW_LOG = (
    f"AWS::EC2::{kind}" for kind in ("VPC", "Subnet", "SecurityGroup", "VPCEndpoint", "FlowLog")
)
INGRESS = "AWS::EC2::SecurityGroupIngress"
WAYS_OUT = (
    "CarrierGateway",
    "ClientVpnTargetNetworkAssociation",
    "EgressOnlyInternetGateway",
    "EIP",
    "EIPAssociation",
    "InternetGateway",
    "NatGateway",
    "TransitGatewayAttachment",
    "TransitGatewayVpcAttachment",
    "VPCGatewayAttachment",
    "VPCPeeringConnection",
    "VPNConnection",
    "VPNGateway",
    "VPNGatewayRoutePropagation",
)
ROUTE_TARGETS = (
    "CarrierGatewayId",
    "CoreNetworkArn",
    "EgressOnlyInternetGatewayId",
    "GatewayId",
    "InstanceId",
    "LocalGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
)
OPEN_PEERS = (
    {"CidrIp": "0.0.0.0/0"},
    {"CidrIp": "128.0.0.0/1"},
    {"CidrIpv6": "::/0"},
    {"CidrIpv6": "2000::/3"},
)
UNBOUND = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": "*"}
BINDING = ("Condition", "StringEquals")


def is_interface(resource: Resource) -> bool:
    """Interface endpoints."""
    return bool(resource["Properties"]["VpcEndpointType"] == "Interface")


def ec2(kind: str, **properties: Json) -> Resource:
    """A resource of EC2."""
    return {"Type": f"AWS::EC2::{kind}", "Properties": properties}


def names_peer(peer: dict[str, str]) -> Callable[[Resource], None]:
    """Open a rule to a peer."""
    return lambda rule: rule["Properties"].update(peer)


NETWORK = (
    *(Mutation("MLG-NET-01", f"{kind} is added", VPC, added(ec2(kind, VpcId="v"))) for kind in WAYS_OUT),
    Mutation(
        "MLG-NET-01",
        "attachment to a core network is added",
        VPC,
        added({"Type": "AWS::NetworkManager::VpcAttachment", "Properties": {"VpcArn": "v"}}),
    ),
    *(
        Mutation(
            "MLG-NET-01",
            f"route to {target} is added",
            VPC,
            added(ec2("Route", RouteTableId="r", DestinationCidrBlock="0.0.0.0/0", **{target: "x"})),
        )
        for target in ROUTE_TARGETS
    ),
    Mutation("MLG-NET-01", "gives public addresses", SUBNET, with_value("Properties/MapPublicIpOnLaunch", True)),
    Mutation("MLG-NET-02", "has no policy", ENDPOINT, without("Properties/PolicyDocument")),
    Mutation("MLG-NET-02", "allows every action", ENDPOINT, with_value(f"{DOCUMENT}/0/Action", "*")),
    Mutation("MLG-NET-02", "allows every action in a list", ENDPOINT, with_value(f"{DOCUMENT}/0/Action", ["x:Y", "*"])),
    Mutation("MLG-NET-02", "allows by exclusion", ENDPOINT, with_value(f"{DOCUMENT}/0/NotAction", "s3:GetObject")),
    Mutation(
        "MLG-NET-02",
        "first allow is bound to nobody",
        ENDPOINT,
        statements_changed(DOCUMENT, sid("OwnPrincipalsOnOwnResources", "OwnPrincipals"), drops("Condition")),
    ),
    Mutation("MLG-NET-02", "allows everyone in addition", ENDPOINT, statement_added(DOCUMENT, UNBOUND)),
    Mutation(
        "MLG-NET-02",
        "allows everyone in addition, by a list",
        ENDPOINT,
        statement_added(DOCUMENT, {**UNBOUND, "Resource": ["*"]}),
    ),
    Mutation("MLG-NET-02", "allows everyone in its only statement", ENDPOINT, only_statement(DOCUMENT, UNBOUND)),
    Mutation(
        "MLG-NET-02",
        "names no resource",
        ENDPOINT,
        statement_added(DOCUMENT, {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"]}),
    ),
    Mutation("MLG-NET-03", "is removed", FLOW_LOG, removed),
    Mutation("MLG-NET-03", "records refused traffic only", FLOW_LOG, with_value("Properties/TrafficType", "REJECT")),
    Mutation("MLG-NET-03", "covers a subnet only", FLOW_LOG, with_value("Properties/ResourceType", "Subnet")),
    Mutation("MLG-NET-03", "second one without a flow log", VPC, doubled),
    *(
        Mutation("MLG-NET-04", f"{name} is {fault}", VPC, change)
        for name in ("EnableDnsSupport", "EnableDnsHostnames")
        for fault, change in (
            ("off", with_value(f"Properties/{name}", False)),
            ("left out", without(f"Properties/{name}")),
        )
    ),
    Mutation(
        "MLG-NET-04", "has no private DNS", ENDPOINT, with_value("Properties/PrivateDnsEnabled", False), is_interface
    ),
    Mutation("MLG-NET-04", "says nothing of DNS", ENDPOINT, without("Properties/PrivateDnsEnabled"), is_interface),
    Mutation("MLG-NET-05", "has no egress rule", GROUP, without("Properties/SecurityGroupEgress")),
    Mutation(
        "MLG-NET-05", "has an empty list of egress rules", GROUP, with_value("Properties/SecurityGroupEgress", [])
    ),
    *(
        mutation
        for peer in OPEN_PEERS
        for address in peer.values()
        for mutation in (
            Mutation(
                "MLG-NET-05", f"releases to {address}", GROUP, statement_added("Properties/SecurityGroupEgress", peer)
            ),
            Mutation("MLG-NET-05", f"admits {address}", GROUP, with_value("Properties/SecurityGroupIngress", [peer])),
            Mutation("MLG-NET-05", f"rule admits {address}", INGRESS, each(names_peer(peer))),
            Mutation(
                "MLG-NET-05",
                f"rule releases to {address}",
                GROUP,
                added(ec2("SecurityGroupEgress", GroupId="g", **peer)),
            ),
        )
    ),
    Mutation("MLG-NET-06", "is removed", "Custom::DefaultSecurityGroupClosed", removed),
    Mutation("MLG-NET-06", "second one with an open default group", VPC, doubled),
)
