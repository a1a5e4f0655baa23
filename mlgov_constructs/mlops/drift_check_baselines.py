"""What monitors compare a model with once it serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.file_sources import FileSource, sources


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class DriftCheckBaselines:
    """Where the baselines of a version lie, for monitors and for the checks of the next run.

    A quality or bias check of a later run compares with those of the last version that was
    approved, and a monitor of an endpoint takes them as its own.

    Attributes:
        quality_statistics: Of the quality of the model.
        quality_constraints: What it must reach.
        data_statistics: Of the data that it was trained on.
        data_constraints: What data must be like.
        pre_training_bias: Constraints of the bias in the data.
        post_training_bias: Constraints of the bias of the model.
        bias_config: The analysis that found them.
        explainability: Constraints of what the model looks at.
        explainability_config: The analysis that found them.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DriftCheckBaselines.html

    Example:
        >>> sorted(DriftCheckBaselines(data_constraints="s3://data/churn/constraints.json").render())
        ['ModelDataQuality']
    """

    quality_statistics: FileSource | None = None
    quality_constraints: FileSource | None = None
    data_statistics: FileSource | None = None
    data_constraints: FileSource | None = None
    pre_training_bias: FileSource | None = None
    post_training_bias: FileSource | None = None
    bias_config: FileSource | None = None
    explainability: FileSource | None = None
    explainability_config: FileSource | None = None

    def render(self) -> dict[str, Any]:
        """Return them as the API takes them."""
        return sources(
            {
                "ModelQuality": {"Statistics": self.quality_statistics, "Constraints": self.quality_constraints},
                "ModelDataQuality": {"Statistics": self.data_statistics, "Constraints": self.data_constraints},
                "Bias": {
                    "PreTrainingConstraints": self.pre_training_bias,
                    "PostTrainingConstraints": self.post_training_bias,
                    "ConfigFile": self.bias_config,
                },
                "Explainability": {"Constraints": self.explainability, "ConfigFile": self.explainability_config},
            }
        )
