"""What a pipeline measured of a model, beside its version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.file_sources import FileSource, sources


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ModelMetrics:
    """Where the reports about a model lie, each a JSON file.

    Each is a text, an output of a step, or a file in one
    (``Joined((evaluate.output("report"), "evaluation.json"), on="/")``).

    Attributes:
        quality: How good the model is.
        quality_constraints: How good it must stay.
        data_statistics: What the data are like that it was trained on.
        data_constraints: What data must be like.
        bias: Whom the model treats differently, all in one.
        pre_training_bias: Whom the data treat differently.
        post_training_bias: Whom the model treats differently.
        explainability: What the model looks at.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelMetrics.html

    Example:
        >>> ModelMetrics(quality="s3://data/churn/quality.json").render()["ModelQuality"]["Statistics"]["S3Uri"]
        's3://data/churn/quality.json'
    """

    quality: FileSource | None = None
    quality_constraints: FileSource | None = None
    data_statistics: FileSource | None = None
    data_constraints: FileSource | None = None
    bias: FileSource | None = None
    pre_training_bias: FileSource | None = None
    post_training_bias: FileSource | None = None
    explainability: FileSource | None = None

    def render(self) -> dict[str, Any]:
        """Return them as the API takes them."""
        return sources(
            {
                "ModelQuality": {"Statistics": self.quality, "Constraints": self.quality_constraints},
                "ModelDataQuality": {"Statistics": self.data_statistics, "Constraints": self.data_constraints},
                "Bias": {
                    "Report": self.bias,
                    "PreTrainingReport": self.pre_training_bias,
                    "PostTrainingReport": self.post_training_bias,
                },
                "Explainability": {"Report": self.explainability},
            }
        )
