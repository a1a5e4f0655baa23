"""What constructs of Studio check before they create anything."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aws_cdk import Duration, Size, Token
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.identity.project import check_project
from mlgov_constructs.workspace.studio.studio_properties import (
    LARGEST_GIB,
    LONGEST_IDLE,
    SHORTEST_IDLE,
    SMALLEST_GIB,
)

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def check_name(scope: Construct, construct_id: str, argument: str, name: str) -> str:
    """Return a name if SageMaker takes it, for domains, user profiles and spaces alike.

    Raises:
        ConstructError: It has other characters, or more than 63.
    """
    if not Token.is_unresolved(name) and not NAME.fullmatch(name):
        raise ConstructError(
            scope,
            construct_id,
            f"{argument} {name!r} is no name that SageMaker takes",
            "Use up to 63 letters, digits and hyphens, with a letter or digit first and last.",
        )
    return name


def check_instance_type(scope: Construct, construct_id: str, instance_type: str, allowed: Sequence[str]) -> None:
    """Refuse an instance type that is not in the list.

    Raises:
        ConstructError: It is not.
    """
    if not Token.is_unresolved(instance_type) and instance_type not in allowed:
        raise ConstructError(
            scope,
            construct_id,
            f"instance_type {instance_type!r} is not allowed",
            f"Use one of {', '.join(allowed)}, or extend allowed_instance_types.",
        )


def check_gib(scope: Construct, construct_id: str, argument: str, size: Size) -> float:
    """Return the size of a volume in GiB.

    Raises:
        ConstructError: SageMaker has no volume of this size.
    """
    gib = size.to_gibibytes()
    if not Token.is_unresolved(gib) and not SMALLEST_GIB <= gib <= LARGEST_GIB:
        raise ConstructError(
            scope,
            construct_id,
            f"{argument} of {gib:g} GiB is out of range",
            f"Use {SMALLEST_GIB} to {LARGEST_GIB} GiB.",
        )
    return gib


def check_idle(scope: Construct, construct_id: str, argument: str, idle: Duration) -> int:
    """Return an idle time in minutes.

    Raises:
        ConstructError: Studio does not know such a time.
    """
    minutes = int(idle.to_minutes())
    if not SHORTEST_IDLE <= minutes <= LONGEST_IDLE:
        raise ConstructError(
            scope,
            construct_id,
            f"{argument} of {minutes} minutes is out of range",
            f"Use {SHORTEST_IDLE} to {LONGEST_IDLE} minutes; Studio cannot stop an app sooner.",
        )
    return minutes


def project_of(scope: Construct, construct_id: str, role: iam.IRole, project: str | None) -> str:
    """Return the project of a user profile: that of its execution role.

    Raises:
        ConstructError: It has none, another one, or the role is for other work.
    """
    if isinstance(role, JobRole) and role.job is not JobType.STUDIO:
        raise ConstructError(
            scope,
            construct_id,
            f"the role is for {role.job.value}, so Studio could not run apps under it",
            "Give a JobRole of type STUDIO.",
        )
    of_role = role.project if isinstance(role, JobRole) else None
    owner = project or of_role
    if owner is None:
        raise ConstructError(
            scope, construct_id, "the user profile has no project", "Give project=..., or a JobRole as its role."
        )
    if of_role is not None and owner != of_role:
        raise ConstructError(
            scope,
            construct_id,
            f"project {owner!r} differs from {of_role!r}, the project of the role",
            "Give the user profile a role of its own project.",
        )
    return check_project(scope, construct_id, owner)
