"""How the machines of one job reach each other."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import Resource
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from mlgov_constructs.controls import claim
from mlgov_constructs.network.i_isolated_vpc import IIsolatedVpc
from mlgov_constructs.network.security_groups import NO_TRAFFIC

# Protocol, port and description. ESP is protocol 50, which has no ports.
ENCRYPTED = {
    "Keys": ("udp", 500, "Keys between machines"),
    "Packets": ("50", None, "Encrypted packets between machines"),
}
FABRIC = {"Fabric": ("-1", -1, "Fabric adapters of machines")}


class ClusterSecurityGroup(Resource):
    """A security group whose members reach each other, and nothing else.

    Workloads of an :class:`IsolatedVpc` reach its endpoints only. A job of several machines gets
    this group beside that of the workloads: its machines exchange keys and send encrypted packets
    (IPsec), as SageMaker does where a job encrypts the traffic between its containers.

    Controls: ``MLG-NET-05``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        vpc: The VPC of the jobs.
        efa: Whether machines use an Elastic Fabric Adapter, which demands that all traffic
            within the group is admitted.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/train-encrypt.html and
        https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-start.html

    Attributes:
        security_group_id: The id of the group.

    Cost: none.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.network import IsolatedVpc
        >>> stack = Stack(App(), "Training")
        >>> group = ClusterSecurityGroup(stack, "Cluster", vpc=IsolatedVpc(stack, "Vpc"))
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-NET-05",)

    def __init__(self, scope: Construct, construct_id: str, *, vpc: IIsolatedVpc, efa: bool = False) -> None:
        super().__init__(scope, construct_id)
        # The egress rule stands in the group itself: a group without one would release everything.
        resource = ec2.CfnSecurityGroup(
            self,
            "Resource",
            vpc_id=vpc.vpc_id,
            group_description="Machines of one job: each other, and nothing else",
            security_group_egress=[NO_TRAFFIC],
        )
        claim(resource, self.CONTROLS)
        self.security_group_id = resource.attr_group_id
        for name, (protocol, port, what) in (FABRIC if efa else ENCRYPTED).items():
            ec2.CfnSecurityGroupIngress(
                self,
                f"{name}In",
                group_id=self.security_group_id,
                ip_protocol=protocol,
                from_port=port,
                to_port=port,
                description=what,
                source_security_group_id=self.security_group_id,
            )
            ec2.CfnSecurityGroupEgress(
                self,
                f"{name}Out",
                group_id=self.security_group_id,
                ip_protocol=protocol,
                from_port=port,
                to_port=port,
                description=what,
                destination_security_group_id=self.security_group_id,
            )
