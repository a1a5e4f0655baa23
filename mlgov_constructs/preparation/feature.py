"""One column of a feature group."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from mlgov_constructs.argument_types import checked_arguments

FEATURE_NAME = re.compile(r"[a-zA-Z0-9]([-_]*[a-zA-Z0-9]){0,63}")
LONGEST_NAME = 64
# The columns that Feature Store adds to the offline store by itself.
RESERVED_NAMES = ("api_invocation_time", "is_deleted", "write_time")


class FeatureType(StrEnum):
    """What the values of a feature are.

    Example:
        >>> FeatureType.FRACTIONAL.value
        'Fractional'
    """

    STRING = "String"
    INTEGRAL = "Integral"
    FRACTIONAL = "Fractional"


@checked_arguments
@dataclass(frozen=True, slots=True)
class Feature:
    """A feature by name and type.

    CloudFormation knows no lists, sets and vectors of features, so there are none here.

    Attributes:
        name: 1 to 64 letters, digits, hyphens and underscores, beginning and ending with a letter
            or a digit.
        type: What its values are.

    Raises:
        ValueError: The name has another form, or Feature Store keeps it for itself.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_FeatureDefinition.html

    Example:
        >>> Feature.fractional("amount")
        Feature(name='amount', type=<FeatureType.FRACTIONAL: 'Fractional'>)
    """

    name: str
    type: FeatureType

    def __post_init__(self) -> None:
        if len(self.name) > LONGEST_NAME or not FEATURE_NAME.fullmatch(self.name):
            msg = (
                f"Feature name {self.name!r} is none. Use up to 64 letters, digits, '-' and '_', "
                "a letter or digit first and last."
            )
            raise ValueError(msg)
        if self.name.lower() in RESERVED_NAMES:
            msg = f"Feature name {self.name!r} is one that Feature Store adds by itself. Use another."
            raise ValueError(msg)

    @classmethod
    def string(cls, name: str) -> Feature:
        """Return a feature whose values are texts."""
        return cls(name, FeatureType.STRING)

    @classmethod
    def integral(cls, name: str) -> Feature:
        """Return a feature whose values are whole numbers."""
        return cls(name, FeatureType.INTEGRAL)

    @classmethod
    def fractional(cls, name: str) -> Feature:
        """Return a feature whose values are numbers."""
        return cls(name, FeatureType.FRACTIONAL)
