"""Something that is tried, and what the services answered."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import ClientError

from mlgov_constructs.local_cloud.demo.readback import Row

_DENIALS = ("AccessDenied", "AccessDeniedException")
_REASONS = (" with an explicit deny", " because no ")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that is tried.

    Args:
        what: What, in a few words.
        must_succeed: Whether it must be allowed; else it must be refused.
        call: Does it.
    """

    what: str
    must_succeed: bool
    call: Callable[[], object]

    def make(self) -> Row:
        """Tries it and tells whether it went as it must."""
        try:
            self.call()
        except ClientError as error:
            denied = error.response["Error"]["Code"] in _DENIALS
            outcome = "refused" if denied else "failed"
            reason = _reason(error.response["Error"]["Message"])
        else:
            outcome, reason = "allowed", ""
        wanted = "allowed" if self.must_succeed else "refused"
        return Row((self.what, outcome, reason), () if outcome == wanted else (f"must be {wanted}",))


def _reason(message: str) -> str:
    starts = [message.index(start) for start in _REASONS if start in message]
    return message[min(starts, default=0) :].strip()
