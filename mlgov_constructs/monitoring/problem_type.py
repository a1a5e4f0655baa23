"""What a model answers."""

from __future__ import annotations

from enum import StrEnum


class ProblemType(StrEnum):
    """What a model answers, which decides the metrics of its quality.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html

    Example:
        >>> ProblemType.BINARY_CLASSIFICATION.value
        'BinaryClassification'
    """

    BINARY_CLASSIFICATION = "BinaryClassification"
    MULTICLASS_CLASSIFICATION = "MulticlassClassification"
    REGRESSION = "Regression"
