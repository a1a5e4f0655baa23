"""Serving models: the model itself and the endpoints that answer with it."""

from __future__ import annotations

from mlgov_constructs.serving.async_endpoint import AsyncEndpoint
from mlgov_constructs.serving.async_results import AsyncResults
from mlgov_constructs.serving.batch_location import BatchLocation
from mlgov_constructs.serving.batch_transform_job import BatchTransformJob
from mlgov_constructs.serving.batch_transform_step import BatchTransformStep
from mlgov_constructs.serving.component_endpoint import ComponentEndpoint
from mlgov_constructs.serving.component_resources import ComponentResources
from mlgov_constructs.serving.container_image import ContainerImage, RepositoryAccess
from mlgov_constructs.serving.create_model_step import CreateModelStep
from mlgov_constructs.serving.data_capture import DataCapture
from mlgov_constructs.serving.deployment_strategy import DeploymentStrategy
from mlgov_constructs.serving.endpoint_base import EndpointBase
from mlgov_constructs.serving.endpoint_scaling import EndpointScaling, ScheduledCapacity
from mlgov_constructs.serving.inference_component import InferenceComponent
from mlgov_constructs.serving.model import Model
from mlgov_constructs.serving.model_data import ModelData
from mlgov_constructs.serving.multi_model_endpoint import MultiModelEndpoint
from mlgov_constructs.serving.provisioned_concurrency import ProvisionedConcurrency
from mlgov_constructs.serving.real_time_endpoint import RealTimeEndpoint
from mlgov_constructs.serving.serverless_endpoint import ServerlessEndpoint
from mlgov_constructs.serving.serving_services import SERVING_SERVICES, require_serving_services
from mlgov_constructs.serving.shadow_test import ShadowTest
from mlgov_constructs.serving.shadow_variant import ShadowVariant
from mlgov_constructs.serving.split_type import SplitType
from mlgov_constructs.serving.transform_options import TransformOptions
from mlgov_constructs.serving.transform_rights import grant_transform_output

__all__ = [
    "SERVING_SERVICES",
    "AsyncEndpoint",
    "AsyncResults",
    "BatchLocation",
    "BatchTransformJob",
    "BatchTransformStep",
    "ComponentEndpoint",
    "ComponentResources",
    "ContainerImage",
    "CreateModelStep",
    "DataCapture",
    "DeploymentStrategy",
    "EndpointBase",
    "EndpointScaling",
    "InferenceComponent",
    "Model",
    "ModelData",
    "MultiModelEndpoint",
    "ProvisionedConcurrency",
    "RealTimeEndpoint",
    "RepositoryAccess",
    "ScheduledCapacity",
    "ServerlessEndpoint",
    "ShadowTest",
    "ShadowVariant",
    "SplitType",
    "TransformOptions",
    "grant_transform_output",
    "require_serving_services",
]
