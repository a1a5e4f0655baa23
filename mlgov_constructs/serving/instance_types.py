"""Instance types that serve models, and what each kind cannot do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aws_cdk import Token
from constructs import Construct

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.instance_types import has_local_storage

INSTANCE_TYPES = (
    "ml.t2.medium",
    "ml.m5.large",
    "ml.m5.xlarge",
    "ml.m5.2xlarge",
    "ml.m6i.large",
    "ml.m6i.xlarge",
    "ml.m6i.2xlarge",
    "ml.m7i.large",
    "ml.m7i.xlarge",
    "ml.m7i.2xlarge",
    "ml.c5.large",
    "ml.c5.xlarge",
    "ml.c5.2xlarge",
    "ml.c6i.large",
    "ml.c6i.xlarge",
    "ml.c6i.2xlarge",
    "ml.c7i.large",
    "ml.c7i.xlarge",
    "ml.c7i.2xlarge",
    "ml.r5.large",
    "ml.r5.xlarge",
    "ml.r5.2xlarge",
    "ml.g4dn.xlarge",
    "ml.g5.xlarge",
    "ml.g5.2xlarge",
    "ml.inf2.xlarge",
)
# On demand for real-time inference, us-east-1, 2026.
HOURLY_USD = {
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
}
BURSTABLE = re.compile(r"ml\.t[0-9]")


def check_instance_type(
    scope: Construct,
    construct_id: str,
    instance_type: str,
    allowed: Sequence[str],
    *,
    local_storage: Relaxation | None,
    scales: bool,
) -> None:
    """Raise when a type may not be used, takes no key, or cannot be scaled.

    Args:
        scope: The parent of the construct that was given it.
        construct_id: Its id.
        instance_type: The type.
        allowed: The types that may be used.
        local_storage: The permission to use disks without a key.
        scales: Whether the number of instances follows the load.

    Raises:
        ConstructError: The type cannot be used so.
    """
    if Token.is_unresolved(instance_type):
        return
    if instance_type not in allowed:
        raise ConstructError(
            scope,
            construct_id,
            f"instance_type {instance_type!r} is not allowed",
            f"Use one of {', '.join(allowed)}, or extend allowed_instance_types.",
        )
    if has_local_storage(instance_type) and local_storage is None:
        raise ConstructError(
            scope,
            construct_id,
            f"instance_type {instance_type!r} has disks of its host, for which SageMaker takes no key",
            "Use a type without them, or give local_storage=Relaxation(...).",
        )
    if scales and BURSTABLE.match(instance_type):
        raise ConstructError(
            scope,
            construct_id,
            f"instance_type {instance_type!r} is burstable and cannot be scaled",
            "Use another type, or give fixed_capacity=Relaxation(...).",
        )
