"""Nothing in the VPC of either environment reaches the internet, in any partition; and the proof can fail."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from mlgov_constructs.catalog.template_document import identity_of
from mlgov_constructs.cli.targets import find_templates
from tests.environments import REGIONS, Assembly
from tests.quality.endpoint_policies import endpoint_faults
from tests.quality.reachability import Network, Node, acl_faults

Templates = dict[str, dict[str, Any]]
NAMES = ("sandbox", "production")
ORGANIZATIONS = {"sandbox": None, "production": "o-exampleorg1"}
EVERYWHERE = [(name, partition) for name in NAMES for partition in REGIONS]
everywhere = pytest.mark.parametrize(("name", "partition"), EVERYWHERE)


@pytest.fixture(scope="session")
def templates(assembly: Assembly) -> Callable[[str, str], Templates]:
    """The templates of an environment, fresh ones for each who breaks them."""

    def read(name: str, partition: str = "aws") -> Templates:
        found = {path.name: json.loads(path.read_text("utf-8")) for path in find_templates([assembly(name, partition)])}
        # A product is a stack of its own each time, and makes no network.
        return {name: template for name, template in found.items() if identity_of(template) is None}

    return read


@everywhere
def test_nothing_reaches_the_internet(templates: Callable[..., Templates], name: str, partition: str) -> None:
    assert Network(templates(name, partition)).ways_out() == []


@everywhere
def test_a_workload_reaches_every_endpoint_and_nothing_else(
    templates: Callable[..., Templates], name: str, partition: str
) -> None:
    network = Network(templates(name, partition))
    endpoints = {endpoint for endpoint, _ in network.of_type("AWS::EC2::VPCEndpoint")}
    (workloads,) = [group for group, _ in network.of_type("AWS::EC2::SecurityGroup") if "Workloads" in group]
    subnets = [subnet for subnet, _ in network.of_type("AWS::EC2::Subnet")]
    assert len(subnets) == {"sandbox": 2, "production": 3}[name]
    reached = set(network.reachable(Node("group", workloads)))
    for subnet in subnets:
        reached |= set(network.reachable(Node("subnet", subnet)))
        assert sum(node.kind == "endpoint" for node in network.reachable(Node("subnet", subnet))) == 1
    assert {node.name for node in reached if node.kind == "endpoint"} == endpoints
    assert {node.name for node in reached if node.kind == "service"} == {"s3", "dynamodb"}
    assert {node.kind for node in reached} == {"subnet", "table", "group", "vpc", "endpoint", "service"}


@everywhere
def test_network_acls_let_tls_and_its_answers_pass(
    templates: Callable[..., Templates], name: str, partition: str
) -> None:
    network = Network(templates(name, partition))
    assert len(list(network.of_type("AWS::EC2::NetworkAclEntry"))) == {"sandbox": 0, "production": 4}[name]
    assert acl_faults(network) == []


@everywhere
def test_endpoints_admit_our_principals_on_our_resources(
    templates: Callable[..., Templates], name: str, partition: str
) -> None:
    network = Network(templates(name, partition))
    assert len(list(network.of_type("AWS::EC2::VPCEndpoint"))) > 8
    assert endpoint_faults(network, ORGANIZATIONS[name]) == []


def resource(resource_type: str, **properties: Any) -> dict[str, Any]:
    return {"Type": resource_type, "Properties": properties}


def ids(found: dict[str, Any], resource_type: str) -> list[str]:
    return [name for name, entry in found.items() if entry["Type"] == resource_type]


def route(found: dict[str, Any], **target: Any) -> dict[str, Any]:
    table = {"Ref": ids(found, "AWS::EC2::RouteTable")[0]}
    return resource("AWS::EC2::Route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)


def internet_gateway(found: dict[str, Any]) -> None:
    vpc = {"Ref": ids(found, "AWS::EC2::VPC")[0]}
    found["Gateway"] = resource("AWS::EC2::InternetGateway")
    found["Attached"] = resource("AWS::EC2::VPCGatewayAttachment", VpcId=vpc, InternetGatewayId={"Ref": "Gateway"})
    found["Out"] = route(found, GatewayId={"Ref": "Gateway"})


def route_only(found: dict[str, Any]) -> None:
    found["Out"] = route(found, GatewayId="igw-0123456789abcdef0")


def peering(found: dict[str, Any]) -> None:
    vpc = {"Ref": ids(found, "AWS::EC2::VPC")[0]}
    found["Peering"] = resource("AWS::EC2::VPCPeeringConnection", VpcId=vpc, PeerVpcId="vpc-1")


def nat_gateway(found: dict[str, Any]) -> None:
    subnet = {"Ref": ids(found, "AWS::EC2::Subnet")[0]}
    found["Nat"] = resource("AWS::EC2::NatGateway", SubnetId=subnet, ConnectivityType="private")
    found["Out"] = route(found, NatGatewayId={"Ref": "Nat"})


def transit_gateway(found: dict[str, Any]) -> None:
    found["Out"] = route(found, TransitGatewayId="tgw-1")


def gateway_load_balancer(found: dict[str, Any]) -> None:
    vpc = {"Ref": ids(found, "AWS::EC2::VPC")[0]}
    found["Balancer"] = resource("AWS::EC2::VPCEndpoint", VpcEndpointType="GatewayLoadBalancer", VpcId=vpc)
    found["Out"] = route(found, VpcEndpointId={"Ref": "Balancer"})


def stranger(found: dict[str, Any]) -> None:
    found["New"] = resource("AWS::EC2::TeleportGateway", VpcId={"Ref": ids(found, "AWS::EC2::VPC")[0]})


def second_table(found: dict[str, Any]) -> None:
    found["Table"] = resource("AWS::EC2::RouteTable", VpcId={"Ref": ids(found, "AWS::EC2::VPC")[0]})
    found["Out"] = resource("AWS::EC2::Route", RouteTableId={"Ref": "Table"}, GatewayId="igw-1")
    subnet = {"Ref": ids(found, "AWS::EC2::Subnet")[0]}
    found["Association"] = resource(
        "AWS::EC2::SubnetRouteTableAssociation", SubnetId=subnet, RouteTableId={"Ref": "Table"}
    )


def foreign_table(found: dict[str, Any]) -> None:
    found[ids(found, "AWS::EC2::SubnetRouteTableAssociation")[0]]["Properties"]["RouteTableId"] = "rtb-1"


def main_table(found: dict[str, Any]) -> None:
    del found[ids(found, "AWS::EC2::SubnetRouteTableAssociation")[0]]


def public_subnet(found: dict[str, Any]) -> None:
    found[ids(found, "AWS::EC2::Subnet")[0]]["Properties"]["MapPublicIpOnLaunch"] = True


def default_group(found: dict[str, Any]) -> None:
    del found[ids(found, "Custom::DefaultSecurityGroupClosed")[0]]


def endpoint_in_default_group(found: dict[str, Any]) -> None:
    endpoints = [found[name]["Properties"] for name in ids(found, "AWS::EC2::VPCEndpoint")]
    next(each for each in endpoints if "SecurityGroupIds" in each).pop("SecurityGroupIds")


def no_egress_rules(found: dict[str, Any]) -> None:
    found[ids(found, "AWS::EC2::SecurityGroup")[0]]["Properties"]["SecurityGroupEgress"] = []


def egress(**peer: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        group = {"Fn::GetAtt": [ids(found, "AWS::EC2::SecurityGroup")[0], "GroupId"]}
        found["Out"] = resource("AWS::EC2::SecurityGroupEgress", GroupId=group, IpProtocol="tcp", **peer)

    return change


WAYS_OUT = {
    "internet gateway": (internet_gateway, "by Out to GatewayId Gateway"),
    "route to a gateway of another stack": (route_only, "by Out to GatewayId igw-0123456789abcdef0"),
    "peering connection": (peering, "by AWS::EC2::VPCPeeringConnection Peering"),
    "NAT gateway": (nat_gateway, "by Out to NatGatewayId Nat"),
    "transit gateway": (transit_gateway, "by Out to TransitGatewayId tgw-1"),
    "gateway load balancer": (gateway_load_balancer, "by endpoint Balancer"),
    "a resource of tomorrow": (stranger, "by AWS::EC2::TeleportGateway New"),
    "second route table": (second_table, "table Table -> outside by Out to GatewayId igw-1"),
    "route table of another owner": (foreign_table, "through a route table of another owner"),
    "main route table": (main_table, "through the main route table"),
    "public subnet": (public_subnet, "with a public address"),
    "default security group": (default_group, "through the open default security group"),
    "endpoint in the default group": (endpoint_in_default_group, "has the default group"),
    "no egress rules": (no_egress_rules, "by the rule that EC2 adds"),
    "open egress": (egress(CidrIp="0.0.0.0/0"), "to 0.0.0.0/0"),
    "half-open egress": (egress(CidrIp="0.0.0.0/1"), "to 0.0.0.0/1"),
    "egress to a neighbour": (egress(CidrIp="10.21.0.0/16"), "to 10.21.0.0/16"),
    "open IPv6 egress": (egress(CidrIpv6="::/0"), "to ::/0"),
    "egress to a foreign group": (egress(DestinationSecurityGroupId="sg-1"), "to group sg-1"),
    "egress to a foreign prefix list": (egress(DestinationPrefixListId="pl-1"), "to prefix list pl-1"),
    "egress to a parameter": (egress(CidrIp={"Ref": "Address"}), "to {'Ref': 'Address'}"),
}


@pytest.mark.parametrize(("change", "way"), WAYS_OUT.values(), ids=WAYS_OUT)
def test_a_way_out_is_found(
    templates: Callable[..., Templates], change: Callable[[dict[str, Any]], None], way: str
) -> None:
    found = templates("sandbox")
    (foundation,) = [template["Resources"] for name, template in found.items() if "foundation" in name]
    change(foundation)
    assert any(way in path for path in Network(found).ways_out())


def test_a_way_out_in_another_stack_is_found(templates: Callable[..., Templates]) -> None:
    found = templates("sandbox")
    (foundation,) = [template for name, template in found.items() if "foundation" in name]
    (workspace,) = [template for name, template in found.items() if "workspace" in name]
    foundation["Outputs"]["Table"] = {"Value": {"Ref": ids(foundation["Resources"], "AWS::EC2::RouteTable")[0]}}
    table = {"Fn::GetStackOutput": {"StackName": "sandbox-foundation", "OutputName": "Table"}}
    workspace["Resources"]["Out"] = resource("AWS::EC2::Route", RouteTableId=table, GatewayId="igw-1")
    assert any("by Out to GatewayId igw-1" in path for path in Network(found).ways_out())


def test_egress_inside_the_vpc_is_no_way_out(templates: Callable[..., Templates]) -> None:
    found = templates("sandbox")
    (foundation,) = [template["Resources"] for name, template in found.items() if "foundation" in name]
    egress(CidrIp="10.20.1.0/24")(foundation)
    assert Network(found).ways_out() == []


@pytest.mark.parametrize(
    "change",
    [
        {"PortRange": {"From": 22, "To": 22}},
        {"PortRange": {"From": 0, "To": 65535}},
        {"Protocol": -1},
        {"Protocol": 17},
        {"Egress": False, "PortRange": {"From": 443, "To": 443}},
    ],
    ids=str,
)
def test_an_open_network_acl_is_found(templates: Callable[..., Templates], change: dict[str, Any]) -> None:
    network = Network(templates("production"))
    (entry,) = [entry for name, entry in network.of_type("AWS::EC2::NetworkAclEntry") if "TlsOut" in name]
    entry.update(change)
    assert len(acl_faults(network)) == 1


ORGANIZATION = ORGANIZATIONS["production"]
PUT = {"Action": ["s3:PutObject"]}


def only_if(**conditions: Any) -> dict[str, Any]:
    own = {"PrincipalOrgID": ORGANIZATION, "ResourceOrgID": ORGANIZATION, **conditions}
    return {"Condition": {"StringEquals": {f"aws:{key}": value for key, value in own.items() if value is not None}}}


OPEN_STATEMENTS = {
    "no condition": PUT,
    "no condition on the resource": {**PUT, **only_if(ResourceOrgID=None)},
    "no condition on the principal": {**PUT, **only_if(PrincipalOrgID=None)},
    "another organization": {**PUT, **only_if(PrincipalOrgID="o-other")},
    "two organizations": {**PUT, **only_if(ResourceOrgID=[ORGANIZATION, "o-other"])},
    "a condition that may be missing": {
        **PUT,
        "Condition": {"StringEqualsIfExists": only_if()["Condition"]["StringEquals"]},
    },
    "every action": {"Action": "s3:*", **only_if()},
    "every action but one": {"NotAction": "s3:PutObject", **only_if()},
    "every bucket": {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::*"]},
    "some buckets": {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::prod-*/key"]},
    "a named bucket to write to": {**PUT, "Resource": ["arn:aws:s3:::bucket/*"]},
    "a foreign account to push to": {
        "Action": ["ecr:PutImage"],
        **only_if(ResourceOrgID=None, ResourceAccount=["111122223333"]),
    },
}


@pytest.mark.parametrize("statement", OPEN_STATEMENTS.values(), ids=OPEN_STATEMENTS)
def test_an_open_endpoint_policy_is_found(templates: Callable[..., Templates], statement: dict[str, Any]) -> None:
    network = Network(templates("production"))
    endpoints = [endpoint for _, endpoint in network.of_type("AWS::EC2::VPCEndpoint")]
    added = {"Effect": "Allow", "Principal": "*", "Resource": "*", **copy.deepcopy(statement)}
    endpoints[0]["PolicyDocument"]["Statement"].append(added)
    assert len(endpoint_faults(network, ORGANIZATION)) == 1


def test_the_default_endpoint_policy_is_found(templates: Callable[..., Templates]) -> None:
    network = Network(templates("sandbox"))
    name, endpoint = next(network.of_type("AWS::EC2::VPCEndpoint"))
    del endpoint["PolicyDocument"]
    assert endpoint_faults(network) == [f"{name} has the default policy"]
