"""What tells the four kinds of monitors apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aws_cdk import CfnResource
from aws_cdk import aws_sagemaker as sagemaker

from mlgov_constructs.monitoring.monitoring_image import MonitoringImage

# Every job definition, whatever it monitors: network, keys, baseline, project, time limit.
COMMON_CONTROLS = ("MLG-MON-11", "MLG-MON-12", "MLG-MON-13", "MLG-MON-14", "MLG-MON-15", "MLG-MON-16")
SCHEDULE_CONTROLS = ("MLG-MON-06", "MLG-MON-09", "MLG-MON-15")


@dataclass(frozen=True)
class MonitorKind:
    """A kind of monitor.

    Attributes:
        monitoring_type: Its name in the SageMaker API.
        prefix: What the properties of its job definition begin with.
        job_definition: The resource of its job definition.
        image: The image that it runs.
        encryption_control: The control of its traffic between instances.
        isolation_control: The control of its network isolation.
        metrics: The last part of the namespace of its metrics.
        longest_hourly_run: How many seconds a job of an hourly schedule may take.
    """

    monitoring_type: str
    prefix: str
    job_definition: Callable[..., CfnResource]
    image: MonitoringImage
    encryption_control: str
    isolation_control: str
    metrics: str
    longest_hourly_run: int = 3600

    @property
    def controls(self) -> tuple[str, ...]:
        """The controls of its job definition."""
        return (self.encryption_control, self.isolation_control, *COMMON_CONTROLS)

    @property
    def all_controls(self) -> tuple[str, ...]:
        """The controls of its job definition and of its schedule."""
        return tuple(sorted({*self.controls, *SCHEDULE_CONTROLS}))


DATA_QUALITY = MonitorKind(
    "DataQuality",
    "data_quality",
    sagemaker.CfnDataQualityJobDefinition,
    MonitoringImage.ANALYZER,
    encryption_control="MLG-MON-01",
    isolation_control="MLG-MON-03",
    metrics="data-metrics",
)
MODEL_QUALITY = MonitorKind(
    "ModelQuality",
    "model_quality",
    sagemaker.CfnModelQualityJobDefinition,
    MonitoringImage.ANALYZER,
    encryption_control="MLG-MON-05",
    isolation_control="MLG-MON-10",
    metrics="model-metrics",
    longest_hourly_run=1800,
)
BIAS = MonitorKind(
    "ModelBias",
    "model_bias",
    sagemaker.CfnModelBiasJobDefinition,
    MonitoringImage.CLARIFY,
    encryption_control="MLG-MON-07",
    isolation_control="MLG-MON-04",
    metrics="bias-metrics",
    longest_hourly_run=1800,
)
EXPLAINABILITY = MonitorKind(
    "ModelExplainability",
    "model_explainability",
    sagemaker.CfnModelExplainabilityJobDefinition,
    MonitoringImage.CLARIFY,
    encryption_control="MLG-MON-02",
    isolation_control="MLG-MON-08",
    metrics="explainability-metrics",
)
