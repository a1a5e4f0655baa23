"""Duties that must not come together in one person."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Duty(StrEnum):
    """What an activity does to others' trust, where somebody else must check it.

    Example:
        >>> Duty.conflict([Duty.READ_DATA, Duty.CHANGE_KEYS])
        'who reads data cannot change keys'
    """

    REGISTER_MODEL = "registers models"
    APPROVE_MODEL = "approves models"
    READ_DATA = "reads data"
    CHANGE_KEYS = "changes keys"
    ADMINISTER_PLATFORM = "administers the platform"
    AUDIT = "audits"

    @classmethod
    def conflict(cls, duties: Iterable[Duty]) -> str | None:
        """Return why these duties must be apart; ``None`` when they may come together."""
        held = frozenset(duties)
        return next((reason for pair, reason in CONFLICTS if pair <= held), None)


CONFLICTS = (
    ({Duty.REGISTER_MODEL, Duty.APPROVE_MODEL}, "who registers a model cannot approve it"),
    ({Duty.ADMINISTER_PLATFORM, Duty.READ_DATA}, "who administers the platform cannot read data"),
    ({Duty.READ_DATA, Duty.CHANGE_KEYS}, "who reads data cannot change keys"),
    ({Duty.AUDIT, Duty.READ_DATA}, "who audits cannot read data"),
    ({Duty.AUDIT, Duty.ADMINISTER_PLATFORM}, "who audits cannot administer the platform"),
)
