"""What is known of a model: what it is for, how it was trained, how good it is, and who let it pass."""

from __future__ import annotations

from mlgov_constructs.mlops.model_card.additional_information import AdditionalInformation
from mlgov_constructs.mlops.model_card.business_details import BusinessDetails
from mlgov_constructs.mlops.model_card.evaluation_detail import EvaluationDetail
from mlgov_constructs.mlops.model_card.evaluation_metric import EvaluationMetric
from mlgov_constructs.mlops.model_card.intended_uses import IntendedUses
from mlgov_constructs.mlops.model_card.metric_group import MetricGroup
from mlgov_constructs.mlops.model_card.model_card import ModelCard
from mlgov_constructs.mlops.model_card.model_card_content import ModelCardContent
from mlgov_constructs.mlops.model_card.model_card_status import ModelCardStatus
from mlgov_constructs.mlops.model_card.model_overview import ModelOverview
from mlgov_constructs.mlops.model_card.risk_rating import RiskRating
from mlgov_constructs.mlops.model_card.training_details import TrainingDetails
from mlgov_constructs.mlops.model_card.training_job_details import TrainingJobDetails
from mlgov_constructs.mlops.model_card.training_metric import TrainingMetric

__all__ = [
    "AdditionalInformation",
    "BusinessDetails",
    "EvaluationDetail",
    "EvaluationMetric",
    "IntendedUses",
    "MetricGroup",
    "ModelCard",
    "ModelCardContent",
    "ModelCardStatus",
    "ModelOverview",
    "RiskRating",
    "TrainingDetails",
    "TrainingJobDetails",
    "TrainingMetric",
]
