"""See what there is."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.identity.activities.activity import Activity, Statement, allow


@dataclass(frozen=True)
class ListWork(Activity):
    """See which notebooks, jobs, models and products there are; SageMaker lists know no resource.

    Example:
        ``ListWork().statements()``
    """

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        actions = (
            "sagemaker:ListEndpoints",
            "sagemaker:ListHyperParameterTuningJobs",
            "sagemaker:ListModelPackageGroups",
            "sagemaker:ListNotebookInstances",
            "sagemaker:ListPipelines",
            "sagemaker:ListProcessingJobs",
            "sagemaker:ListTrainingJobs",
            "servicecatalog:DescribeProductView",
            "servicecatalog:SearchProducts",
        )
        return [allow("ListWork", actions, "*")]
