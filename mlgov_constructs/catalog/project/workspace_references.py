"""The network and the key of a workspace, as a product's template knows them: by SSM parameters."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Annotations, CfnDynamicReference, CfnDynamicReferenceService
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobEnvironment
from mlgov_constructs.network import EndpointService
from mlgov_constructs.workspace import ParameterNames

NO_ROUTE_TABLE = "@aws-cdk/aws-ec2:noSubnetRouteTableId"


class ReferencedVpc:
    """The subnets and the group of a workspace; it stands where a construct asks for a VPC.

    Args:
        scope: The template.
        names: Where the workspace is written down.
        zones: How many subnets are.

    Example:
        ``ProjectTemplate`` uses it.
    """

    def __init__(self, scope: Construct, names: ParameterNames, zones: int) -> None:
        self._scope = scope
        self.isolated_subnets: list[ec2.ISubnet] = [
            ec2.Subnet.from_subnet_id(scope, f"Subnet{position}", ssm_value(name))
            for position, name in enumerate(names.subnet_ids(zones), start=1)
        ]
        for subnet in self.isolated_subnets:
            # Nobody asks for the route table here: roles name the subnets, and no more.
            Annotations.of(subnet).acknowledge_warning(NO_ROUTE_TABLE)
        group = ssm_value(names.security_group_id)
        self.workload_security_group: ec2.ISecurityGroup = ec2.SecurityGroup.from_security_group_id(
            scope, "Group", group, mutable=False
        )

    @property
    def vpc_id(self) -> str:
        """The id of the VPC, which no template needs.

        Raises:
            ConstructError: Always: it is not written down.
        """
        raise ConstructError(
            self._scope, None, "the id of the VPC is not written down", "Use the subnets and the group."
        )

    def require(self, service: EndpointService, *, by: Construct, actions: Sequence[str] | None = None) -> None:
        """Do nothing: the stack of the product states which endpoints its resources call."""


def referenced_environment(scope: Construct, names: ParameterNames, zones: int) -> JobEnvironment:
    """Return the environment of jobs, read from the workspace when the product is launched.

    Args:
        scope: The template.
        names: Where the workspace is written down.
        zones: How many subnets are.
    """
    key = kms.Key.from_key_arn(scope, "Key", ssm_value(names.key_arn))
    return JobEnvironment(vpc=ReferencedVpc(scope, names, zones), encryption_key=key)


def ssm_value(name: str) -> str:
    """Return the token of a reference: what imports a resource wants a value that is not known yet.

    Args:
        name: The name of the parameter.
    """
    return CfnDynamicReference(CfnDynamicReferenceService.SSM, name).to_string()
