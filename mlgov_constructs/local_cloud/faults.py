"""Faults that a test puts into the local cloud: what AWS does on a bad day.

A test calls `LocalCloud.fail` and `LocalCloud.delay`, which post to ``/_mlgov/faults``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError

PATH = "/_mlgov/faults"


@dataclass
class Failure:
    """An operation that fails.

    Args:
        code: The error code, for example ``ThrottlingException``.
        times: How often it still does.
    """

    code: str
    times: int


@dataclass(frozen=True)
class Delay:
    """A change of status that an operation starts and that does not come to its end in time.

    Args:
        looks: How often the resource is described or listed before it does.
        ends_as: The status that it ends in; the ordinary one when empty.
    """

    looks: int
    ends_as: str = ""


_failures: dict[str, Failure] = {}
_delays: dict[str, list[Delay]] = {}


def reset() -> None:
    """Forgets every fault."""
    _failures.clear()
    _delays.clear()


def raise_if_due(service: str, operation: str) -> None:
    """Fails an operation for which a failure is left.

    Raises:
        ServiceError: As the test asked for.
    """
    failure = _failures.get(f"{service}:{operation}")
    if failure and failure.times > 0:
        failure.times -= 1
        raise ServiceError(failure.code, f"Rate exceeded: a test makes {operation} fail")


def take_delay(service: str, operation: str) -> Delay:
    """Returns the delay that an operation meets, and uses it up; without one, a passing status is seen once."""
    waiting = _delays.get(f"{service}:{operation}")
    return waiting.pop(0) if waiting else Delay(1)


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """Takes in a fault."""
    told = json.loads(body)
    operation = told.pop("operation")
    if "code" in told:
        _failures[operation] = Failure(**told)
    else:
        _delays.setdefault(operation, []).append(Delay(**told))
    return 204, {}, b""
