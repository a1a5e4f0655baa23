"""How a training job gets its data."""

from __future__ import annotations

from enum import StrEnum


class InputMode(StrEnum):
    """How a training job gets its data.

    Example:
        >>> InputMode.FAST_FILE.value
        'FastFile'
    """

    FILE = "File"
    FAST_FILE = "FastFile"
    PIPE = "Pipe"
