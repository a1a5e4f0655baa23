"""A feature by which groups of people are told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments

NAME = re.compile(r"[A-Za-z0-9_-]+")


@checked_arguments
@dataclass(frozen=True)
class Facet:
    """A feature by which a group is told apart, and the group.

    Attributes:
        name: The column, of letters, digits, hyphens and underscores.
        values: The values of the group that is compared with all others; every value in turn when
            empty. One number of a continuous feature is a threshold.

    Raises:
        ValueError: The name is none that a condition can read by.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html

    Example:
        >>> Facet("age", [40]).to_json()
        {'name_or_index': 'age', 'value_or_threshold': [40]}
    """

    name: str
    values: Sequence[str | float] = ()

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            msg = f"Facet {self.name!r} is no name of a column. Use letters, digits, hyphens and underscores."
            raise ValueError(msg)

    def to_json(self) -> dict[str, Any]:
        """Return the facet, as an analysis configuration has it."""
        return {"name_or_index": self.name, **({"value_or_threshold": list(self.values)} if self.values else {})}
