"""An exception to a control that somebody granted, and that ends."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgov_constructs.controls.claim import SHORTEST_REASON

if TYPE_CHECKING:
    from constructs import IConstruct

EXCEPTIONS_KEY = "mlgov:exceptions"
EVERYTHING = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlException:
    """Permission for a resource not to meet a control until a day.

    A :class:`~mlgov_constructs.controls.Relaxation` belongs to a property of a construct and lasts
    as long as it. An exception belongs to what is found in an account, and ends by itself: once it
    has expired, the synthesis fails (:class:`~mlgov_constructs.controls.ExceptionExpiry`).

    Attributes:
        control: The control: an id of the catalogue, or one of Security Hub (``SageMaker.4``)
            where findings of Security Hub are meant.
        reason: Why, for an auditor; at least 15 characters.
        expires: The last day on which it holds.
        resource: The ARN, or the id, of the resource; every resource when ``*``.

    Raises:
        ValueError: The reason explains nothing, or the control or the resource is empty.

    Example:
        >>> exception = ControlException(
        ...     control="SageMaker.4",
        ...     reason="Two instances come with the launch, RISK-31",
        ...     expires=datetime.date(2027, 3, 31),
        ... )
        >>> exception.has_expired(datetime.date(2027, 3, 31)), exception.has_expired(datetime.date(2027, 4, 1))
        (False, True)
    """

    control: str
    reason: str
    expires: datetime.date
    resource: str = EVERYTHING

    def __post_init__(self) -> None:
        if len(self.reason.strip()) < SHORTEST_REASON:
            msg = (
                f"The reason {self.reason!r} of the exception to {self.control} does not explain it. "
                f"Write at least {SHORTEST_REASON} characters that an auditor can act on."
            )
            raise ValueError(msg)
        if not self.control or not self.resource:
            msg = f"An exception names a control and a resource, not {self.control!r} and {self.resource!r}. Name them."
            raise ValueError(msg)

    def has_expired(self, today: datetime.date) -> bool:
        """Tell whether it holds no longer.

        Args:
            today: The day that is asked about.
        """
        return today > self.expires


def record_exceptions(resource: IConstruct, exceptions: Iterable[ControlException]) -> None:
    """Write exceptions into the metadata of a resource, where auditors and the expiry check find them.

    Args:
        resource: The CloudFormation resource that takes them into account.
        exceptions: The exceptions.
    """
    # Imported here: the rules and the command line run without the CDK.
    from aws_cdk import CfnResource  # noqa: PLC0415

    written = [
        {"control": each.control, "resource": each.resource, "reason": each.reason, "expires": each.expires.isoformat()}
        for each in exceptions
    ]
    if written and isinstance(resource, CfnResource):
        resource.add_metadata(EXCEPTIONS_KEY, written)
