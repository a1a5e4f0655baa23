"""Who may reach the endpoints of a VPC."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import claim
from mlgov_constructs.network.network_provider import NetworkProvider

GATEWAY_SERVICES = ("s3", "dynamodb")
# ICMP of a type that does not exist to an address that nobody has: the presence of a rule is what
# keeps EC2 from adding its own, which releases everything.
NO_TRAFFIC = ec2.CfnSecurityGroup.EgressProperty(
    ip_protocol="icmp", from_port=252, to_port=86, cidr_ip="255.255.255.255/32", description="Release nothing"
)


class EndpointAccess(Construct):
    """Two security groups: workloads may open TLS to the endpoints, and nothing else.

    Gateway endpoints are reached through the prefix lists that AWS keeps for them.
    Implements ``MLG-NET-05``.

    Args:
        scope: The VPC.
        construct_id: The id in the VPC.
        vpc: The VPC.
        provider: Finds the prefix lists at deployment.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-NET-05",)

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, provider: NetworkProvider) -> None:
        super().__init__(scope, construct_id)
        vpc_id = vpc.vpc_id
        # Rules stand in the groups themselves: a group without one would release everything.
        endpoints = self._group(vpc_id, "Endpoints", "Interface endpoints: TLS from workloads", [NO_TRAFFIC])
        prefix_lists = provider.resource(
            self,
            "PrefixLists",
            kind="ManagedPrefixLists",
            properties={"Region": aws_tokens().region, "Services": list(GATEWAY_SERVICES)},
        )
        egress = [
            ec2.CfnSecurityGroup.EgressProperty(
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                description="TLS to interface endpoints",
                destination_security_group_id=endpoints.attr_group_id,
            ),
            *(
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp",
                    from_port=443,
                    to_port=443,
                    description=f"TLS to {service} by its gateway endpoint",
                    destination_prefix_list_id=Token.as_string(prefix_lists.get_att(service)),
                )
                for service in GATEWAY_SERVICES
            ),
        ]
        workloads = self._group(vpc_id, "Workloads", "ML workloads: TLS to VPC endpoints only", egress)
        ec2.CfnSecurityGroupIngress(
            self,
            "WorkloadsToEndpoints",
            group_id=endpoints.attr_group_id,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            description="TLS from workloads",
            source_security_group_id=workloads.attr_group_id,
        )
        self.endpoint_security_group = self._import("EndpointsGroup", endpoints)
        self.workload_security_group = self._import("WorkloadsGroup", workloads)

    def _group(
        self,
        vpc_id: str,
        construct_id: str,
        description: str,
        egress: list[ec2.CfnSecurityGroup.EgressProperty],
    ) -> ec2.CfnSecurityGroup:
        group = ec2.CfnSecurityGroup(
            self, construct_id, vpc_id=vpc_id, group_description=description, security_group_egress=egress
        )
        claim(group, self.CONTROLS)
        return group

    def _import(self, construct_id: str, group: ec2.CfnSecurityGroup) -> ec2.ISecurityGroup:
        return ec2.SecurityGroup.from_security_group_id(
            self, construct_id, group.attr_group_id, allow_all_outbound=False
        )
