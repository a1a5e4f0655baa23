"""Start pipelines that others have made."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project

START_AND_FOLLOW = (
    "sagemaker:DescribePipeline",
    "sagemaker:DescribePipelineExecution",
    "sagemaker:ListPipelineExecutionSteps",
    "sagemaker:ListPipelineExecutions",
    "sagemaker:RetryPipelineExecution",
    "sagemaker:StartPipelineExecution",
    "sagemaker:StopPipelineExecution",
)


@dataclass(frozen=True)
class StartPipelines(Activity):
    """Start, follow and stop runs of the pipelines of a project, and change none of these.

    It is for who gets a pipeline from the catalogue: a data scientist, or a notebook.

    Attributes:
        project: The project.

    Example:
        ``StartPipelines(project=...).statements()``
    """

    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        pipelines = aws_tokens().arn("sagemaker", "pipeline/*")
        return [allow("StartPipelines", START_AND_FOLLOW, pipelines, of_project(self.project))]
