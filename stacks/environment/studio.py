"""SageMaker Studio in an environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stacks.environment.settings import Settings
from stacks.environment.values import Reason


class StudioSettings(Settings):
    """The Studio domain."""

    authentication: Literal["iam", "identity-center"] = "iam"
    """How people come in; it can never be changed without a new domain."""

    idle_minutes: Annotated[int, Field(ge=60, le=525_600)] = 60
    """Minutes without work after which an app stops, 60 to 525600."""

    default_volume_gib: Annotated[int, Field(ge=5, le=16_384)] = 5
    """Volume of a new space, in GiB, 5 to 16384; `workspace.max_volume_gib` is the largest."""

    replace_domain: Reason | None = None
    """Why a deployment may replace the recorded domain, and with it everyone's profile and space; absent otherwise."""
