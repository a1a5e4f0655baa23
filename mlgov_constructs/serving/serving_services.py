"""What an endpoint and its callers reach, so that the VPC has the endpoints."""

from __future__ import annotations

from constructs import Construct

from mlgov_constructs.network import EndpointService, IIsolatedVpc

SERVING_SERVICES = (
    EndpointService.S3,
    EndpointService.SAGEMAKER_RUNTIME,
    EndpointService.STS,
    EndpointService.LOGS,
    EndpointService.MONITORING,
    EndpointService.ECR_API,
    EndpointService.ECR_DKR,
)


def require_serving_services(vpc: IIsolatedVpc, *, by: Construct) -> None:
    """State that models are served in a VPC, so that it has every endpoint that they need.

    Args:
        vpc: The VPC.
        by: The construct that brings the models; errors name it.
    """
    for service in SERVING_SERVICES:
        vpc.require(service, by=by)
