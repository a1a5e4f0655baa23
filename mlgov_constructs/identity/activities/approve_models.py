"""Approve models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project
from mlgov_constructs.identity.activities.duty import Duty


@dataclass(frozen=True)
class ApproveModels(Activity):
    """Approve or reject a registered version of a model, and see what is known of it.

    Attributes:
        project: The project.

    Example:
        ``ApproveModels(project=...).statements()``
    """

    duties: ClassVar[frozenset[Duty]] = frozenset({Duty.APPROVE_MODEL})
    project: str

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        packages, groups = (tokens.arn("sagemaker", f"{kind}/*") for kind in ("model-package", "model-package-group"))
        decided = {"StringEquals": {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}}
        own = of_project(self.project)["StringEquals"]
        see = ("sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages")
        return [
            allow(
                "ApproveModels",
                "sagemaker:UpdateModelPackage",
                packages,
                {"StringEquals": {**decided["StringEquals"], **own}},
            ),
            allow("SeeModels", see, [packages, groups], {"StringEquals": own}),
        ]
