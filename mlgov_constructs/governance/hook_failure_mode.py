"""What a hook does to a stack that breaks a rule."""

from __future__ import annotations

from enum import StrEnum


class HookFailureMode(StrEnum):
    """Whether a hook warns or refuses.

    Source: https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/hooks-concepts.html

    Example:
        >>> HookFailureMode.WARN.value
        'WARN'
    """

    WARN = "WARN"
    FAIL = "FAIL"
