"""Approve models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project
from mlgov_constructs.identity.activities.duty import Duty
from mlgov_constructs.identity.activities.lifecycle import (
    LATE_STAGES,
    SEE_CARD,
    both,
    decided,
    promoted,
    use_key_of_cards,
)


@dataclass(frozen=True)
class ApproveModels(Activity):
    """Approve or reject a registered version of a model, bring it to production, decide on model cards.

    Each is a request of its own: who approves changes neither the stage nor the origin of a
    version by the way. A version is decided on without a stage, or once it is proposed for a late
    one: in the early stages who registers may still change it. IAM knows no condition for the status
    of a card, so who may change cards is who decides on them.

    Attributes:
        project: The project.
        key_arn: The key of the project's cards and versions, where they have one.

    Example:
        ``ApproveModels(project=...).statements()``
    """

    duties: ClassVar[frozenset[Duty]] = frozenset({Duty.APPROVE_MODEL})
    project: str
    key_arn: str = ""

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        kinds = ("model-package", "model-package-group", "model-card")
        packages, groups, cards = (tokens.arn("sagemaker", f"{kind}/*") for kind in kinds)
        own = of_project(self.project)
        see = ("sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages")
        decide = (*SEE_CARD, "sagemaker:UpdateModelCard")
        statements = [
            allow("ApproveModels", "sagemaker:UpdateModelPackage", packages, both(decided(), own)),
            allow("PromoteModels", "sagemaker:UpdateModelPackage", packages, both(promoted(LATE_STAGES, ()), own)),
            allow("SeeModels", see, [packages, groups], own),
            allow("ApproveCards", decide, cards, own),
            allow("ListCards", "sagemaker:ListModelCards", "*"),
        ]
        return [*statements, *use_key_of_cards(self.key_arn, "kms:Decrypt", "kms:GenerateDataKey")]
