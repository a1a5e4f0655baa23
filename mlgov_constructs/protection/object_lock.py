"""Write once, read many: how long, and whether anyone may shorten it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3

LONGEST_RETENTION_DAYS = 36500


class ObjectLockMode(StrEnum):
    """Who may delete a locked version before its time.

    Attributes:
        GOVERNANCE: Principals with ``s3:BypassGovernanceRetention``.
        COMPLIANCE: Nobody, the root user included; the data is paid for until the end.
    """

    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


@dataclass(frozen=True, slots=True)
class ObjectLock:
    """The default retention of the versions of a bucket.

    Attributes:
        days: How long a new version is locked, 1 to 36500 days.
        mode: Whether the lock can be bypassed.

    Raises:
        ValueError: ``days`` is out of range.

    Source:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html

    Example:
        >>> ObjectLock(days=365, mode=ObjectLockMode.COMPLIANCE).days
        365
    """

    days: int
    mode: ObjectLockMode = ObjectLockMode.GOVERNANCE

    def __post_init__(self) -> None:
        if not 1 <= self.days <= LONGEST_RETENTION_DAYS:
            msg = f"Object lock of {self.days} days is out of range. Use 1 to {LONGEST_RETENTION_DAYS} days."
            raise ValueError(msg)

    @property
    def retention(self) -> s3.ObjectLockRetention:
        """The retention as the CDK's bucket takes it."""
        duration = Duration.days(self.days)
        if self.mode is ObjectLockMode.COMPLIANCE:
            return s3.ObjectLockRetention.compliance(duration)
        return s3.ObjectLockRetention.governance(duration)
