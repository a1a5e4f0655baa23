"""A pipeline with every check, and what its definition says."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.monitoring import (
    AnalysisConfigStep,
    BiasAnalysis,
    BiasCheckStep,
    BiasReportStep,
    DatasetFormat,
    DriftCheck,
    ExplainabilityCheckStep,
    Facet,
    Predictor,
    ProblemType,
    QualityCheckStep,
    ShapAnalysis,
)
from mlgov_constructs.steps import JobImage, PipelineParameter, PipelineStep

PYTHON = JobImage(f"111122223333.dkr.ecr.eu-west-1.example/python@sha256:{'a' * 64}")
ANALYZER = JobImage("111122223333.dkr.ecr.eu-west-1.example/analyzer", is_built_in=True)
CLARIFY = JobImage("111122223333.dkr.ecr.eu-west-1.example/clarify:1.0", is_built_in=True)
DATA = "s3://data/churn/train"
REASON = Relaxation("Clarify asks the model over the endpoints of the VPC, RISK-9")
MODEL = PipelineParameter("ModelName", "churn-model")
AGE = Facet("age", [40])

OF_DATA = BiasAnalysis(label="left", positive_values=[0], facets=[AGE], before_training=["CI", "DPL"])
OF_MODEL = BiasAnalysis(
    label="left", positive_values=[0], facets=[AGE], after_training=["DPPL"], predictor=Predictor(probability=0)
)
OF_ANSWERS = BiasAnalysis(
    label="left", positive_values=[0], facets=[AGE], after_training=["DPPL"], predicted_label="answer"
)
OF_FEATURES = ShapAnalysis(predictor=Predictor(), label="left", samples=100)


def config(
    name: str = "Config", analysis: BiasAnalysis | ShapAnalysis = OF_DATA, **arguments: Any
) -> AnalysisConfigStep:
    return AnalysisConfigStep(name, image=PYTHON, analysis=analysis, **arguments)


def quality(**arguments: Any) -> QualityCheckStep:
    return QualityCheckStep("Quality", **{"image": ANALYZER, "dataset": DATA, **arguments})


def bias(**arguments: Any) -> BiasCheckStep:
    return BiasCheckStep("Bias", **{"image": CLARIFY, "dataset": DATA, "config": config(), **arguments})


def model_bias(**arguments: Any) -> BiasCheckStep:
    own = {"config": config("ModelConfig", OF_MODEL), "model": MODEL, "network_isolation": REASON}
    return BiasCheckStep("ModelBias", **{"image": CLARIFY, "dataset": DATA, **own, **arguments})


def explain(**arguments: Any) -> ExplainabilityCheckStep:
    own = {"config": config("ShapConfig", OF_FEATURES), "model": MODEL, "network_isolation": REASON}
    return ExplainabilityCheckStep("Explain", **{"image": CLARIFY, "dataset": DATA, **own, **arguments})


def report(**arguments: Any) -> BiasReportStep:
    own = {"image": CLARIFY, "dataset": DATA, "config": config("ReportConfig", OF_ANSWERS)}
    return BiasReportStep("Report", **{**own, **arguments})


def isolated_steps() -> list[PipelineStep]:
    """Steps that ask no model."""
    answers = QualityCheckStep(
        "Answers",
        image=ANALYZER,
        dataset=DATA,
        dataset_format=DatasetFormat.json(),
        problem_type=ProblemType.BINARY_CLASSIFICATION,
        ground_truth="left",
        probability="score",
        probability_threshold=0.5,
        drift=DriftCheck(
            constraints=PipelineParameter("Constraints", "s3://data/constraints.json"),
            statistics="s3://data/statistics.json",
        ),
        cache=cdk.Duration.days(30),
    )
    gated = bias(drift=DriftCheck(model_package_group_name="churn", fail_on_violation=False))
    return [quality(), answers, config(), gated, config("ReportConfig", OF_ANSWERS), report()]


def asking_steps() -> list[PipelineStep]:
    """Steps that ask a model."""
    return [config("ModelConfig", OF_MODEL), model_bias(), config("ShapConfig", OF_FEATURES), explain()]
