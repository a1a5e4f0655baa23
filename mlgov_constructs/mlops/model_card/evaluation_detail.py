"""How good a model is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.card_part import CardPart, items, required_text, text
from mlgov_constructs.mlops.model_card.metric_group import MetricGroup


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class EvaluationDetail(CardPart):
    """One evaluation of a model.

    Attributes:
        name: Up to 63 characters.
        evaluation_observation: What was seen, up to 2,096 characters.
        evaluation_job_arn: The job, up to 256 characters.
        datasets: Where its data lies, up to 10.
        metric_groups: The results.
        metadata: More, name to value of up to 1,024 characters.

    Example:
        >>> EvaluationDetail(name="holdout").document()
        {'name': 'holdout'}
    """

    name: str = required_text(63)
    evaluation_observation: str | None = text(2096)
    evaluation_job_arn: str | None = text(256)
    datasets: Sequence[str] = items(10, longest=1024)
    metric_groups: Sequence[MetricGroup] = ()
    metadata: Mapping[str, str] = items(0, longest=1024)
