"""How an endpoint comes from one version to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration

from mlgov_constructs.argument_types import checked_arguments

SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 600, 28_800
LONGEST_WAIT = 3_600
KINDS = ("ALL_AT_ONCE", "CANARY", "LINEAR", "ROLLING")


@checked_arguments
@dataclass(frozen=True)
class DeploymentStrategy:
    """A blue/green or rolling deployment: how traffic moves, and how long each step is watched.

    While a step is watched an alarm brings all traffic back to the old instances. Make one by
    :meth:`canary`, :meth:`linear`, :meth:`rolling` or :meth:`all_at_once`.

    Attributes:
        kind: ``CANARY``, ``LINEAR``, ``ROLLING`` or ``ALL_AT_ONCE``.
        instances: The instances of a step; ``None`` when it is a percentage, or all.
        percentage: The share of a step in percent; ``None`` when it is a number, or all.
        wait: How long a step is watched.
        termination_wait: How long the old instances stay after the last step.

    Raises:
        ValueError: The kind is none, or a share or a time is out of range.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html

    Example:
        >>> DeploymentStrategy.canary(instances=1).needs_alarm
        True
    """

    kind: str
    instances: int | None = None
    percentage: int | None = None
    wait: Duration | None = None
    termination_wait: Duration | None = None

    @classmethod
    def all_at_once(cls, *, termination_wait: Duration | None = None) -> DeploymentStrategy:
        """Return the one that moves all traffic to new instances in one step.

        Args:
            termination_wait: How long the old instances stay; 10 minutes by default.
        """
        return cls("ALL_AT_ONCE", termination_wait=termination_wait or Duration.minutes(10))

    @classmethod
    def canary(
        cls,
        *,
        instances: int | None = None,
        percentage: int | None = None,
        wait: Duration | None = None,
        termination_wait: Duration | None = None,
    ) -> DeploymentStrategy:
        """Return the one that tries a few new instances first, and then all of them.

        Args:
            instances: How many; 1 unless a percentage is given.
            percentage: What share in percent, at most 50.
            wait: How long they are watched; 10 minutes by default.
            termination_wait: How long the old instances stay; 5 minutes by default.
        """
        return cls(
            "CANARY",
            instances=1 if instances is None and percentage is None else instances,
            percentage=percentage,
            wait=wait or Duration.minutes(10),
            termination_wait=termination_wait or Duration.minutes(5),
        )

    @classmethod
    def linear(
        cls, *, percentage: int = 25, wait: Duration | None = None, termination_wait: Duration | None = None
    ) -> DeploymentStrategy:
        """Return the one that moves an equal share of the traffic in each step.

        Args:
            percentage: The share in percent, 10 to 50.
            wait: How long each step is watched; 5 minutes by default.
            termination_wait: How long the old instances stay; 5 minutes by default.
        """
        if not 10 <= percentage <= 50:
            msg = f"A linear step of {percentage} percent is out of range. Use 10 to 50."
            raise ValueError(msg)
        return cls(
            "LINEAR",
            percentage=percentage,
            wait=wait or Duration.minutes(5),
            termination_wait=termination_wait or Duration.minutes(5),
        )

    @classmethod
    def rolling(cls, *, percentage: int = 25, wait: Duration | None = None) -> DeploymentStrategy:
        """Return the one that replaces instances batch by batch, without a second fleet.

        Args:
            percentage: The batch in percent of the instances, 5 to 50.
            wait: How long each batch is watched; 5 minutes by default.
        """
        return cls("ROLLING", percentage=percentage, wait=wait or Duration.minutes(5))

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"{self.kind!r} is no kind of deployment. Use canary(), linear(), rolling() or all_at_once()."
            raise ValueError(msg)
        if self.instances is not None and self.percentage is not None:
            msg = "A step has instances and a percentage. Give one of them."
            raise ValueError(msg)
        if self.instances is not None and self.instances < 1:
            msg = f"A step of {self.instances} instances tries nothing. Use 1 or more."
            raise ValueError(msg)
        if self.percentage is not None and not 5 <= self.percentage <= 50:
            msg = f"A step of {self.percentage} percent is out of range. Use 5 to 50."
            raise ValueError(msg)
        for name, wait in (("wait", self.wait), ("termination_wait", self.termination_wait)):
            if wait is not None and wait.to_seconds() > LONGEST_WAIT:
                msg = f"{name} of {wait.to_seconds():g} seconds is out of range. SageMaker waits up to an hour."
                raise ValueError(msg)
        if self._timeout() > LONGEST_TIMEOUT:
            msg = f"The deployment waits {self._waiting():g} seconds. SageMaker takes up to {LONGEST_TIMEOUT}."
            raise ValueError(msg)

    @property
    def needs_alarm(self) -> bool:
        """Whether its steps make no sense without something that watches them."""
        return self.kind != "ALL_AT_ONCE"

    def to_properties(self) -> dict[str, Any]:
        """Return the update policy, as ``CfnEndpoint`` takes it in its deployment configuration."""
        step = {"type": "INSTANCE_COUNT", "value": self.instances}
        if self.instances is None:
            step = {"type": "CAPACITY_PERCENT", "value": self.percentage}
        # The API demands it, of a deployment in one step too.
        wait = {"waitIntervalInSeconds": 0 if self.wait is None else self.wait.to_seconds()}
        timeout = {"maximumExecutionTimeoutInSeconds": self._timeout()}
        if self.kind == "ROLLING":
            return {"rollingUpdatePolicy": {"maximumBatchSize": step, **wait, **timeout}}
        size = {"CANARY": {"canarySize": step}, "LINEAR": {"linearStepSize": step}}.get(self.kind, {})
        old = {} if self.termination_wait is None else {"terminationWaitInSeconds": self.termination_wait.to_seconds()}
        routing = {"type": self.kind, **size, **wait}
        return {"blueGreenUpdatePolicy": {"trafficRoutingConfiguration": routing, **old, **timeout}}

    def _waiting(self) -> float:
        steps = {"CANARY": 2, "ALL_AT_ONCE": 1}.get(self.kind, -(-100 // (self.percentage or 100)))
        waits = steps * (self.wait.to_seconds() if self.wait else 0)
        return waits + (self.termination_wait.to_seconds() if self.termination_wait else 0)

    def _timeout(self) -> float:
        """What it waits, and half an hour for instances to start."""
        return max(SHORTEST_TIMEOUT, self._waiting() + 1_800)
