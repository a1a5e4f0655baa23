"""The form of captured batch data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlgov_constructs.argument_types import checked_arguments


@checked_arguments
@dataclass(frozen=True)
class DatasetFormat:
    """How the rows of captured batch data are written; make one by :meth:`csv`, :meth:`json`, :meth:`parquet`.

    Attributes:
        name: ``csv``, ``json`` or ``parquet``.
        options: What SageMaker is told of it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringDatasetFormat.html

    Example:
        >>> DatasetFormat.csv(header=True).to_properties()
        {'csv': {'header': True}}
    """

    name: str
    options: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def csv(cls, *, header: bool = False) -> DatasetFormat:
        """Return comma-separated values.

        Args:
            header: Whether the first row names the columns.
        """
        return cls("csv", {"header": header})

    @classmethod
    def json(cls, *, line: bool = True) -> DatasetFormat:
        """Return JSON.

        Args:
            line: Whether each line is an object of its own.
        """
        return cls("json", {"line": line})

    @classmethod
    def parquet(cls) -> DatasetFormat:
        """Return Parquet."""
        return cls("parquet")

    def to_properties(self) -> dict[str, Any]:
        """Return the form, as the job definitions take it."""
        # CloudFormation takes Parquet, which has no options, as a boolean.
        return {self.name: self.options or True}
