"""What a monitor compares with."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Token
from aws_cdk import aws_s3 as s3


@dataclass(frozen=True)
class Baseline:
    """The result of a baselining job over the data that the model learned from.

    Such a job is a processing job, a quality or bias check step of a pipeline for example, and
    writes ``constraints.json`` and ``statistics.json``.

    Attributes:
        bucket: The bucket of the files; the role of the monitor is granted to read them.
        constraints: The key of the constraints, ``churn/baseline/constraints.json`` for example.
        statistics: The key of the statistics, which data quality needs beside the constraints.

    Raises:
        ValueError: A key is no key of a file.

    Example:
        >>> from aws_cdk import App, Stack
        >>> bucket = s3.Bucket.from_bucket_name(Stack(App(), "Stack"), "Data", "data")
        >>> Baseline(bucket, "churn/baseline/constraints.json").constraints_uri
        's3://data/churn/baseline/constraints.json'
    """

    bucket: s3.IBucket
    constraints: str
    statistics: str | None = None

    def __post_init__(self) -> None:
        for name, key in (("constraints", self.constraints), ("statistics", self.statistics)):
            if key is not None and not Token.is_unresolved(key) and (key.startswith(("/", "s3:")) or key[-1:] in "/"):
                msg = f"Baseline {name} {key!r} is no key of a file. Write it as in churn/baseline/{name}.json."
                raise ValueError(msg)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its files."""
        return (self.constraints,) if self.statistics is None else (self.constraints, self.statistics)

    @property
    def constraints_uri(self) -> str:
        """Where the constraints lie."""
        return f"s3://{self.bucket.bucket_name}/{self.constraints}"

    @property
    def statistics_uri(self) -> str | None:
        """Where the statistics lie."""
        return None if self.statistics is None else f"s3://{self.bucket.bucket_name}/{self.statistics}"
