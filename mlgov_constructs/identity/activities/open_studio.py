"""Open SageMaker Studio as oneself."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project
from mlgov_constructs.identity.project import USER_TAG


@dataclass(frozen=True)
class OpenStudio(Activity):
    """Open one's own user profile of the project in Studio, and no other person's.

    The profile's tag ``mlgov:user`` must be the name of the session, the part of
    ``aws:userid`` behind the colon: Identity Center and identity providers put the user's
    name there. Apps and spaces are made in Studio under the profile's execution role
    (:class:`RunStudioApps`), never by the person's own role.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

    Attributes:
        project: The project.

    Example:
        ``OpenStudio(project=...).statements()``
    """

    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        arn = aws_tokens().arn
        # A profile without the tag leaves the variable empty of value, and the condition false.
        own = {**of_project(self.project), "StringLike": {"aws:userid": f"*:${{aws:ResourceTag/{USER_TAG}}}"}}
        see = ("sagemaker:DescribeApp", "sagemaker:DescribeSpace", "sagemaker:DescribeUserProfile")
        seen = [arn("sagemaker", f"{kind}/*") for kind in ("app", "space", "user-profile")]
        return [
            allow("OpenStudio", "sagemaker:CreatePresignedDomainUrl", arn("sagemaker", "user-profile/*"), own),
            allow("SeeStudio", see, seen, of_project(self.project)),
        ]
