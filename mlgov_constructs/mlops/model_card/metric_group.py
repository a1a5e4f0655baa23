"""Results that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.card_part import CardPart, required_text
from mlgov_constructs.mlops.model_card.evaluation_metric import EvaluationMetric


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class MetricGroup(CardPart):
    """Results that belong together, such as those of one quality.

    Attributes:
        name: Up to 63 characters.
        metric_data: The results.

    Example:
        >>> group = MetricGroup(name="bias", metric_data=[EvaluationMetric(name="DPL", value=0.02)])
        >>> group.document()["metric_data"]
        [{'name': 'DPL', 'value': 0.02, 'type': 'number'}]
    """

    name: str = required_text(63)
    metric_data: Sequence[EvaluationMetric]
