"""What VPC templates make, as the EC2 API describes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}],
}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


NETWORK: dict[str, Any] = {
    "Vpc": {
        "Type": "AWS::EC2::VPC",
        "Properties": {
            "CidrBlock": "10.1.0.0/16",
            "EnableDnsHostnames": True,
            "EnableDnsSupport": "true",
            "Tags": [{"Key": "Name", "Value": "net"}],
        },
    },
    "Range": {"Type": "AWS::EC2::VPCCidrBlock", "Properties": {"VpcId": ref("Vpc"), "CidrBlock": "10.2.0.0/16"}},
    "Subnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": ref("Vpc"), "CidrBlock": "10.1.0.0/24", "AvailabilityZone": "us-east-1a"},
    },
    "Routes": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref("Vpc")}},
    "Association": {
        "Type": "AWS::EC2::SubnetRouteTableAssociation",
        "Properties": {"SubnetId": ref("Subnet"), "RouteTableId": ref("Routes")},
    },
    "Group": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {
            "GroupDescription": "endpoints",
            "VpcId": ref("Vpc"),
            "SecurityGroupIngress": [
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.1.0.0/16", "Description": "https"}
            ],
        },
    },
    "Egress": {
        "Type": "AWS::EC2::SecurityGroupEgress",
        "Properties": {
            "GroupId": ref("Group"),
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "CidrIp": "10.1.0.0/16",
        },
    },
    "Interface": {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "VpcId": ref("Vpc"),
            "ServiceName": "com.amazonaws.us-east-1.sagemaker.api",
            "VpcEndpointType": "Interface",
            "PrivateDnsEnabled": True,
            "SubnetIds": [ref("Subnet")],
            "SecurityGroupIds": [ref("Group")],
            "PolicyDocument": POLICY,
            "Tags": [{"Key": "Name", "Value": "api"}],
        },
    },
    "Gateway": {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "VpcId": ref("Vpc"),
            "ServiceName": "com.amazonaws.us-east-1.s3",
            "VpcEndpointType": "Gateway",
            "RouteTableIds": [ref("Routes")],
            "PolicyDocument": POLICY,
        },
    },
    "Acl": {"Type": "AWS::EC2::NetworkAcl", "Properties": {"VpcId": ref("Vpc")}},
    "Entry": {
        "Type": "AWS::EC2::NetworkAclEntry",
        "Properties": {
            "NetworkAclId": ref("Acl"),
            "RuleNumber": 100,
            "Protocol": 6,
            "RuleAction": "allow",
            "Egress": False,
            "CidrBlock": "10.1.0.0/16",
            "PortRange": {"From": 443, "To": 443},
        },
    },
    "AclAssociation": {
        "Type": "AWS::EC2::SubnetNetworkAclAssociation",
        "Properties": {"SubnetId": ref("Subnet"), "NetworkAclId": ref("Acl")},
    },
    "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}},
    "FlowLog": {
        "Type": "AWS::EC2::FlowLog",
        "Properties": {
            "ResourceId": ref("Vpc"),
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogGroupName": ref("Logs"),
            "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flow",
            "MaxAggregationInterval": 60,
        },
    },
}


@pytest.fixture(scope="module")
def network(cloud: Cloud) -> Stack:
    return cloud.stack(**NETWORK)


def test_the_stack_is_complete(network: Stack) -> None:
    assert network.describe()["StackStatus"] == "CREATE_COMPLETE", network.failures()


def test_vpc_attributes(cloud: Cloud, network: Stack) -> None:
    ec2, vpc_id = cloud.client("ec2"), network.id("Vpc")
    vpc = ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]
    assert {"Key": "Name", "Value": "net"} in vpc["Tags"]
    assert {item["CidrBlock"] for item in vpc["CidrBlockAssociationSet"]} == {"10.1.0.0/16", "10.2.0.0/16"}
    for attribute, member in (("enableDnsHostnames", "EnableDnsHostnames"), ("enableDnsSupport", "EnableDnsSupport")):
        assert ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute=attribute)[member]["Value"] is True


def test_interface_endpoint_keeps_policy_dns_subnets_and_groups(cloud: Cloud, network: Stack) -> None:
    found = cloud.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[network.id("Interface")])["VpcEndpoints"][0]
    assert json.loads(found["PolicyDocument"]) == POLICY
    assert found["PrivateDnsEnabled"] is True
    assert found["SubnetIds"] == [network.id("Subnet")]
    assert [item["GroupId"] for item in found["Groups"]] == [network.id("Group")]
    assert {"Key": "Name", "Value": "api"} in found["Tags"]


def test_gateway_endpoint_keeps_policy_and_route_table(cloud: Cloud, network: Stack) -> None:
    found = cloud.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[network.id("Gateway")])["VpcEndpoints"][0]
    assert json.loads(found["PolicyDocument"]) == POLICY
    assert found["RouteTableIds"] == [network.id("Routes")]
    assert found["VpcEndpointType"] == "Gateway"


def test_a_separate_egress_rule_takes_the_default_away(cloud: Cloud, network: Stack) -> None:
    group = cloud.client("ec2").describe_security_groups(GroupIds=[network.id("Group")])["SecurityGroups"][0]
    assert [item["CidrIp"] for rule in group["IpPermissionsEgress"] for item in rule["IpRanges"]] == ["10.1.0.0/16"]
    assert group["IpPermissions"][0]["IpRanges"] == [{"CidrIp": "10.1.0.0/16", "Description": "https"}]


def test_the_subnet_has_its_route_table_and_network_acl(cloud: Cloud, network: Stack) -> None:
    ec2 = cloud.client("ec2")
    by_subnet = [{"Name": "association.subnet-id", "Values": [network.id("Subnet")]}]
    tables = ec2.describe_route_tables(Filters=by_subnet)["RouteTables"]
    assert [item["RouteTableId"] for item in tables] == [network.id("Routes")]
    acls = ec2.describe_network_acls(Filters=by_subnet)["NetworkAcls"]
    assert [item["NetworkAclId"] for item in acls] == [network.id("Acl")]
    entry = next(item for item in acls[0]["Entries"] if item["RuleNumber"] == 100)
    assert (entry["Protocol"], entry["PortRange"]) == ("6", {"From": 443, "To": 443})


def test_flow_log(cloud: Cloud, network: Stack) -> None:
    found = cloud.client("ec2").describe_flow_logs(FlowLogIds=[network.id("FlowLog")])["FlowLogs"][0]
    assert found["TrafficType"] == "ALL"
    assert found["MaxAggregationInterval"] == 60
    assert found["LogGroupName"] == network.id("Logs")
    assert found["DeliverLogsStatus"] == "SUCCESS"


def test_an_endpoint_policy_and_private_dns_change_in_place(cloud: Cloud) -> None:
    names = ("Vpc", "Subnet", "Group", "Interface")
    stack = cloud.stack(**{name: NETWORK[name] for name in names})
    before = stack.id("Interface")
    properties = {**NETWORK["Interface"]["Properties"], "PrivateDnsEnabled": False}
    properties["PolicyDocument"] = {**POLICY, "Statement": []}
    assert stack.update(Interface={"Type": "AWS::EC2::VPCEndpoint", "Properties": properties}) == "UPDATE_COMPLETE"
    found = cloud.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[before])["VpcEndpoints"][0]
    assert stack.id("Interface") == before
    assert json.loads(found["PolicyDocument"])["Statement"] == []
    assert found["PrivateDnsEnabled"] is False


def test_the_network_is_destroyed(cloud: Cloud) -> None:
    stack = cloud.stack(**NETWORK)
    vpc_id, endpoint_id = stack.id("Vpc"), stack.id("Interface")
    assert stack.delete() == "DELETE_COMPLETE"
    assert vpc_id not in [item["VpcId"] for item in cloud.client("ec2").describe_vpcs()["Vpcs"]]
    left = cloud.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    assert endpoint_id not in [item["VpcEndpointId"] for item in left]
