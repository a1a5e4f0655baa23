"""The home of a domain: an EFS file system with a mount target in each subnet, and two security groups.

SageMaker makes them in the account of the domain, and leaves the security groups, and by default the file
system with its mount targets, when the domain is deleted. Their network interfaces and rules then keep the
subnets and the VPC from being deleted (aws-cloudformation/cloudformation-coverage-roadmap#1085).
"""

from collections.abc import Sequence
from typing import Any

from moto.ec2.models import ec2_backends
from moto.efs.models import efs_backends

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.sagemaker.kind import Scope

TAG = "ManagedByAmazonSageMakerResource"
_NFS_PORTS = ((988, 988), (1018, 1023), (2049, 2049))
_DIRECTIONS = ("inbound", "outbound")


def check_network(scope: Scope, vpc_id: str, subnet_ids: Sequence[str]) -> None:
    """Refuses subnets that do not exist or lie in another VPC.

    Raises:
        ServiceError: ``ValidationException``.
    """
    account, region = scope
    found = {subnet.id: subnet.vpc_id for subnet in ec2_backends[account][region].describe_subnets()}
    for subnet_id in subnet_ids:
        if found.get(subnet_id) != vpc_id:
            raise ServiceError("ValidationException", f"The subnet {subnet_id} does not exist in the VPC {vpc_id}.")


def create(scope: Scope, domain_arn: str, vpc_id: str, subnet_ids: Sequence[str], kms_key_id: str | None) -> str:
    """Makes the file system, its mount targets and the security groups, and returns the file system's id.

    Args:
        scope: Account and region of the domain.
        domain_arn: The domain's ARN, which becomes a tag.
        vpc_id: The VPC of the domain.
        subnet_ids: Its subnets.
        kms_key_id: The key of the file system.
    """
    account, region = scope
    domain_id = domain_arn.rsplit("/", 1)[-1]
    tags = {TAG: domain_arn}
    inbound, outbound = (_create_group(scope, direction, domain_id, vpc_id, tags) for direction in _DIRECTIONS)
    ec2 = ec2_backends[account][region]
    for first, last in _NFS_PORTS:
        ports: dict[str, Any] = {"ip_protocol": "tcp", "from_port": first, "to_port": last, "ip_ranges": []}
        ec2.authorize_security_group_ingress(inbound, source_groups=[{"GroupId": outbound}], **ports)
        ec2.authorize_security_group_egress(outbound, source_groups=[{"GroupId": inbound}], **ports)
    efs = efs_backends[account][region]
    file_system = efs.create_file_system(
        creation_token=domain_id,
        performance_mode="generalPurpose",
        encrypted=True,
        kms_key_id=kms_key_id or "",
        throughput_mode="bursting",
        provisioned_throughput_in_mibps=0,
        availability_zone_name="",
        backup=False,
        tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    for subnet_id in subnet_ids:
        efs.create_mount_target(file_system.file_system_id, subnet_id, security_groups=[inbound])
    return str(file_system.file_system_id)


def delete_file_system(scope: Scope, file_system_id: str) -> None:
    """Deletes the file system with its mount targets, if it is still there; the security groups stay."""
    account, region = scope
    efs = efs_backends[account][region]
    file_system = efs.file_systems_by_id.get(file_system_id)
    if file_system is None:
        return
    for mount_target in list(file_system.iter_mount_targets()):
        efs.delete_mount_target(mount_target.mount_target_id)
    efs.delete_file_system(file_system_id)


def _create_group(scope: Scope, direction: str, domain_id: str, vpc_id: str, tags: dict[str, str]) -> str:
    account, region = scope
    ec2 = ec2_backends[account][region]
    name = f"security-group-for-{direction}-nfs-{domain_id}"
    group = ec2.create_security_group(
        name, f"[DO NOT DELETE] Security Group that allows {direction} NFS traffic", vpc_id, tags
    )
    for rule in list(group.egress_rules):  # a new group lets everything out
        group.egress_rules.remove(rule)
    return str(group.id)
