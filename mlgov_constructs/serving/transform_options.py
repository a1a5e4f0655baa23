"""How a batch transform reads its files, asks the model, and writes what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import Duration, Token

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.serving.split_type import SplitType

MOST_MEGABYTES = 100
LONGEST_FILTER = 63
LONGEST_TIMEOUT = 3600


@checked_step
@dataclass(frozen=True, kw_only=True)
class TransformOptions:
    """How a batch transform cuts, asks and joins.

    Attributes:
        content_type: The MIME type of the files.
        accept: The MIME type of the answers; that of the files when omitted.
        split: How files are cut into records; a line each by default.
        compressed: Whether the files are compressed with gzip.
        single_record: Ask with one record at a time; as many as ``max_payload_mb`` holds otherwise.
        max_payload_mb: The most that one request holds, in megabytes; 0 sends a file as a stream.
        max_concurrent: How many requests one machine is sent at once; SageMaker asks the container
            when omitted. Together with the payload it stays within 100 MB.
        input_filter: A JSONPath of what the model is given of a record, as in ``$[1:]``.
        join_input: Whether each answer stands beside its record.
        output_filter: A JSONPath of what is written of answer and record, as in ``$[0,-1]``.
        timeout: How long one answer may take, up to an hour; 10 minutes by default.
        retries: How often a request is tried again, 0 to 3.
        environment: Environment variables of the container; no secrets.

    Raises:
        ValueError: A number is out of range, or a filter is no JSONPath.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html

    Example:
        >>> TransformOptions(input_filter="$[1:]", join_input=True).split
        <SplitType.LINE: 'Line'>
    """

    content_type: str = "text/csv"
    accept: str | None = None
    split: SplitType = SplitType.LINE
    compressed: bool = False
    single_record: bool = False
    max_payload_mb: int = 6
    max_concurrent: int | None = None
    input_filter: str | None = None
    join_input: bool = False
    output_filter: str | None = None
    timeout: Duration | None = None
    retries: int = 3
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.max_payload_mb <= MOST_MEGABYTES:
            msg = f"A payload of {self.max_payload_mb} MB is out of range. Use 0 to {MOST_MEGABYTES}."
            raise ValueError(msg)
        if self.max_concurrent is not None and self.max_concurrent < 1:
            msg = f"{self.max_concurrent} requests at once ask nothing. Use 1 or more, or leave max_concurrent out."
            raise ValueError(msg)
        together = self.max_payload_mb * (self.max_concurrent or 1)
        if together > MOST_MEGABYTES:
            msg = f"{self.max_concurrent} requests of {self.max_payload_mb} MB are {together} MB at once. Use 100 MB."
            raise ValueError(msg)
        if self.single_record and self.split is SplitType.NONE:
            msg = "Records cannot be sent one at a time where files are not cut. Give split, or leave single_record."
            raise ValueError(msg)
        for path in (self.input_filter, self.output_filter):
            if path is not None and not (path.startswith("$") and len(path) <= LONGEST_FILTER):
                msg = f"Filter {path!r} is no JSONPath that SageMaker reads. Begin with $, up to 63 characters."
                raise ValueError(msg)
        if not 0 <= self.retries <= 3:
            msg = f"{self.retries} retries are out of range. Use 0 to 3."
            raise ValueError(msg)
        seconds = self.timeout_seconds
        if not Token.is_unresolved(seconds) and not 1 <= seconds <= LONGEST_TIMEOUT:
            msg = f"A timeout of {seconds:g} seconds is out of range. Use up to an hour."
            raise ValueError(msg)

    @property
    def timeout_seconds(self) -> float:
        """How long one answer may take, in seconds."""
        seconds = 600 if self.timeout is None else self.timeout.to_seconds()
        return seconds if Token.is_unresolved(seconds) else int(seconds)

    def render(self) -> dict[str, Any]:
        """Return what is said of the whole job, as ``CreateTransformJob`` takes it."""
        strategy = {} if self.split is SplitType.NONE else {"BatchStrategy": self._strategy}
        concurrent = {} if self.max_concurrent is None else {"MaxConcurrentTransforms": self.max_concurrent}
        environment = {"Environment": dict(self.environment)} if self.environment else {}
        return {
            **strategy,
            **concurrent,
            **environment,
            "DataProcessing": self._processing(),
            "MaxPayloadInMB": self.max_payload_mb,
            "ModelClientConfig": {
                "InvocationsMaxRetries": self.retries,
                "InvocationsTimeoutInSeconds": self.timeout_seconds,
            },
        }

    @property
    def _strategy(self) -> str:
        return "SingleRecord" if self.single_record else "MultiRecord"

    def _processing(self) -> dict[str, str]:
        filters = {"InputFilter": self.input_filter, "OutputFilter": self.output_filter}
        return {
            "JoinSource": "Input" if self.join_input else "None",
            **{name: path for name, path in filters.items() if path is not None},
        }
