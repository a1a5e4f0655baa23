"""What Studio calls, so that its VPC has the endpoints."""

from __future__ import annotations

from constructs import Construct

from mlgov_constructs.network import EndpointService, IIsolatedVpc
from mlgov_constructs.workspace.notebook_services import NOTEBOOK_SERVICES

# The last three are what notebooks of Studio hang on when they are missing: metrics of training jobs,
# the online feature store, and the browser's way to Studio from within the network.
STUDIO_SERVICES = (
    *NOTEBOOK_SERVICES,
    EndpointService.SAGEMAKER_METRICS,
    EndpointService.SAGEMAKER_FEATURE_STORE_RUNTIME,
    EndpointService.SAGEMAKER_STUDIO,
)


def require_studio_services(vpc: IIsolatedVpc, *, by: Construct) -> None:
    """State that Studio runs in a VPC, so that it has every endpoint that apps call.

    Args:
        vpc: The VPC.
        by: The construct that brings Studio; errors name it.
    """
    for service in STUDIO_SERVICES:
        vpc.require(service, by=by)
