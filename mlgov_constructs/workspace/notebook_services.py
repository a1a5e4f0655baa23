"""What a notebook calls, so that its VPC has the endpoints."""

from __future__ import annotations

from constructs import Construct

from mlgov_constructs.network import EndpointService, IIsolatedVpc

NOTEBOOK_SERVICES = (
    EndpointService.S3,
    EndpointService.SAGEMAKER_API,
    EndpointService.SAGEMAKER_RUNTIME,
    EndpointService.STS,
    EndpointService.KMS,
    EndpointService.LOGS,
    EndpointService.MONITORING,
    EndpointService.ECR_API,
    EndpointService.ECR_DKR,
)


def require_notebook_services(vpc: IIsolatedVpc, *, by: Construct) -> None:
    """State that notebooks run in a VPC, so that it has every endpoint they call.

    Args:
        vpc: The VPC.
        by: The construct that brings the notebooks; errors name it.
    """
    for service in NOTEBOOK_SERVICES:
        vpc.require(service, by=by)
