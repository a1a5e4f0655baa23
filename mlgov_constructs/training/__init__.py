"""Training of models: the jobs, their images and their search for the best."""

from __future__ import annotations

from mlgov_constructs.training.categorical_range import CategoricalRange
from mlgov_constructs.training.channel import Channel
from mlgov_constructs.training.continuous_range import ContinuousRange
from mlgov_constructs.training.debugger_rule import DebuggerRule
from mlgov_constructs.training.distribution import Distribution
from mlgov_constructs.training.input_mode import InputMode
from mlgov_constructs.training.instance_group import InstanceGroup
from mlgov_constructs.training.integer_range import IntegerRange
from mlgov_constructs.training.parameter_range import ParameterRange
from mlgov_constructs.training.profiler_config import ProfilerConfig
from mlgov_constructs.training.range_scaling import RangeScaling
from mlgov_constructs.training.training_image import TrainingImage
from mlgov_constructs.training.training_job_step import TrainingJobStep
from mlgov_constructs.training.training_script import TrainingScript
from mlgov_constructs.training.training_step import TrainingStep
from mlgov_constructs.training.tuned_metric import TunedMetric
from mlgov_constructs.training.tuning_step import TuningStep
from mlgov_constructs.training.tuning_strategy import TuningStrategy

__all__ = [
    "CategoricalRange",
    "Channel",
    "ContinuousRange",
    "DebuggerRule",
    "Distribution",
    "InputMode",
    "InstanceGroup",
    "IntegerRange",
    "ParameterRange",
    "ProfilerConfig",
    "RangeScaling",
    "TrainingImage",
    "TrainingJobStep",
    "TrainingScript",
    "TrainingStep",
    "TunedMetric",
    "TuningStep",
    "TuningStrategy",
]
