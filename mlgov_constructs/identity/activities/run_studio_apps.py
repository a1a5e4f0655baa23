"""Work in SageMaker Studio."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project


@dataclass(frozen=True)
class RunStudioApps(Activity):
    """Open Studio with a user profile of the project, and run apps in private spaces.

    A shared space would show one person's files to another; only private ones are made.

    Attributes:
        project: The project.

    Example:
        ``RunStudioApps(project=...).statements()``
    """

    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        spaces = [tokens.arn("sagemaker", f"{kind}/*") for kind in ("app", "space")]
        private = {"StringEquals": {"sagemaker:SpaceSharingType": "Private"}}
        actions = (
            "sagemaker:CreateApp",
            "sagemaker:CreateSpace",
            "sagemaker:DeleteApp",
            "sagemaker:DeleteSpace",
            "sagemaker:UpdateSpace",
        )
        profiles = tokens.arn("sagemaker", "user-profile/*")
        return [
            allow("OpenStudio", "sagemaker:CreatePresignedDomainUrl", profiles, of_project(self.project)),
            allow("RunPrivateApps", actions, spaces, private),
            allow("SeeApps", ("sagemaker:DescribeApp", "sagemaker:DescribeSpace"), spaces, of_project(self.project)),
        ]
