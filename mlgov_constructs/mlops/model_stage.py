"""Where a version of a model stands in its life."""

from __future__ import annotations

from enum import StrEnum


class ModelStage(StrEnum):
    """A stage in the life of a version, by the names that SageMaker proposes.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-set-up.html

    Example:
        >>> ModelStage.PRE_PRODUCTION.value
        'PreProduction'
    """

    PROPOSAL = "Proposal"
    DEVELOPMENT = "Development"
    QA = "QA"
    PRE_PRODUCTION = "PreProduction"
    PRODUCTION = "Production"
    ARCHIVED = "Archived"
