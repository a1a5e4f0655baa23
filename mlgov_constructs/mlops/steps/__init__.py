"""The steps of a pipeline, and the values that they exchange."""

from __future__ import annotations

from mlgov_constructs.mlops.steps.condition import Condition, Metric
from mlgov_constructs.mlops.steps.condition_step import ConditionStep
from mlgov_constructs.mlops.steps.fail_step import FailStep
from mlgov_constructs.mlops.steps.job_image import JobImage
from mlgov_constructs.mlops.steps.job_settings import JobSettings
from mlgov_constructs.mlops.steps.job_step import JobStep
from mlgov_constructs.mlops.steps.pipeline_parameter import PipelineParameter
from mlgov_constructs.mlops.steps.pipeline_step import PipelineStep, Problem
from mlgov_constructs.mlops.steps.pipeline_value import EXECUTION_ARN, EXECUTION_ID, Joined, PipelineValue
from mlgov_constructs.mlops.steps.processing_step import ProcessingStep
from mlgov_constructs.mlops.steps.register_model_step import RegisterModelStep
from mlgov_constructs.mlops.steps.retry_policy import RetryPolicy
from mlgov_constructs.mlops.steps.step_output import StepOutput
from mlgov_constructs.mlops.steps.training_step import InputMode, TrainingStep

__all__ = [
    "EXECUTION_ARN",
    "EXECUTION_ID",
    "Condition",
    "ConditionStep",
    "FailStep",
    "InputMode",
    "JobImage",
    "JobSettings",
    "JobStep",
    "Joined",
    "Metric",
    "PipelineParameter",
    "PipelineStep",
    "PipelineValue",
    "Problem",
    "ProcessingStep",
    "RegisterModelStep",
    "RetryPolicy",
    "StepOutput",
    "TrainingStep",
]
