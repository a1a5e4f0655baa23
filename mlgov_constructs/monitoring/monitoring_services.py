"""What a monitor reaches, so that its VPC has the endpoints."""

from __future__ import annotations

from constructs import Construct

from mlgov_constructs.network import EndpointService, IIsolatedVpc

MONITORING_SERVICES = (
    EndpointService.S3,
    EndpointService.SAGEMAKER_API,
    EndpointService.STS,
    EndpointService.KMS,
    EndpointService.LOGS,
    EndpointService.MONITORING,
    EndpointService.ECR_API,
    EndpointService.ECR_DKR,
)


def require_monitoring_services(vpc: IIsolatedVpc, *, by: Construct) -> None:
    """State that models are monitored in a VPC, so that it has every endpoint that the jobs call.

    Args:
        vpc: The VPC.
        by: The construct that brings the monitors; errors name it.
    """
    for service in MONITORING_SERVICES:
        vpc.require(service, by=by)
