"""The network: an isolated VPC, its endpoints and their policies."""

from mlgov_constructs.network.cluster_security_group import ClusterSecurityGroup
from mlgov_constructs.network.endpoint_completeness import EndpointCompleteness, MissingEndpoint, missing_endpoints
from mlgov_constructs.network.endpoint_policy import EndpointPolicy
from mlgov_constructs.network.endpoint_service import EndpointService
from mlgov_constructs.network.existing_vpc import ExistingVpc
from mlgov_constructs.network.flow_logs import FlowLogs
from mlgov_constructs.network.i_isolated_vpc import IIsolatedVpc
from mlgov_constructs.network.isolated_vpc import IsolatedVpc
from mlgov_constructs.network.network_provider import NetworkProvider
from mlgov_constructs.network.security_groups import EndpointAccess
from mlgov_constructs.network.service_resource import ServiceResource
from mlgov_constructs.network.tls_network_acl import TlsNetworkAcl
from mlgov_constructs.network.vpc_endpoints import VpcEndpoints

__all__ = [
    "ClusterSecurityGroup",
    "EndpointAccess",
    "EndpointCompleteness",
    "EndpointPolicy",
    "EndpointService",
    "ExistingVpc",
    "FlowLogs",
    "IIsolatedVpc",
    "IsolatedVpc",
    "MissingEndpoint",
    "NetworkProvider",
    "ServiceResource",
    "TlsNetworkAcl",
    "VpcEndpoints",
    "missing_endpoints",
]
