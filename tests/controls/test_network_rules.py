"""Each network rule on small templates: what passes, and what one missing property does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.controls.engines import engine

Resources = dict[str, dict[str, Any]]


def resource(resource_type: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::EC2::{resource_type}", "Properties": properties}


def findings(control: str, resources: Resources) -> list[tuple[str, tuple[str, ...]]]:
    found = engine(control).check_text(json.dumps({"Resources": resources}))
    return [(finding.logical_id, finding.messages) for finding in found]


def endpoint(*statements: dict[str, Any], **properties: Any) -> dict[str, Any]:
    policy = {"PolicyDocument": {"Statement": list(statements)}} if statements else {}
    return resource("VPCEndpoint", VpcEndpointType="Interface", **policy, **properties)


def allow(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": "*", **changes}


BOUND = {"Condition": {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}}
JOINED = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::bucket/*"]]}
VPC = resource("VPC", CidrBlock="10.0.0.0/16", EnableDnsSupport=True, EnableDnsHostnames=True)

PASSING: list[tuple[str, Resources]] = [
    ("MLG-NET-01", {"Vpc": VPC, "Subnet": resource("Subnet", MapPublicIpOnLaunch=False)}),
    ("MLG-NET-01", {"Route": resource("Route", VpcEndpointId={"Ref": "Endpoint"})}),
    ("MLG-NET-02", {"Endpoint": endpoint(allow(**BOUND))}),
    ("MLG-NET-02", {"Endpoint": endpoint(allow(Resource=[JOINED]))}),
    ("MLG-NET-02", {"Endpoint": endpoint(allow(Resource=JOINED))}),
    ("MLG-NET-02", {"Endpoint": endpoint(allow(**BOUND), {**allow(Action="*"), "Effect": "Deny"})}),
    ("MLG-NET-02", {"Endpoint": resource("VPCEndpoint", PolicyDocument={"Statement": allow(**BOUND)})}),
    ("MLG-NET-03", {"Vpc": VPC, "Log": resource("FlowLog", TrafficType="ALL", ResourceType="VPC")}),
    ("MLG-NET-04", {"Vpc": VPC, "Endpoint": endpoint(PrivateDnsEnabled=True)}),
    ("MLG-NET-04", {"Gateway": resource("VPCEndpoint", VpcEndpointType="Gateway")}),
    (
        "MLG-NET-05",
        {
            "Group": resource(
                "SecurityGroup",
                SecurityGroupEgress=[{"DestinationSecurityGroupId": {"Ref": "Other"}}],
                SecurityGroupIngress=[{"CidrIp": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}],
            )
        },
    ),
    ("MLG-NET-05", {"Group": resource("SecurityGroupIngress", CidrIp="10.0.0.0/8", CidrIpv6="fd00::/10")}),
    ("MLG-NET-06", {"Vpc": VPC, "Closed": {"Type": "Custom::DefaultSecurityGroupClosed"}}),
    ("MLG-NET-06", {"Vpc": VPC, "Closed": {"Type": "Custom::VpcRestrictDefaultSG"}}),
]


@pytest.mark.parametrize(("control", "resources"), PASSING)
def test_passes(control: str, resources: Resources) -> None:
    assert findings(control, resources) == []


WAYS_OUT = [
    "InternetGateway",
    "NatGateway",
    "EgressOnlyInternetGateway",
    "VPCGatewayAttachment",
    "VPNGateway",
    "VPCPeeringConnection",
    "TransitGatewayAttachment",
    "TransitGatewayVpcAttachment",
    "CarrierGateway",
    "EIP",
    "EIPAssociation",
    "VPNConnection",
    "VPNGatewayRoutePropagation",
    "ClientVpnTargetNetworkAssociation",
]
ROUTES = [
    "GatewayId",
    "NatGatewayId",
    "EgressOnlyInternetGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "LocalGatewayId",
    "InstanceId",
    "NetworkInterfaceId",
]
OPEN = {"CidrIp": "0.0.0.0/0"}
OPEN_V6 = {"CidrIpv6": "::/0"}
CLOSED = [{"CidrIp": "255.255.255.255/32"}]
FAILING: list[tuple[str, Resources, str]] = [
    *(("MLG-NET-01", {"Out": resource(each)}, "leads out of the VPC") for each in WAYS_OUT),
    *(("MLG-NET-01", {"Out": resource("Route", **{each: {"Ref": "X"}})}, "The route leads to") for each in ROUTES),
    ("MLG-NET-01", {"Out": resource("Subnet", MapPublicIpOnLaunch=True)}, "public addresses"),
    ("MLG-NET-02", {"Out": endpoint()}, "default policy"),
    ("MLG-NET-02", {"Out": endpoint(allow(Action="*", **BOUND))}, "every action"),
    ("MLG-NET-02", {"Out": endpoint(allow(Action=["s3:GetObject", "*"], **BOUND))}, "every action"),
    ("MLG-NET-02", {"Out": endpoint(allow())}, "bound to no account"),
    ("MLG-NET-02", {"Out": endpoint(allow(Resource=["*"]))}, "bound to no account"),
    ("MLG-NET-02", {"Out": endpoint(allow(Resource=[JOINED, "*"]))}, "bound to no account"),
    ("MLG-NET-02", {"Out": resource("VPCEndpoint", PolicyDocument={"Statement": allow()})}, "bound to no account"),
    ("MLG-NET-02", {"Out": endpoint(allow(NotAction="s3:Get*", **BOUND))}, "NotAction"),
    ("MLG-NET-03", {"": VPC}, "no flow log"),
    ("MLG-NET-03", {"V": VPC, "Out": resource("FlowLog", TrafficType="REJECT", ResourceType="VPC")}, "leaves traffic"),
    ("MLG-NET-03", {"V": VPC, "Out": resource("FlowLog", TrafficType="ALL", ResourceType="Subnet")}, "covers less"),
    ("MLG-NET-04", {"Out": resource("VPC", EnableDnsHostnames=True)}, "DNS resolution is off"),
    ("MLG-NET-04", {"Out": resource("VPC", EnableDnsSupport=True)}, "DNS host names are off"),
    ("MLG-NET-04", {"Out": endpoint()}, "no private DNS"),
    ("MLG-NET-05", {"Out": resource("SecurityGroup")}, "releases all traffic"),
    ("MLG-NET-05", {"Out": resource("SecurityGroup", SecurityGroupEgress=[OPEN])}, "releases traffic"),
    ("MLG-NET-05", {"Out": resource("SecurityGroup", SecurityGroupEgress=[OPEN_V6])}, "releases traffic"),
    (
        "MLG-NET-05",
        {"Out": resource("SecurityGroup", SecurityGroupEgress=CLOSED, SecurityGroupIngress=[OPEN])},
        "admits traffic",
    ),
    ("MLG-NET-05", {"Out": resource("SecurityGroupIngress", **OPEN)}, "every address as the peer"),
    ("MLG-NET-05", {"Out": resource("SecurityGroupEgress", **OPEN_V6)}, "every address as the peer"),
    ("MLG-NET-05", {"Out": resource("SecurityGroup", SecurityGroupEgress=[])}, "releases all traffic"),
    ("MLG-NET-05", {"Out": resource("SecurityGroupIngress", CidrIp="128.0.0.0/1")}, "every address as the peer"),
    ("MLG-NET-05", {"Out": resource("SecurityGroupEgress", CidrIpv6="2000::/3")}, "every address as the peer"),
    ("MLG-NET-06", {"": VPC}, "Nothing closes"),
]


@pytest.mark.parametrize(("control", "resources", "message"), FAILING)
def test_fails(control: str, resources: Resources, message: str) -> None:
    ((logical_id, messages),) = findings(control, resources or {"Vpc": VPC})
    assert logical_id == ("Out" if "Out" in resources else "")
    assert any(message in each for each in messages)
