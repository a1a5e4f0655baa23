"""What a step needs beside what every step of its kind has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.network import EndpointService


class StepNeeds(NamedTuple):
    """Rights and endpoints of one step, which its pipeline gives it.

    Attributes:
        pipeline: Statements for the role of the pipeline, in JSON.
        job: Statements for the role of the step's job, in JSON.
        services: The services that the job calls itself.

    Example:
        >>> StepNeeds().services
        ()
    """

    pipeline: Sequence[Statement] = ()
    job: Sequence[Statement] = ()
    services: Sequence[EndpointService] = ()
