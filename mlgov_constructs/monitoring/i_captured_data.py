"""What a monitor asks of the capture of an endpoint."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from aws_cdk import aws_s3 as s3


@runtime_checkable
class ICapturedData(Protocol):
    """Where an endpoint keeps its requests and answers; ``serving.DataCapture`` is one."""

    @property
    def bucket(self) -> s3.IBucket:
        """The bucket."""

    def prefix_of(self, project: str) -> str:
        """Return the prefix, without a slash at either end."""
