"""Monitors of models, their alarms, and the dashboard of what runs."""

from __future__ import annotations

from mlgov_constructs.monitoring.baseline import Baseline
from mlgov_constructs.monitoring.batch_transform_input import BatchTransformInput
from mlgov_constructs.monitoring.bias_monitor import BiasMonitor
from mlgov_constructs.monitoring.checks import (
    AnalysisConfigStep,
    BiasAnalysis,
    BiasCheckStep,
    BiasReportStep,
    CheckStep,
    DriftCheck,
    ExplainabilityCheckStep,
    Facet,
    Predictor,
    QualityCheckStep,
    ShapAnalysis,
)
from mlgov_constructs.monitoring.data_quality_monitor import DataQualityMonitor
from mlgov_constructs.monitoring.dataset_format import DatasetFormat
from mlgov_constructs.monitoring.drift_threshold import DriftThreshold
from mlgov_constructs.monitoring.endpoint_input import EndpointInput
from mlgov_constructs.monitoring.explainability_monitor import ExplainabilityMonitor
from mlgov_constructs.monitoring.ground_truth import GroundTruth
from mlgov_constructs.monitoring.i_captured_data import ICapturedData
from mlgov_constructs.monitoring.i_monitored_endpoint import IMonitoredEndpoint
from mlgov_constructs.monitoring.ml_dashboard import MlDashboard
from mlgov_constructs.monitoring.model_monitor import ModelMonitor
from mlgov_constructs.monitoring.model_quality_monitor import ModelQualityMonitor
from mlgov_constructs.monitoring.monitor_schedule import MonitorSchedule
from mlgov_constructs.monitoring.monitoring_image import MonitoringImage
from mlgov_constructs.monitoring.monitoring_resources import MonitoringResources
from mlgov_constructs.monitoring.monitoring_services import MONITORING_SERVICES, require_monitoring_services
from mlgov_constructs.monitoring.problem_type import ProblemType

__all__ = [
    "MONITORING_SERVICES",
    "AnalysisConfigStep",
    "Baseline",
    "BatchTransformInput",
    "BiasAnalysis",
    "BiasCheckStep",
    "BiasMonitor",
    "BiasReportStep",
    "CheckStep",
    "DataQualityMonitor",
    "DatasetFormat",
    "DriftCheck",
    "DriftThreshold",
    "EndpointInput",
    "ExplainabilityCheckStep",
    "ExplainabilityMonitor",
    "Facet",
    "GroundTruth",
    "ICapturedData",
    "IMonitoredEndpoint",
    "MlDashboard",
    "ModelMonitor",
    "ModelQualityMonitor",
    "MonitorSchedule",
    "MonitoringImage",
    "MonitoringResources",
    "Predictor",
    "ProblemType",
    "QualityCheckStep",
    "ShapAnalysis",
    "require_monitoring_services",
]
