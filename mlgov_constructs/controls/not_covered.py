"""What other catalogues publish of SageMaker and no control here demands, with the reason."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class NotCovered:
    """A published id that is left out on purpose.

    Attributes:
        framework: The catalogue, as in :class:`~mlgov_constructs.controls.Mapping`.
        id: The identifier there.
        reason: Why no control here demands it, and what does instead.

    Example:
        >>> [each.id for each in not_covered() if each.framework == "checkov"]
        ['CKV_AWS_372']
    """

    framework: str
    id: str
    reason: str


@cache
def not_covered() -> tuple[NotCovered, ...]:
    """Return what is left out, in the order of the file."""
    text = resources.files(__package__).joinpath("catalogue", "not_covered.toml").read_text(encoding="utf-8")
    return tuple(
        NotCovered(framework, identifier, reason)
        for framework, reasons in tomllib.loads(text).items()
        for identifier, reason in reasons.items()
    )
