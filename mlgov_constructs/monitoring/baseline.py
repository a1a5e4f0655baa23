"""What a monitor compares with."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Token
from aws_cdk import aws_s3 as s3

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.monitoring.checks.check_step import CheckStep
from mlgov_constructs.monitoring.checks.output_key import output_key


@checked_arguments
@dataclass(frozen=True)
class Baseline:
    """The result of a baselining job over the data that the model learned from.

    A check step of a pipeline is such a job: :meth:`of_check` returns what it wrote.

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

    @classmethod
    def of_check(cls, bucket: s3.IBucket, step: CheckStep, *, prefix: str, run: str | None = None) -> Baseline:
        """Return what a check step of a pipeline has written.

        Take the run whose model was approved: a monitor then compares with the data of the model
        that is served. A step with a ``cache`` writes to one place, and its latest run decides.

        Args:
            bucket: The bucket that the pipeline writes to.
            step: The step.
            prefix: The prefix of the pipeline, ``<project>/pipelines/<name>``.
            run: The id of the run, where the step has no ``cache``.

        Raises:
            ValueError: A run was given to a step with a cache, or none to one without.
        """
        return cls(bucket, *(output_key(step, prefix, file, run=run) for file in step.FILES))

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
