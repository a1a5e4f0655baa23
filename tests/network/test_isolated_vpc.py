from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.network import EndpointService, IIsolatedVpc, IsolatedVpc
from tests.templates import of_type

WAYS_OUT = (
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::EIP",
    "AWS::EC2::Route",
)


@pytest.mark.parametrize("resource_type", WAYS_OUT)
def test_nothing_leads_out(network: dict[str, Any], resource_type: str) -> None:
    assert of_type(network, resource_type) == {}


def test_subnets_give_no_public_address(network: dict[str, Any]) -> None:
    subnets = of_type(network, "AWS::EC2::Subnet")
    assert len(subnets) == 2
    assert all(subnet["Properties"]["MapPublicIpOnLaunch"] is False for subnet in subnets.values())


def test_subnets_lie_in_different_zones_without_a_lookup(networks: dict[str, Any]) -> None:
    for name, count in (("aws", 2), ("organization", 3), ("agnostic", 2)):
        zones = [s["Properties"]["AvailabilityZone"] for s in of_type(networks[name], "AWS::EC2::Subnet").values()]
        assert sorted(json.dumps(zone) for zone in zones) == sorted(
            json.dumps({"Fn::Select": [position, {"Fn::GetAZs": ""}]}) for position in range(count)
        )


def test_dns_works_for_private_names(network: dict[str, Any]) -> None:
    (vpc,) = of_type(network, "AWS::EC2::VPC").values()
    assert vpc["Properties"]["EnableDnsSupport"] is True
    assert vpc["Properties"]["EnableDnsHostnames"] is True


def test_flow_logs_cover_all_traffic(network: dict[str, Any]) -> None:
    (vpc,) = of_type(network, "AWS::EC2::VPC")
    (flow_log,) = of_type(network, "AWS::EC2::FlowLog").values()
    assert flow_log["Properties"]["TrafficType"] == "ALL"
    assert flow_log["Properties"]["ResourceType"] == "VPC"
    assert flow_log["Properties"]["ResourceId"] == {"Ref": vpc}


def test_flow_logs_go_to_an_encrypted_group_with_retention(network: dict[str, Any]) -> None:
    groups = of_type(network, "AWS::Logs::LogGroup")
    (flow_log,) = of_type(network, "AWS::EC2::FlowLog").values()
    assert flow_log["Properties"]["LogGroupName"]["Ref"] in groups
    for group in groups.values():
        assert group["Properties"]["RetentionInDays"] == 365
        assert group["Properties"]["KmsKeyId"]["Fn::GetAtt"][0] in of_type(network, "AWS::KMS::Key")


def test_flow_log_role_is_no_confused_deputy(network: dict[str, Any]) -> None:
    trusts = [role["Properties"]["AssumeRolePolicyDocument"] for role in of_type(network, "AWS::IAM::Role").values()]
    (condition,) = [
        statement["Condition"]
        for trust in trusts
        for statement in trust["Statement"]
        if statement["Principal"]["Service"] == "vpc-flow-logs.amazonaws.com"
    ]
    assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert "vpc-flow-log/*" in json.dumps(condition["ArnLike"]["aws:SourceArn"])


def test_default_security_group_is_closed(network: dict[str, Any]) -> None:
    (vpc,) = of_type(network, "AWS::EC2::VPC")
    (closing,) = of_type(network, "Custom::DefaultSecurityGroupClosed").values()
    assert closing["Properties"]["GroupId"] == {"Fn::GetAtt": [vpc, "DefaultSecurityGroup"]}
    assert closing["Properties"]["ServiceTimeout"] == "300"


