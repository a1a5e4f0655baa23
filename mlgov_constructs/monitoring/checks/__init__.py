"""Checks of data and models as steps of a pipeline, by Model Monitor's analyzer and by Clarify."""

from __future__ import annotations

from mlgov_constructs.monitoring.checks.analysis_config_step import AnalysisConfigStep
from mlgov_constructs.monitoring.checks.bias_analysis import BiasAnalysis
from mlgov_constructs.monitoring.checks.bias_check_step import BiasCheckStep
from mlgov_constructs.monitoring.checks.bias_report_step import BiasReportStep
from mlgov_constructs.monitoring.checks.check_step import CheckStep
from mlgov_constructs.monitoring.checks.drift_check import DriftCheck
from mlgov_constructs.monitoring.checks.explainability_check_step import ExplainabilityCheckStep
from mlgov_constructs.monitoring.checks.facet import Facet
from mlgov_constructs.monitoring.checks.predictor import Predictor
from mlgov_constructs.monitoring.checks.quality_check_step import QualityCheckStep
from mlgov_constructs.monitoring.checks.shap_analysis import ShapAnalysis

__all__ = [
    "AnalysisConfigStep",
    "BiasAnalysis",
    "BiasCheckStep",
    "BiasReportStep",
    "CheckStep",
    "DriftCheck",
    "ExplainabilityCheckStep",
    "Facet",
    "Predictor",
    "QualityCheckStep",
    "ShapAnalysis",
]
