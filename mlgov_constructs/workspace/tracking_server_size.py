"""The sizes of a tracking server."""

from __future__ import annotations

from enum import StrEnum


class TrackingServerSize(StrEnum):
    """How much a managed MLflow tracking server takes, and costs.

    AWS recommends ``SMALL`` for up to 25 people, ``MEDIUM`` for up to 50, ``LARGE`` for up to
    100. A server costs by the hour, used or not.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateMlflowTrackingServer.html

    Example:
        >>> TrackingServerSize("Small") is TrackingServerSize.SMALL
        True
    """

    SMALL = "Small"
    MEDIUM = "Medium"
    LARGE = "Large"
