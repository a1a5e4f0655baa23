"""How Clarify asks a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class Predictor:
    """The copy of a model that Clarify asks, and where its answer stands.

    Clarify makes an endpoint of the model for the time of the job, and removes it. Which model it
    is, the step says.

    Attributes:
        instance_type: The machines of the endpoint.
        instance_count: How many.
        content_type: What the model reads.
        accept_type: What it answers.
        label: Where in an answer the label stands, by index or JMESPath.
        probability: Where its probability stands.
        label_headers: The labels, in the order of the probabilities.

    Raises:
        ValueError: There is no machine.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html

    Example:
        >>> Predictor(probability=0).to_json()["initial_instance_count"]
        1
    """

    instance_type: str = "ml.m5.xlarge"
    instance_count: int = 1
    content_type: str = "text/csv"
    accept_type: str = "text/csv"
    label: str | int | None = None
    probability: str | int | None = None
    label_headers: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.instance_count < 1:
            msg = f"A predictor of {self.instance_count} instances answers nothing. Use one or more."
            raise ValueError(msg)

    def to_json(self) -> dict[str, Any]:
        """Return the predictor, as an analysis configuration has it."""
        answer = {
            "label": self.label,
            "probability": self.probability,
            "label_headers": list(self.label_headers) or None,
        }
        return {
            "instance_type": self.instance_type,
            "initial_instance_count": self.instance_count,
            "content_type": self.content_type,
            "accept_type": self.accept_type,
            **{name: value for name, value in answer.items() if value is not None},
        }
