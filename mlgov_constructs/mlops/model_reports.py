"""What was measured of a model, beside its version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments

JSON = "application/json"


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ModelReports:
    """Where the reports about a model lie, each an ``s3://`` address of a JSON file.

    Attributes:
        quality: How good it is.
        data_quality: How good its data are.
        bias: Whom it treats differently.
        explainability: What it looks at.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelMetrics.html

    Example:
        >>> sorted(ModelReports(quality="s3://data/churn/quality.json").metrics())
        ['modelQuality']
    """

    quality: str | None = None
    data_quality: str | None = None
    bias: str | None = None
    explainability: str | None = None

    def metrics(self) -> dict[str, Any]:
        """Return them as ``CfnModelPackage`` takes them."""
        found = {
            "modelQuality": {"statistics": self.quality},
            "modelDataQuality": {"statistics": self.data_quality},
            "bias": {"report": self.bias},
            "explainability": {"report": self.explainability},
        }
        return {
            name: {kind: {"contentType": JSON, "s3Uri": uri} for kind, uri in report.items()}
            for name, report in found.items()
            if all(report.values())
        }
