"""Read features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project
from mlgov_constructs.identity.activities.duty import Duty


@dataclass(frozen=True)
class ReadFeatures(Activity):
    """Read records of the feature groups of a project.

    Attributes:
        project: The project.

    Example:
        ``ReadFeatures(project=...).statements()``
    """

    duties: ClassVar[frozenset[Duty]] = frozenset({Duty.READ_DATA})
    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        groups = aws_tokens().arn("sagemaker", "feature-group/*")
        actions = ("sagemaker:BatchGetRecord", "sagemaker:DescribeFeatureGroup", "sagemaker:GetRecord")
        return [allow("ReadFeatures", actions, groups, of_project(self.project))]
