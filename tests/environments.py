"""The reference environments, the organization around them, and the partitions they are tried in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stacks.environment import Organization, load_organization

ENVIRONMENTS = Path(__file__).parents[1] / "environments"
REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}

# The file of what holds the accounts of the environments, by its name as if it were one of them.
ORGANIZATION = "organization"

# Synthesizes an environment, or the organization, in a partition, once a session, and returns its cloud assembly.
Assembly = Callable[[str, str], Path]


def organization_in(partition: str) -> Organization:
    """What the file of the organization would say in a partition."""
    organization = load_organization(ENVIRONMENTS / f"{ORGANIZATION}.yaml")
    if partition == "aws":
        return organization
    region = REGIONS[partition]
    # China has no Control Tower.
    units = () if partition == "aws-cn" else organization.control_tower_unit_ids
    changes = {"region": region, "allowed_regions": (region,), "control_tower_unit_ids": units}
    return organization.model_copy(update=changes)
