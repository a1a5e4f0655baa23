"""From data to an approved model: the registry and the pipelines."""

from __future__ import annotations

from mlgov_constructs.mlops.approval_status import ApprovalStatus
from mlgov_constructs.mlops.model_package_group_properties import model_package_group_properties
from mlgov_constructs.mlops.model_pipeline import ModelPipeline
from mlgov_constructs.mlops.model_registry import ModelRegistry
from mlgov_constructs.mlops.pipeline_definition import PipelineDefinition
from mlgov_constructs.mlops.pipeline_properties import pipeline_properties
from mlgov_constructs.mlops.pipeline_rights import grant_pipeline, grant_pull
from mlgov_constructs.mlops.pipeline_start_role import PipelineStartRole
from mlgov_constructs.mlops.register_model_step import RegisterModelStep

__all__ = [
    "ApprovalStatus",
    "ModelPipeline",
    "ModelRegistry",
    "PipelineDefinition",
    "PipelineStartRole",
    "RegisterModelStep",
    "grant_pipeline",
    "grant_pull",
    "model_package_group_properties",
    "pipeline_properties",
]
