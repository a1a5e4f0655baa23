"""The reference environments and the partitions they are tried in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

ENVIRONMENTS = Path(__file__).parents[1] / "environments"
REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}

# Synthesizes an environment in a partition, once a session, and returns its cloud assembly.
Assembly = Callable[[str, str], Path]
