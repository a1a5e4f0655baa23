"""Work in SageMaker Studio under the execution role of a user profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project

# SageMaker fills them in when Studio calls it for a person; nobody else can.
DOMAIN, USER_PROFILE = "${sagemaker:DomainId}", "${sagemaker:UserProfileName}"


@dataclass(frozen=True)
class RunStudioApps(Activity):
    """Make, change and end one's own private spaces and their apps, in Studio.

    Many profiles share an execution role, so the role alone says nothing of the person.
    Studio puts domain and profile into the request, and a space says whose it is
    (``sagemaker:OwnerUserProfileArn``): both must be the same. A shared space is granted by
    name, by ``StudioSpace.grant_use``. Outside Studio the variables have no value, and
    nothing is allowed.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-jl-admin-guide-permissions.html

    Attributes:
        project: The project whose user profiles may be opened.

    Example:
        ``RunStudioApps(project=...).statements()``
    """

    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        arn = aws_tokens().arn
        profile = arn("sagemaker", f"user-profile/{DOMAIN}/{USER_PROFILE}")
        apps, spaces = (arn("sagemaker", f"{kind}/{DOMAIN}/*") for kind in ("app", "space"))
        own: dict[str, Any] = {
            "ArnEquals": {"sagemaker:OwnerUserProfileArn": profile},
            "StringEquals": {"sagemaker:SpaceSharingType": "Private"},
        }
        kept = ("sagemaker:CreateSpace", "sagemaker:DeleteSpace", "sagemaker:UpdateSpace")
        # Studio tags what it makes; without this right, making it is refused.
        creating = {"StringEquals": {"sagemaker:TaggingAction": ["CreateApp", "CreateSpace"]}}
        see = ("sagemaker:DescribeApp", "sagemaker:DescribeSpace", "sagemaker:DescribeUserProfile")
        lists = (
            "sagemaker:ListApps",
            "sagemaker:ListDomains",
            "sagemaker:ListSpaces",
            "sagemaker:ListUserProfiles",
        )
        return [
            allow("OpenOwnStudio", "sagemaker:CreatePresignedDomainUrl", profile, of_project(self.project)),
            allow("KeepOwnSpaces", kept, spaces, own),
            allow("RunOwnApps", ("sagemaker:CreateApp", "sagemaker:DeleteApp"), apps, own),
            allow("TagOwnWork", "sagemaker:AddTags", [apps, spaces], creating),
            allow("SeeStudio", see, [apps, spaces, arn("sagemaker", f"user-profile/{DOMAIN}/*")]),
            allow("SeeDomain", "sagemaker:DescribeDomain", arn("sagemaker", f"domain/{DOMAIN}")),
            allow("ListStudio", lists, "*"),
        ]
