"""Administer keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.duty import Duty


@dataclass(frozen=True)
class AdministerKeys(Activity):
    """Look after keys, and use none of them; disabling and deleting stay with the account.

    Attributes:
        key_arns: The keys.

    Example:
        ``AdministerKeys(key_arns=...).statements()``
    """

    duties: ClassVar[frozenset[Duty]] = frozenset({Duty.CHANGE_KEYS})
    key_arns: Sequence[str]

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        actions = (
            "kms:DescribeKey",
            "kms:EnableKeyRotation",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListGrants",
            "kms:RevokeGrant",
            "kms:UpdateKeyDescription",
        )
        return [allow("AdministerKeys", actions, list(self.key_arns))]
