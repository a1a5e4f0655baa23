"""Manage labelling."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project, tagged
from mlgov_constructs.identity.job_environment import JobEnvironment


@dataclass(frozen=True)
class ManageLabelling(Activity):
    """Let a private team label data, encrypted with the environment's key and tagged.

    A public or vendor team would see the data outside the organisation.
    ``PassRoles`` with the labelling role is needed beside it.

    Attributes:
        project: The project.
        environment: The key of the labels.

    Example:
        ``ManageLabelling(project=..., environment=...).statements()``
    """

    project: str
    environment: JobEnvironment

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        jobs, key = aws_tokens().arn("sagemaker", "labeling-job/*"), self.environment.key_arn
        own = tagged(self.project)["StringEquals"]
        condition = {
            "StringEquals": {**own, "sagemaker:WorkteamType": "private-crowd"},
            "ArnEquals": {"sagemaker:OutputKmsKeyArn": key},
        }
        follow = ("sagemaker:DescribeLabelingJob", "sagemaker:StopLabelingJob")
        return [
            allow("StartLabelling", "sagemaker:CreateLabelingJob", jobs, condition),
            allow("FollowLabelling", follow, jobs, of_project(self.project)),
        ]
