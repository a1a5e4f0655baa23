"""Run pipelines."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import by_hand, of_project, tagged
from mlgov_constructs.identity.activities.start_pipelines import START_AND_FOLLOW


@dataclass(frozen=True)
class RunPipelines(Activity):
    """Create, change and run the pipelines of a project; those that a stack keeps are run only.

    ``PassRoles`` with the pipeline role is needed beside it.

    Attributes:
        project: The project.

    Example:
        ``RunPipelines(project=...).statements()``
    """

    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        pipelines = tokens.arn("sagemaker", "pipeline/*")
        return [
            allow("CreatePipelines", "sagemaker:CreatePipeline", pipelines, tagged(self.project)),
            allow("RunPipelines", START_AND_FOLLOW, pipelines, of_project(self.project)),
            allow("ChangePipelines", "sagemaker:UpdatePipeline", pipelines, by_hand(self.project)),
        ]
