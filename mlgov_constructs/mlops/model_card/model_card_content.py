"""What a model card says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.additional_information import AdditionalInformation
from mlgov_constructs.mlops.model_card.business_details import BusinessDetails
from mlgov_constructs.mlops.model_card.card_part import CardPart
from mlgov_constructs.mlops.model_card.evaluation_detail import EvaluationDetail
from mlgov_constructs.mlops.model_card.intended_uses import IntendedUses
from mlgov_constructs.mlops.model_card.model_overview import ModelOverview
from mlgov_constructs.mlops.model_card.training_details import TrainingDetails

LONGEST_CARD = 100_000
# What the card inside a version keeps of the overview; it has no details of its package, being in it.
OF_A_VERSION = ("model_artifact", "model_creator")


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ModelCardContent(CardPart):
    """What a model card says, in the parts and by the names of AWS's model card JSON schema.

    Attributes:
        intended_uses: What the model is for and its risk.
        model_overview: What it is and who answers for it.
        business_details: What it is worth.
        training_details: How it was trained.
        evaluation_details: How good it is.
        additional_information: Ethics, caveats, and more.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards.html#model-cards-json-schema

    Example:
        ``docs/examples/registry.py`` is a complete app.
    """

    intended_uses: IntendedUses
    model_overview: ModelOverview | None = None
    business_details: BusinessDetails | None = None
    training_details: TrainingDetails | None = None
    evaluation_details: Sequence[EvaluationDetail] = ()
    additional_information: AdditionalInformation | None = None

    def problems(self, path: str = "") -> Iterator[str]:
        """Yield what the schema would refuse, each with its place in the card.

        Args:
            path: Where the content stands in something larger.
        """
        yield from super().problems(path)
        if (size := len(json.dumps(self.document()))) > LONGEST_CARD:
            yield f"the model card has {size} characters, more than {LONGEST_CARD}"

    def version_document(self) -> dict[str, Any]:
        """Return what the simpler card inside a version of a model has of it.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-details.html#model-card-schema
        """
        found = self.document()
        overview = found.pop("model_overview", {})
        kept = {name: overview[name] for name in OF_A_VERSION if name in overview}
        return {**found, **({"model_overview": kept} if kept else {})}
