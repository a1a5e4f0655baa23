"""The product *model endpoint*."""

from __future__ import annotations

from mlgov_constructs.catalog.model_endpoint.model_endpoint_launch_role import ModelEndpointLaunchRole
from mlgov_constructs.catalog.model_endpoint.model_endpoint_product import ModelEndpointProduct
from mlgov_constructs.catalog.model_endpoint.model_endpoint_template import ModelEndpointTemplate

__all__ = ["ModelEndpointLaunchRole", "ModelEndpointProduct", "ModelEndpointTemplate"]
