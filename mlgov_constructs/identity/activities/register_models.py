"""Register models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project, tagged
from mlgov_constructs.identity.activities.duty import Duty
from mlgov_constructs.identity.activities.lifecycle import (
    LATE_STAGES,
    OWN_STAGES,
    RUN,
    SEE_CARD,
    both,
    early,
    promoted,
    use_key_of_cards,
)


@dataclass(frozen=True)
class RegisterModels(Activity):
    """Register versions of models, which somebody else approves: a new version is always pending.

    It is for people: a version that they register names no run of a pipeline as its origin. A
    pipeline that registers is granted so by its registry.
    AWS tells no tag of a version that is not there yet, so ``groups`` bounds where it may be
    registered. A version that was registered in a stage is brought no further than to ``QA``, and
    proposed for what comes after; from then on, and without a stage, it is not changed.

    Attributes:
        project: The project.
        groups: The names of the groups, or patterns with ``*``; every one when omitted, and none
            when empty.
        key_arn: The key of the project's cards, where they have one.

    Example:
        ``RegisterModels(project=...).statements()``
    """

    duties: ClassVar[frozenset[Duty]] = frozenset({Duty.REGISTER_MODEL})
    project: str
    groups: tuple[str, ...] = ("*",)
    key_arn: str = ""

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        kinds = ("model-package", "model-package-group", "model-card")
        packages, groups, cards = (tokens.arn("sagemaker", f"{kind}/*") for kind in kinds)
        named = [tokens.arn("sagemaker", f"model-package/{name}/*") for name in self.groups]
        named_groups = [tokens.arn("sagemaker", f"model-package-group/{name}") for name in self.groups]
        made = packages if self.groups == ("*",) else named
        own = of_project(self.project)
        see = ("sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup")
        update = "sagemaker:UpdateModelPackage"
        developed = promoted(OWN_STAGES, (), OWN_STAGES)
        proposed = promoted(LATE_STAGES, ("PendingApproval",), OWN_STAGES)
        made_groups = groups if self.groups == ("*",) else named_groups
        create = (
            [allow("CreateModelGroups", "sagemaker:CreateModelPackageGroup", made_groups, tagged(self.project))]
            if made_groups
            else []
        )
        # That a run made it, only a run says: the inventory believes it.
        no_run = {"Null": {f"sagemaker:CustomerMetadataProperties/{RUN}": "true"}}
        by_hand = both(early(), no_run)
        register = [allow("RegisterModels", "sagemaker:CreateModelPackage", made, by_hand)] if made else []
        statements = [
            *create,
            *register,
            allow("DevelopModels", update, packages, both(developed, own)),
            allow("ProposeModels", update, packages, both(proposed, own)),
            allow("SeeModels", see, [packages, groups], own),
            allow("SeeCards", SEE_CARD, cards, own),
        ]
        return [*statements, *use_key_of_cards(self.key_arn, "kms:Decrypt")]
