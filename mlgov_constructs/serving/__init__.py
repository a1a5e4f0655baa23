"""Serving models: the model itself and the endpoints that answer with it."""

from __future__ import annotations

from mlgov_constructs.serving.async_endpoint import AsyncEndpoint
from mlgov_constructs.serving.async_results import AsyncResults
from mlgov_constructs.serving.container_image import ContainerImage, RepositoryAccess
from mlgov_constructs.serving.data_capture import DataCapture
from mlgov_constructs.serving.deployment_strategy import DeploymentStrategy
from mlgov_constructs.serving.endpoint_base import EndpointBase
from mlgov_constructs.serving.endpoint_scaling import EndpointScaling, ScheduledCapacity
from mlgov_constructs.serving.model import Model
from mlgov_constructs.serving.model_data import ModelData
from mlgov_constructs.serving.real_time_endpoint import RealTimeEndpoint
from mlgov_constructs.serving.serving_services import SERVING_SERVICES, require_serving_services
from mlgov_constructs.serving.shadow_variant import ShadowVariant

__all__ = [
    "SERVING_SERVICES",
    "AsyncEndpoint",
    "AsyncResults",
    "ContainerImage",
    "DataCapture",
    "DeploymentStrategy",
    "EndpointBase",
    "EndpointScaling",
    "Model",
    "ModelData",
    "RealTimeEndpoint",
    "RepositoryAccess",
    "ScheduledCapacity",
    "ShadowVariant",
    "require_serving_services",
]
