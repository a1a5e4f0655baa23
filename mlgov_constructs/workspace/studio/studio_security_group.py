"""The security group by which the apps of a Studio domain reach each other."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import Resource
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from mlgov_constructs.controls import claim
from mlgov_constructs.network.security_groups import NO_TRAFFIC

# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-notebooks-and-internet-access.html
NFS = 2049
APPS = (8192, 65535)


class StudioSecurityGroup(Resource):
    """A security group that admits and releases traffic between its own members, and nothing else.

    Apps of a domain talk to each other (TCP 8192 to 65535) and to the home file system (NFS,
    TCP 2049). Whatever else they reach is decided by the VPC's workload group beside it.

    Controls: ``MLG-NET-05`` (closed groups).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        vpc_id: The VPC.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-notebooks-and-internet-access.html

    Cost: none.

    Example:
        ``StudioDomain`` creates one; ``domain.connections`` holds it.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-NET-05",)

    def __init__(self, scope: Construct, construct_id: str, *, vpc_id: str) -> None:
        super().__init__(scope, construct_id)
        # The egress rule stands in the group itself: a group without one would release everything.
        resource = ec2.CfnSecurityGroup(
            self,
            "Resource",
            vpc_id=vpc_id,
            group_description="Studio: apps reach each other and their files",
            security_group_egress=[NO_TRAFFIC],
        )
        claim(resource, self.CONTROLS)
        group_id = resource.attr_group_id
        self.rules: list[ec2.CfnSecurityGroupIngress | ec2.CfnSecurityGroupEgress] = []
        for name, (first, last), what in (
            ("Files", (NFS, NFS), "NFS to the home file system"),
            ("Apps", APPS, "Apps of the domain among themselves"),
        ):
            ingress = ec2.CfnSecurityGroupIngress(
                self,
                f"{name}In",
                group_id=group_id,
                ip_protocol="tcp",
                from_port=first,
                to_port=last,
                description=what,
                source_security_group_id=group_id,
            )
            egress = ec2.CfnSecurityGroupEgress(
                self,
                f"{name}Out",
                group_id=group_id,
                ip_protocol="tcp",
                from_port=first,
                to_port=last,
                description=what,
                destination_security_group_id=group_id,
            )
            self.rules += [ingress, egress]
        self.security_group_id = group_id
