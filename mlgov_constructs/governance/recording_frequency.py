"""How often AWS Config writes down what changed."""

from __future__ import annotations

from enum import StrEnum


class RecordingFrequency(StrEnum):
    """The frequency of a configuration recorder.

    ``CONTINUOUS`` notes each change (0.003 USD each) and is what change-triggered rules are made
    for; ``DAILY`` notes the state once a day where it changed (0.012 USD each), so a rule answers
    up to a day later.

    Source: https://docs.aws.amazon.com/config/latest/developerguide/select-resources-recording-frequency.html

    Example:
        >>> RecordingFrequency.DAILY.value
        'DAILY'
    """

    CONTINUOUS = "CONTINUOUS"
    DAILY = "DAILY"
