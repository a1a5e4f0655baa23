"""What the steps of a pipeline are made of, the values that they exchange, and the plain steps."""

from __future__ import annotations

from mlgov_constructs.steps.condition import Condition, Metric
from mlgov_constructs.steps.condition_step import ConditionStep
from mlgov_constructs.steps.existing_model import ExistingModel
from mlgov_constructs.steps.fail_step import FailStep
from mlgov_constructs.steps.job_image import JobImage
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.job_step import JobStep
from mlgov_constructs.steps.pipeline_parameter import PipelineParameter
from mlgov_constructs.steps.pipeline_step import PipelineStep, Problem
from mlgov_constructs.steps.pipeline_value import EXECUTION_ARN, EXECUTION_ID, Joined, PipelineValue
from mlgov_constructs.steps.processing_step import ProcessingStep
from mlgov_constructs.steps.retry_policy import RetryPolicy
from mlgov_constructs.steps.step_needs import StepNeeds
from mlgov_constructs.steps.step_output import StepOutput
from mlgov_constructs.steps.trained_model import TrainedModel

__all__ = [
    "EXECUTION_ARN",
    "EXECUTION_ID",
    "Condition",
    "ConditionStep",
    "ExistingModel",
    "FailStep",
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
    "RetryPolicy",
    "StepNeeds",
    "StepOutput",
    "TrainedModel",
]
