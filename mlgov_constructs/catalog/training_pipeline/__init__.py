"""The product *training pipeline*."""

from __future__ import annotations

from mlgov_constructs.catalog.training_pipeline.training_pipeline_launch_role import TrainingPipelineLaunchRole
from mlgov_constructs.catalog.training_pipeline.training_pipeline_product import TrainingPipelineProduct
from mlgov_constructs.catalog.training_pipeline.training_pipeline_template import TrainingPipelineTemplate

__all__ = ["TrainingPipelineLaunchRole", "TrainingPipelineProduct", "TrainingPipelineTemplate"]
