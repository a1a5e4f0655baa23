"""Register models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project, tagged
from mlgov_constructs.identity.activities.duty import Duty


@dataclass(frozen=True)
class RegisterModels(Activity):
    """Register versions of models, which somebody else approves: a new version is always pending.

    Attributes:
        project: The project.

    Example:
        ``RegisterModels(project=...).statements()``
    """

    duties: ClassVar[frozenset[Duty]] = frozenset({Duty.REGISTER_MODEL})
    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        packages, groups = (tokens.arn("sagemaker", f"{kind}/*") for kind in ("model-package", "model-package-group"))
        pending = {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
        see = ("sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup")
        return [
            allow("CreateModelGroups", "sagemaker:CreateModelPackageGroup", groups, tagged(self.project)),
            allow("RegisterModels", "sagemaker:CreateModelPackage", packages, pending),
            allow("SeeModels", see, [packages, groups], of_project(self.project)),
        ]
