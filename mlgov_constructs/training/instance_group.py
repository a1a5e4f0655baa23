"""Machines of one type in a job of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments


@checked_arguments
@dataclass(frozen=True)
class InstanceGroup:
    """Machines of one type in a training job of several types (heterogeneous cluster).

    Attributes:
        name: The name, by which channels and the script tell groups apart.
        instance_type: The type of the machines.
        instance_count: How many machines.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/train-heterogeneous-cluster.html

    Example:
        >>> InstanceGroup("data", "ml.c5.9xlarge", 2).render()["InstanceGroupName"]
        'data'
    """

    name: str
    instance_type: str
    instance_count: int = 1

    def render(self) -> dict[str, Any]:
        """Return the group as a request has it."""
        return {
            "InstanceCount": self.instance_count,
            "InstanceGroupName": self.name,
            "InstanceType": self.instance_type,
        }
