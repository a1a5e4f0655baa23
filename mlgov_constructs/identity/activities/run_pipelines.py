"""Run pipelines."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project, tagged
from mlgov_constructs.identity.activities.start_pipelines import START_AND_FOLLOW


@dataclass(frozen=True)
class RunPipelines(Activity):
    """Create, change and run the pipelines of a project.

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
        keep = (*START_AND_FOLLOW, "sagemaker:UpdatePipeline")
        return [
            allow("CreatePipelines", "sagemaker:CreatePipeline", pipelines, tagged(self.project)),
            allow("RunPipelines", keep, pipelines, of_project(self.project)),
        ]
