"""Track experiments."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project, tagged


@dataclass(frozen=True)
class TrackExperiments(Activity):
    """Create and follow experiments, trials and their components, all with the project's tag.

    Attributes:
        project: The project.

    Example:
        ``TrackExperiments(project=...).statements()``
    """

    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        kinds = ("experiment", "experiment-trial", "experiment-trial-component")
        tracked = [tokens.arn("sagemaker", f"{kind}/*") for kind in kinds]
        create = ("sagemaker:CreateExperiment", "sagemaker:CreateTrial", "sagemaker:CreateTrialComponent")
        follow = (
            "sagemaker:AssociateTrialComponent",
            "sagemaker:DescribeExperiment",
            "sagemaker:DescribeTrial",
            "sagemaker:DescribeTrialComponent",
            "sagemaker:UpdateTrialComponent",
        )
        return [
            allow("CreateExperiments", create, tracked, tagged(self.project)),
            allow("TrackExperiments", follow, tracked, of_project(self.project)),
        ]
