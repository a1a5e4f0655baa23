"""Proves on templates that nothing in a VPC reaches more than the VPC and its endpoints.

It draws what traffic may follow as a graph and takes its closure. It knows nothing of the rules in
the catalogue, and it works by what is allowed: a resource of EC2 it does not know, or an address
it cannot place, leads outside.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any

# Resources of these types carry no traffic out by themselves; those that route are read below.
HARMLESS = {
    "AWS::EC2::FlowLog",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
}
NETWORKING = ("AWS::EC2::", "AWS::NetworkManager::", "AWS::VpcLattice::", "AWS::DirectConnect::")
ROUTE_KEYS = {"RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"}
NOWHERE = {"255.255.255.255/32", "127.0.0.1/32", "::1/128"}
EPHEMERAL = 1024
TCP = 6


@dataclass(frozen=True, order=True)
class Node:
    """Something that traffic comes to.

    Attributes:
        kind: ``subnet``, ``table``, ``group``, ``vpc``, ``endpoint``, ``service`` or ``outside``.
        name: Which one.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        """As it stands in a path."""
        return f"{self.kind} {self.name}"


@dataclass
class Network:
    """The network of an environment, whichever templates its parts stand in.

    Args:
        templates: The templates by name; their resources must have different logical ids.
    """

    templates: Mapping[str, dict[str, Json]]
    edges: dict[Node, set[Node]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        """Draw the graph."""
        self.resources = {
            logical_id: resource
            for template in self.templates.values()
            for logical_id, resource in template["Resources"].items()
        }
        if len(self.resources) != sum(len(template["Resources"]) for template in self.templates.values()):
            msg = "two templates have a logical id in common, so they cannot be read as one network"
            raise ValueError(msg)
        self.outputs = {
            name: output["Value"]
            for template in self.templates.values()
            for name, output in template.get("Outputs", {}).items()
        }
        for draw in (self._vpcs, self._subnets, self._routes, self._endpoints, self._groups, self._strangers):
            for start, end in draw():
                self.edges[start].add(end)

    def starts(self) -> list[Node]:
        """Every place a workload may be in: the subnets and the security groups."""
        kinds = (("subnet", "AWS::EC2::Subnet"), ("group", "AWS::EC2::SecurityGroup"))
        return [Node(kind, name) for kind, resource_type in kinds for name, _ in self.of_type(resource_type)]

    def reachable(self, start: Node) -> dict[Node, list[Node]]:
        """The closure of the graph from a place, each node with a path to it."""
        paths = {start: [start]}
        waiting = [start]
        while waiting:
            here = waiting.pop()
            for there in sorted(self.edges[here] - paths.keys()):
                paths[there] = [*paths[here], there]
                waiting.append(there)
        return paths

    def ways_out(self) -> list[str]:
        """Each path from a place in the network to somewhere else; empty when it is isolated."""
        return sorted(
            " -> ".join(map(str, path))
            for start in self.starts()
            for node, path in self.reachable(start).items()
            if node.kind == "outside"
        )

    def of_type(self, resource_type: str) -> Iterator[tuple[str, dict[str, Json]]]:
        """The resources of one type: logical id and properties."""
        for logical_id, resource in self.resources.items():
            if resource["Type"] == resource_type:
                yield logical_id, resource.get("Properties", {})

    def target(self, value: Json) -> str:
        """The logical id that a value refers to, through other stacks too; its text where there is none."""
        if isinstance(value, dict):
            if "Ref" in value:
                return str(value["Ref"])
            if "Fn::GetAtt" in value:
                attribute = value["Fn::GetAtt"]
                return str(attribute.split(".")[0] if isinstance(attribute, str) else attribute[0])
            if "Fn::GetStackOutput" in value:
                return self.target(self.outputs.get(value["Fn::GetStackOutput"]["OutputName"], "unknown output"))
        return str(value)

    def _vpcs(self) -> Iterator[tuple[Node, Node]]:
        closed = {self.target(entry.get("GroupId")) for _, entry in self.of_type("Custom::DefaultSecurityGroupClosed")}
        for name, _ in self.of_type("AWS::EC2::VPC"):
            if name not in closed:
                yield Node("vpc", name), Node("outside", "through the open default security group")

    def _subnets(self) -> Iterator[tuple[Node, Node]]:
        tables = defaultdict(set)
        for _, association in self.of_type("AWS::EC2::SubnetRouteTableAssociation"):
            tables[self.target(association["SubnetId"])].add(self.target(association["RouteTableId"]))
        own = {name for name, _ in self.of_type("AWS::EC2::RouteTable")}
        for name, subnet in self.of_type("AWS::EC2::Subnet"):
            here = Node("subnet", name)
            yield here, Node("vpc", self.target(subnet["VpcId"]))
            if not tables[name]:
                yield here, Node("outside", "through the main route table, which no template describes")
            for table in tables[name]:
                yield here, Node("table", table)
                if table not in own:
                    yield Node("table", table), Node("outside", "through a route table of another owner")
            if subnet.get("MapPublicIpOnLaunch") not in (None, False, "false"):
                yield here, Node("outside", "with a public address")

    def _routes(self) -> Iterator[tuple[Node, Node]]:
        endpoints = {name for name, _ in self.of_type("AWS::EC2::VPCEndpoint")}
        for name, route in self.of_type("AWS::EC2::Route"):
            here = Node("table", self.target(route["RouteTableId"]))
            for key in route.keys() - ROUTE_KEYS:
                there = self.target(route[key])
                inside = key == "VpcEndpointId" and there in endpoints
                yield here, Node("endpoint", there) if inside else Node("outside", f"by {name} to {key} {there}")

    def _endpoints(self) -> Iterator[tuple[Node, Node]]:
        for name, endpoint in self.of_type("AWS::EC2::VPCEndpoint"):
            for table in endpoint.get("RouteTableIds", []):
                yield Node("table", self.target(table)), Node("endpoint", name)
            for group in endpoint.get("SecurityGroupIds", []):
                yield Node("group", self.target(group)), Node("endpoint", name)
            if endpoint.get("VpcEndpointType", "Gateway") not in ("Gateway", "Interface"):
                yield Node("vpc", self.target(endpoint["VpcId"])), Node("outside", f"by endpoint {name}")
            if endpoint.get("VpcEndpointType") == "Interface" and not endpoint.get("SecurityGroupIds"):
                yield Node("vpc", self.target(endpoint["VpcId"])), Node("outside", f"{name} has the default group")

    def _groups(self) -> Iterator[tuple[Node, Node]]:
        for name, group in self.of_type("AWS::EC2::SecurityGroup"):
            rules = group.get("SecurityGroupEgress", [])
            if not rules:
                yield Node("group", name), Node("outside", "by the rule that EC2 adds where there is none")
            for rule in rules:
                yield from self._egress(Node("group", name), rule)
        for _, rule in self.of_type("AWS::EC2::SecurityGroupEgress"):
            yield from self._egress(Node("group", self.target(rule["GroupId"])), rule)

    def _egress(self, here: Node, rule: dict[str, Json]) -> Iterator[tuple[Node, Node]]:
        if "DestinationSecurityGroupId" in rule:
            group = self.target(rule["DestinationSecurityGroupId"])
            known = self.resources.get(group, {}).get("Type") == "AWS::EC2::SecurityGroup"
            yield here, Node("group", group) if known else Node("outside", f"to group {group}")
        elif "DestinationPrefixListId" in rule:
            yield here, self._prefix_list(rule["DestinationPrefixListId"])
        else:
            address = rule.get("CidrIp", rule.get("CidrIpv6"))
            if not (isinstance(address, str) and address in NOWHERE):
                yield here, self.address(address)

    def _prefix_list(self, value: Json) -> Node:
        """A list that AWS keeps for a gateway endpoint leads to its service, any other outside."""
        lists = dict(self.of_type("Custom::ManagedPrefixLists"))
        source, service = value.get("Fn::GetAtt", ("", "")) if isinstance(value, dict) else ("", "")
        if source in lists and service in lists[source]["Services"]:
            return Node("service", str(service))
        return Node("outside", f"to prefix list {self.target(value)}")

    def address(self, address: Json) -> Node:
        """Where an address range is."""
        vpcs = dict(self.of_type("AWS::EC2::VPC"))
        if isinstance(address, dict) and address.get("Fn::GetAtt", [None, None])[1] == "CidrBlock":
            owner = self.target(address)
            return Node("vpc", owner) if owner in vpcs else Node("outside", f"to {owner}")
        for name, vpc in vpcs.items():
            if isinstance(address, str) and _within(address, vpc.get("CidrBlock")):
                return Node("vpc", name)
        return Node("outside", f"to {address}")

    def _strangers(self) -> Iterator[tuple[Node, Node]]:
        """What this module does not know may lead anywhere, from every VPC."""
        for name, resource in self.resources.items():
            if resource["Type"].startswith(NETWORKING) and resource["Type"] not in HARMLESS:
                for vpc, _ in self.of_type("AWS::EC2::VPC"):
                    yield Node("vpc", vpc), Node("outside", f"by {resource['Type']} {name}")


def _within(address: str, block: Json) -> bool:
    if not isinstance(block, str):
        return False
    inner, outer = ipaddress.ip_network(address), ipaddress.ip_network(block)
    return isinstance(inner, ipaddress.IPv4Network) and inner.subnet_of(ipaddress.IPv4Network(outer))


def acl_faults(network: Network) -> list[str]:
    """What a network ACL lets pass beyond TLS inside, TLS to gateway endpoints, and the answers to both.

    Gateway endpoints have public addresses, and a network ACL knows no prefix lists: it may admit
    every address, but only to these ports.
    """
    faults = []
    for name, entry in network.of_type("AWS::EC2::NetworkAclEntry"):
        if entry["RuleAction"] != "allow" or network.address(entry.get("CidrBlock")).kind == "vpc":
            continue
        ports = entry.get("PortRange", {})
        tls = entry.get("Egress") and ports == {"From": 443, "To": 443}
        answers = not entry.get("Egress") and ports.get("From", 0) >= EPHEMERAL
        if entry["Protocol"] != TCP or not (tls or answers):
            faults.append(f"{name} lets protocol {entry['Protocol']} pass at {ports} for {entry.get('CidrBlock')}")
    return faults
