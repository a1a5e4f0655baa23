"""What an activity is: one duty with its actions, resources and conditions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any, ClassVar

from mlgov_constructs.identity.activities.duty import Duty

Statement = dict[str, Any]


class Activity(ABC):
    """One thing that people or jobs do, as policy statements that carry their own conditions.

    A subclass is a frozen dataclass whose fields are what the conditions are made of.

    Raises:
        ValueError: A field without a default is ``None``: a condition would be missing.

    Example:
        >>> from mlgov_constructs.identity.activities import UseNotebooks
        >>> UseNotebooks("churn").statements()[0]["Sid"]
        'UseNotebooks'
    """

    duties: ClassVar[frozenset[Duty]] = frozenset()

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            if each.default is MISSING and getattr(self, each.name) is None:
                msg = f"{self.name} has no {each.name}, so a condition would be missing. Give {each.name}=..."
                raise ValueError(msg)

    @property
    def name(self) -> str:
        """The name of the activity, for messages."""
        return type(self).__name__

    @abstractmethod
    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""


def allow(
    sid: str,
    actions: str | Sequence[str],
    resources: str | Sequence[str],
    condition: Mapping[str, Any] | None = None,
) -> Statement:
    """Return a statement that allows actions on resources under a condition.

    Example:
        >>> allow("Look", "s3:ListAllMyBuckets", "*")["Effect"]
        'Allow'
    """
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": actions if isinstance(actions, str) else list(actions),
        "Resource": resources if isinstance(resources, str) else list(resources),
    }
    return {**statement, "Condition": dict(condition)} if condition else statement
