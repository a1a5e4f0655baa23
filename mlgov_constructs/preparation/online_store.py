"""The store that answers an endpoint within milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aws_cdk import Duration

from mlgov_constructs.argument_types import checked_arguments

SECONDS = {"Weeks": 604_800, "Days": 86_400, "Hours": 3_600, "Minutes": 60, "Seconds": 1}


class OnlineStorage(StrEnum):
    """Where the latest records lie.

    Example:
        >>> OnlineStorage.IN_MEMORY.value
        'InMemory'
    """

    STANDARD = "Standard"
    IN_MEMORY = "InMemory"


@checked_arguments
@dataclass(frozen=True)
class OnlineStore:
    """The settings of an online store: the latest record of each identifier.

    Attributes:
        time_to_live: A record goes this long after its event time; it stays when omitted.
        storage: ``STANDARD``; ``IN_MEMORY`` answers faster and is paid by the hour.

    Raises:
        ValueError: ``time_to_live`` is shorter than a second.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-time-to-live.html

    Example:
        >>> OnlineStore(time_to_live=Duration.days(14)).ttl
        {'Unit': 'Weeks', 'Value': 2}
    """

    time_to_live: Duration | None = None
    storage: OnlineStorage = OnlineStorage.STANDARD

    def __post_init__(self) -> None:
        if self.time_to_live is not None and self.time_to_live.to_seconds(integral=False) < 1:
            msg = "time_to_live is shorter than a second. Give a second or more, or leave it out to keep records."
            raise ValueError(msg)

    @property
    def ttl(self) -> dict[str, Any] | None:
        """The time to live in the largest unit that fits, as CloudFormation writes it."""
        if self.time_to_live is None:
            return None
        seconds = int(self.time_to_live.to_seconds())
        unit, length = next((unit, length) for unit, length in SECONDS.items() if seconds % length == 0)
        return {"Unit": unit, "Value": seconds // length}
