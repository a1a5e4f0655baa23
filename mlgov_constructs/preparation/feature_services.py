"""What the work with features calls, so that its VPC has the endpoints."""

from __future__ import annotations

from constructs import Construct

from mlgov_constructs.network import EndpointService, IIsolatedVpc

FEATURE_SERVICES = (
    EndpointService.SAGEMAKER_API,
    EndpointService.SAGEMAKER_FEATURE_STORE_RUNTIME,
    EndpointService.STS,
    EndpointService.KMS,
    EndpointService.S3,
    EndpointService.GLUE,
    EndpointService.ATHENA,
)


def require_feature_services(vpc: IIsolatedVpc, *, by: Construct) -> None:
    """State that features are written and read in a VPC, so that it has every endpoint this calls.

    Args:
        vpc: The VPC.
        by: The construct that brings the features; errors name it.
    """
    for service in FEATURE_SERVICES:
        vpc.require(service, by=by)
