"""Statuses that take time: a resource is pending before it is in service, and deleting before it is gone."""

import time
from dataclasses import dataclass

from mlgov_constructs.local_cloud import faults
from mlgov_constructs.local_cloud.services.sagemaker import store
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind

_DEFAULT_SECONDS = 0.2


@dataclass
class _Progress:
    kind: Kind
    due: float
    looks: int
    ends_as: str


_running: dict[store.Key, _Progress] = {}
_seconds = _DEFAULT_SECONDS


def configure(seconds: float) -> None:
    """Sets how long a change of status takes."""
    global _seconds  # noqa: PLW0603 - one setting of the one process
    _seconds = seconds


def reset() -> None:
    """Forgets every change that runs."""
    _running.clear()


def begin(kind: Kind, key: store.Key, operation: str, status: str, ends_as: str) -> None:
    """Puts a resource into a passing status.

    Args:
        kind: Its kind.
        key: Its key.
        operation: What started the change; a test may delay it.
        status: The passing status.
        ends_as: The status after it; empty when the resource is gone then.
    """
    delay = faults.take_delay("sagemaker", operation)
    store.records[key][kind.status] = status
    _running[key] = _Progress(kind, time.monotonic() + _seconds, delay.looks, delay.ends_as or ends_as)


def settle() -> None:
    """Ends the changes whose time has come."""
    now = time.monotonic()
    for key, progress in list(_running.items()):
        if progress.looks > 0 or progress.due > now or _running.pop(key, None) is None:
            continue
        record = store.records[key]
        if progress.ends_as:
            record[progress.kind.status] = progress.ends_as
            continue
        del store.records[key]
        store.tags.pop(record[progress.kind.arn], None)
        progress.kind.on_gone(key[0], record)


def look(key: store.Key) -> None:
    """Notes that somebody saw a resource in its passing status."""
    if key in _running:
        _running[key].looks -= 1
