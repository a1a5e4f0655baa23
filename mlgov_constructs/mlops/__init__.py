"""From data to an approved model: the registry and the pipelines."""

from __future__ import annotations

from mlgov_constructs.mlops.approval_status import ApprovalStatus
from mlgov_constructs.mlops.drift_check_baselines import DriftCheckBaselines
from mlgov_constructs.mlops.model_card import (
    AdditionalInformation,
    BusinessDetails,
    EvaluationDetail,
    EvaluationMetric,
    IntendedUses,
    MetricGroup,
    ModelCard,
    ModelCardContent,
    ModelCardStatus,
    ModelOverview,
    RiskRating,
    TrainingDetails,
    TrainingJobDetails,
    TrainingMetric,
)
from mlgov_constructs.mlops.model_metrics import ModelMetrics
from mlgov_constructs.mlops.model_package_group_properties import model_package_group_properties
from mlgov_constructs.mlops.model_pipeline import ModelPipeline
from mlgov_constructs.mlops.model_registry import ModelRegistry
from mlgov_constructs.mlops.model_reports import ModelReports
from mlgov_constructs.mlops.model_stage import ModelStage
from mlgov_constructs.mlops.pipeline_definition import PipelineDefinition
from mlgov_constructs.mlops.pipeline_properties import pipeline_properties
from mlgov_constructs.mlops.pipeline_rights import grant_pipeline, grant_pull
from mlgov_constructs.mlops.pipeline_start_role import PipelineStartRole
from mlgov_constructs.mlops.register_model_step import RegisterModelStep
from mlgov_constructs.mlops.registered_model import RegisteredModel
from mlgov_constructs.mlops.stage_status import StageStatus
from mlgov_constructs.mlops.stored_definition import StoredDefinition

__all__ = [
    "AdditionalInformation",
    "ApprovalStatus",
    "BusinessDetails",
    "DriftCheckBaselines",
    "EvaluationDetail",
    "EvaluationMetric",
    "IntendedUses",
    "MetricGroup",
    "ModelCard",
    "ModelCardContent",
    "ModelCardStatus",
    "ModelMetrics",
    "ModelOverview",
    "ModelPipeline",
    "ModelRegistry",
    "ModelReports",
    "ModelStage",
    "PipelineDefinition",
    "PipelineStartRole",
    "RegisterModelStep",
    "RegisteredModel",
    "RiskRating",
    "StageStatus",
    "StoredDefinition",
    "TrainingDetails",
    "TrainingJobDetails",
    "TrainingMetric",
    "grant_pipeline",
    "grant_pull",
    "model_package_group_properties",
    "pipeline_properties",
]