def test_provider_may_close_that_group_alone(network: dict[str, Any]) -> None:
    (vpc,) = of_type(network, "AWS::EC2::VPC")
    statements = [
        statement
        for policy in of_type(network, "AWS::IAM::ManagedPolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "ec2:RevokeSecurityGroupEgress" in statement["Action"]
    ]
    (statement,) = statements
    assert statement["Resource"]["Fn::Join"][1][-1] == {"Fn::GetAtt": [vpc, "DefaultSecurityGroup"]}


def test_workloads_reach_the_endpoints_by_tls_and_nothing_else(network: dict[str, Any]) -> None:
    groups = of_type(network, "AWS::EC2::SecurityGroup")
    (endpoints,) = [name for name in groups if "Endpoints" in name]
    (workloads,) = [name for name in groups if "Workloads" in name]
    rules = groups[workloads]["Properties"]["SecurityGroupEgress"]
    assert of_type(network, "AWS::EC2::SecurityGroupEgress") == {}
    assert all((rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (443, 443, "tcp") for rule in rules)
    assert not any("CidrIp" in rule or "CidrIpv6" in rule for rule in rules)
    peers = [rule.get("DestinationSecurityGroupId") or rule["DestinationPrefixListId"] for rule in rules]
    assert peers[0] == {"Fn::GetAtt": [endpoints, "GroupId"]}
    assert [peer["Fn::GetAtt"][1] for peer in peers[1:]] == ["s3", "dynamodb"]


def test_endpoints_admit_workloads_alone_and_release_nothing(network: dict[str, Any]) -> None:
    groups = of_type(network, "AWS::EC2::SecurityGroup")
    (endpoints,) = [name for name in groups if "Endpoints" in name]
    (workloads,) = [name for name in groups if "Workloads" in name]
    properties = groups[endpoints]["Properties"]
    assert "SecurityGroupIngress" not in properties
    assert [rule["CidrIp"] for rule in properties["SecurityGroupEgress"]] == ["255.255.255.255/32"]
    ingress = [r["Properties"] for r in of_type(network, "AWS::EC2::SecurityGroupIngress").values()]
    assert [rule["SourceSecurityGroupId"] for rule in ingress] == [{"Fn::GetAtt": [workloads, "GroupId"]}]
    assert [rule["FromPort"] for rule in ingress] == [443]


def test_network_acl_is_an_option(networks: dict[str, Any]) -> None:
    assert of_type(networks["aws"], "AWS::EC2::NetworkAcl") == {}
    entries = [e["Properties"] for e in of_type(networks["organization"], "AWS::EC2::NetworkAclEntry").values()]
    assert len(entries) == 4
    assert {(e["PortRange"]["From"], e["PortRange"]["To"]) for e in entries} == {(443, 443), (1024, 65535)}


def test_ipam_pool_in_place_of_a_range(synthesize: Callable[..., dict[str, Any]]) -> None:
    def build(app: cdk.App) -> None:
        pool = ec2.IpAddresses.aws_ipam_allocation(
            ipv4_ipam_pool_id="ipam-pool-0a1b2c3d4e5f67890",
            ipv4_netmask_length=20,
            default_subnet_ipv4_netmask_length=22,
        )
        IsolatedVpc(cdk.Stack(app, "Ipam"), "Vpc", ip_addresses=pool)

    (vpc,) = of_type(synthesize(build)["Ipam"], "AWS::EC2::VPC").values()
    assert vpc["Properties"]["Ipv4IpamPoolId"] == "ipam-pool-0a1b2c3d4e5f67890"
    assert "CidrBlock" not in vpc["Properties"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cidr": "10.0.0.0/28"}, r"\[S/Vpc\] cidr 10.0.0.0/28 does not hold 2 subnets of /26.* 16 to 25"),
        ({"cidr": "10.0.0.0/25", "max_azs": 3}, "does not hold 3 subnets"),
        ({"cidr": "10.0.0.0/8"}, "larger than a VPC can be"),
        ({"cidr": "10.0.0.1/16"}, "is no IPv4 network: .*host bits"),
        ({"cidr": "nonsense"}, "'nonsense' is no IPv4 network"),
        ({"max_azs": 7}, "7 availability zones were asked for. Use 1 to 6"),
        ({"max_azs": 0}, "0 availability zones"),
        ({"max_azs": 2, "availability_zones": ["eu-west-1a"]}, "exclude each other"),
        ({"organization_id": "example"}, "organization_id 'example' is none"),
    ],
)
def test_bad_input_is_refused_before_anything_is_created(arguments: dict[str, Any], message: str) -> None:
    stack = cdk.Stack(cdk.App(), "S")
    with pytest.raises(ConstructError, match=message):
        IsolatedVpc(stack, "Vpc", **arguments)
    assert stack.node.try_find_child("Vpc") is None


def test_is_a_vpc_and_an_isolated_vpc() -> None:
    vpc = IsolatedVpc(cdk.Stack(cdk.App(), "S"), "Vpc")
    assert isinstance(vpc, ec2.Vpc)
    assert isinstance(vpc, IIsolatedVpc)
    assert vpc.endpoint_services == frozenset()


class TestExistingVpc:
    def existing(self, stack: cdk.Stack, **changes: Any) -> Any:
        arguments: dict[str, Any] = {
            "vpc_id": "vpc-0a1b2c3d4e5f67890",
            "availability_zones": ["eu-west-1a", "eu-west-1b"],
            "isolated_subnet_ids": ["subnet-0a1b2c3d4e5f67890", "subnet-1a1b2c3d4e5f67890"],
            "endpoints": [EndpointService.S3],
            "workload_security_group_id": "sg-0a1b2c3d4e5f67890",
        }
        return IsolatedVpc.from_vpc_attributes(stack, "Vpc", **{**arguments, **changes})

    def test_creates_no_network_and_verifies_isolation_at_deployment(
        self, synthesize: Callable[..., dict[str, Any]]
    ) -> None:
        template = synthesize(lambda app: self.existing(cdk.Stack(app, "Existing")))["Existing"]
        assert not any(r["Type"].startswith("AWS::EC2::") for r in template["Resources"].values())
        (check,) = of_type(template, "Custom::IsolationVerified").values()
        assert check["Properties"]["SubnetIds"] == ["subnet-0a1b2c3d4e5f67890", "subnet-1a1b2c3d4e5f67890"]

    def test_names_every_missing_endpoint_at_synth(self, synthesize: Callable[..., dict[str, Any]]) -> None:
        def build(app: cdk.App) -> None:
            stack = cdk.Stack(app, "Existing")
            vpc = self.existing(stack)
            for service in (EndpointService.S3, EndpointService.KMS, EndpointService.STS):
                vpc.require(service, by=stack)

        with pytest.raises(RuntimeError) as caught:
            synthesize(build)
        message = str(caught.value)
        assert "Existing calls kms" in message
        assert "Existing calls sts" in message
        assert "add EndpointService.STS to endpoints" in message
        assert "calls s3" not in message

    def test_a_vpc_with_a_way_out_is_refused(self) -> None:
        stack = cdk.Stack(cdk.App(), "S")
        public = ec2.Vpc(stack, "Public")
        group = ec2.SecurityGroup(stack, "Group", vpc=public)
        with pytest.raises(ConstructError, match=r"\[S/Existing\] VPC .* has 4 subnets with a route to the internet"):
            IsolatedVpc.from_vpc(stack, "Existing", public, endpoints=[], workload_security_group=group)

    def test_a_vpc_of_the_app_is_taken_as_it_is(self) -> None:
        stack = cdk.Stack(cdk.App(), "S")
        own = IsolatedVpc(stack, "Own")
        taken = IsolatedVpc.from_vpc(
            stack, "Taken", own, endpoints=[EndpointService.S3], workload_security_group=own.workload_security_group
        )
        assert isinstance(taken, IIsolatedVpc)
        assert [s.subnet_id for s in taken.isolated_subnets] == [s.subnet_id for s in own.isolated_subnets]

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"vpc_id": "vpc-xyz"}, "'vpc-xyz' is no id of a vpc"),
            ({"isolated_subnet_ids": ["subnet-1"], "availability_zones": ["a"]}, "'subnet-1' is no id of a subnet"),
            ({"workload_security_group_id": "default"}, "'default' is no id of a sg"),
            ({"availability_zones": ["eu-west-1a"]}, "1 availability zones stand beside 2 subnets"),
            ({"isolated_subnet_ids": [], "availability_zones": []}, "has no isolated subnet"),
        ],
    )
    def test_malformed_ids_are_refused(self, changes: dict[str, Any], message: str) -> None:
        with pytest.raises(ConstructError, match=message):
            self.existing(cdk.Stack(cdk.App(), "S"), **changes)
