"""The codes of virtual MFA devices (RFC 6238), as an authenticator app shows them."""

import base64
import hmac
import struct
import time

STEP_SECONDS = 30
_DIGITS = 6


def one_time_code(seed: str, *, steps: int = 0, at: float | None = None) -> str:
    """Returns the code of a device.

    Args:
        seed: The device's seed in base32, as ``CreateVirtualMFADevice`` tells it.
        steps: How many steps of 30 seconds later, or earlier when negative. Default: 0.
        at: The time in seconds since 1970. Default: now.

    Example:
        >>> one_time_code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at=59)
        '287082'
    """
    counter = int((time.time() if at is None else at) // STEP_SECONDS) + steps
    digest = hmac.digest(base64.b32decode(seed), struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 0xF
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"
