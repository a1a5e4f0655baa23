"""Open, start and stop the notebooks of a project."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project


@dataclass(frozen=True)
class UseNotebooks(Activity):
    """Open, start and stop the notebook instances of a project.

    Attributes:
        project: The project.

    Example:
        ``UseNotebooks(project=...).statements()``
    """

    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        notebooks = aws_tokens().arn("sagemaker", "notebook-instance/*")
        actions = (
            "sagemaker:CreatePresignedNotebookInstanceUrl",
            "sagemaker:DescribeNotebookInstance",
            "sagemaker:StartNotebookInstance",
            "sagemaker:StopNotebookInstance",
        )
        return [allow("UseNotebooks", actions, notebooks, of_project(self.project))]
