"""Let SageMaker act on the network and the key for the caller."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.identity.activities.activity import Activity, Statement
from mlgov_constructs.identity.job_environment import JobEnvironment


@dataclass(frozen=True)
class AttachToNetwork(Activity):
    """Let SageMaker attach interfaces in the isolated subnets and use the key for volumes.

    Attributes:
        environment: The network and the key.

    Example:
        ``AttachToNetwork(environment=...).statements()``
    """

    environment: JobEnvironment

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        return [*self.environment.interface_statements(), *self.environment.volume_statements()]
