"""The lowest stack: the boundary of every role, the key and archive of the logs, the network."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from mlgov_constructs.cost import SpendingStop
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.network import EndpointService, ExistingVpc, IIsolatedVpc, IsolatedVpc, ServiceResource
from mlgov_constructs.protection import DataKey, LogArchive, ObjectLock, ObjectLockMode
from mlgov_constructs.workspace import StudioTeardown
from stacks.environment import Capability, Environment
from stacks.environment_stack import EnvironmentStack
from stacks.translation import RETENTION, existing_roles


class FoundationStack(EnvironmentStack):
    """Permissions boundary, log key, log archive and isolated VPC of one environment.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.

    Attributes:
        permissions_boundary: The ceiling of every role of the environment.
        log_key: The key of every log.
        log_archive: Where trail, flow logs and access logs end.
        vpc: The network of every workload.
        s3_endpoints: The endpoints through which data is reached; empty where they are not known.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Network, logs and role boundary")
        protection = environment.protection
        self.permissions_boundary = PermissionsBoundary(
            self,
            "PermissionsBoundary",
            managed_policy_name=f"mlgov-{environment.name}-boundary",
            additional_actions=(*_teardown_actions(environment), *_stop_actions(environment)),
        )
        self.log_key = DataKey(
            self,
            "LogKey",
            alias=f"mlgov/{environment.name}/logs",
            description=f"Logs of {environment.name}",
            administrators=existing_roles(self, protection.key_administrators),
            pending_window=Duration.days(protection.key_deletion_days),
        )
        self.log_key.allow_cloud_watch_logs()
        lock = protection.object_lock
        self.log_archive = LogArchive(
            self,
            "LogArchive",
            encryption_key=self.log_key,
            immutable=ObjectLock(days=lock.days, mode=ObjectLockMode(lock.mode)) if lock else None,
        )
        self.vpc: IIsolatedVpc = self._network(environment)
        self.s3_endpoints = self._s3_endpoints(environment)

    def _network(self, environment: Environment) -> IsolatedVpc | ExistingVpc:
        network = environment.network
        if network.existing is not None:
            existing = network.existing
            return IsolatedVpc.from_vpc_attributes(
                self,
                "Vpc",
                vpc_id=existing.vpc_id,
                availability_zones=list(existing.subnets),
                isolated_subnet_ids=list(existing.subnets.values()),
                endpoints=[EndpointService(name) for name in existing.endpoints],
                workload_security_group_id=existing.security_group_id,
                encryption_key=self.log_key,
            )
        pool = network.ipam
        return IsolatedVpc(
            self,
            "Vpc",
            cidr=network.cidr,
            ip_addresses=ec2.IpAddresses.aws_ipam_allocation(
                ipv4_ipam_pool_id=pool.pool_id,
                ipv4_netmask_length=pool.netmask,
                default_subnet_ipv4_netmask_length=pool.netmask + (network.availability_zones - 1).bit_length(),
            )
            if pool
            else None,
            max_azs=network.availability_zones,
            encryption_key=self.log_key,
            flow_log_retention=RETENTION[network.flow_log_retention_days],
            network_acl=network.network_acl,
            organization_id=environment.organization_id,
            service_resources=[ServiceResource(name) for name in network.service_resources],
        )

    def _s3_endpoints(self, environment: Environment) -> list[ec2.IVpcEndpoint]:
        endpoint = self.vpc.require(EndpointService.S3, by=self)
        if endpoint is not None:
            return [endpoint]
        existing = environment.network.existing
        if existing is None or existing.s3_endpoint_id is None:
            return []
        return [ec2.GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(self, "S3Endpoint", existing.s3_endpoint_id)]


def _teardown_actions(environment: Environment) -> tuple[str, ...]:
    """What the boundary must admit beyond ML work, so that a Studio domain can be deleted."""
    if environment.workspace.studio is None:
        return ()
    deletes = environment.protection.allow_data_removal
    return (*StudioTeardown.BOUNDARY_ACTIONS, *(StudioTeardown.DELETION_ACTIONS if deletes else ()))


def _stop_actions(environment: Environment) -> tuple[str, ...]:
    """What the boundary must admit, so that who answers for the cost can decide about the stop of spending."""
    stops = environment.cost.stop_at_percent is not None and environment.offers(Capability.BUDGETS)
    return SpendingStop.BOUNDARY_ACTIONS if stops else ()
