"""Write features."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project


@dataclass(frozen=True)
class WriteFeatures(Activity):
    """Write records to the feature groups of a project.

    Attributes:
        project: The project.

    Example:
        ``WriteFeatures(project=...).statements()``
    """

    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        groups = aws_tokens().arn("sagemaker", "feature-group/*")
        return [
            allow("WriteFeatures", ("sagemaker:DeleteRecord", "sagemaker:PutRecord"), groups, of_project(self.project))
        ]
