"""A second wall around the subnets of a VPC."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class TlsNetworkAcl(ec2.NetworkAcl):
    """A network ACL that admits and releases TLS and the replies to it.

    Replies come from anywhere, because those of gateway endpoints carry public addresses of
    S3 and DynamoDB; the security groups decide who may ask.

    Args:
        scope: The construct in whose scope to create it.
        construct_id: The id in that scope.
        vpc: The VPC; all of its isolated subnets get the ACL.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html

    Cost: none.

    Example:
        >>> from aws_cdk import App, Stack
        >>> stack = Stack(App(), "Stack")
        >>> subnets = [ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)]
        >>> acl = TlsNetworkAcl(stack, "Acl", vpc=ec2.Vpc(stack, "Vpc", subnet_configuration=subnets))
    """

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc) -> None:
        super().__init__(
            scope, construct_id, vpc=vpc, subnet_selection=ec2.SubnetSelection(subnets=vpc.isolated_subnets)
        )
        inside, anywhere = ec2.AclCidr.ipv4(vpc.vpc_cidr_block), ec2.AclCidr.any_ipv4()
        tls, replies = ec2.AclTraffic.tcp_port(443), ec2.AclTraffic.tcp_port_range(1024, 65535)
        rules = (
            ("TlsIn", ec2.TrafficDirection.INGRESS, inside, tls),
            ("RepliesIn", ec2.TrafficDirection.INGRESS, anywhere, replies),
            ("TlsOut", ec2.TrafficDirection.EGRESS, anywhere, tls),
            ("RepliesOut", ec2.TrafficDirection.EGRESS, inside, replies),
        )
        for number, (name, direction, peer, traffic) in enumerate(rules, start=1):
            self.add_entry(name, rule_number=100 * number, direction=direction, cidr=peer, traffic=traffic)
