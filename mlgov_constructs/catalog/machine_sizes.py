"""Sizes of machines: what a data scientist chooses in place of an instance type."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.workspace.notebook_properties import HOURLY_USD

SIZES = {"small": "ml.t3.medium", "medium": "ml.t3.xlarge", "large": "ml.m5.4xlarge"}
GIB_MONTH_USD = 0.14


def hourly_prices(sizes: Mapping[str, str], usd: Mapping[str, float] = HOURLY_USD) -> str:
    """Return what sizes cost, as users read it.

    Args:
        sizes: Size to instance type.
        usd: The list price of an hour of each instance type; that of notebooks by default.

    Example:
        >>> hourly_prices({"small": "ml.t3.medium"})
        'small about 0.05 USD'
    """
    return ", ".join(
        f"{name} about {usd[kind]:.2f} USD" if kind in usd else f"{name} ({kind}) by the price list"
        for name, kind in sizes.items()
    )


def check_sizes(scope: Construct, construct_id: str, sizes: Mapping[str, str], allowed: Sequence[str]) -> None:
    """Refuse sizes that cannot be offered.

    Args:
        scope: The scope of the product.
        construct_id: Its id.
        sizes: Size to instance type.
        allowed: The instance types that may be named.

    Raises:
        ConstructError: There is none, one is no allowed instance type, or its name cannot be one.
    """
    unknown = [f"{name}: {instance_type}" for name, instance_type in sizes.items() if instance_type not in allowed]
    if unknown:
        raise ConstructError(
            scope,
            construct_id,
            f"sizes holds {unknown[0]!r}, which is no allowed instance type",
            f"Use instance types among {', '.join(allowed)}, or extend allowed_instance_types.",
        )
    check_size_names(scope, construct_id, sizes)


def check_size_names(scope: Construct, construct_id: str, sizes: Collection[str]) -> None:
    """Refuse names that users cannot choose from.

    Args:
        scope: The scope of the product.
        construct_id: Its id.
        sizes: The names.

    Raises:
        ConstructError: There is none, or the mapping of a template cannot hold one.
    """
    if not sizes:
        raise ConstructError(scope, construct_id, "sizes is empty", "Name at least one.")
    if misnamed := [name for name in sizes if not re.fullmatch(r"[A-Za-z0-9.-]{1,255}", name)]:
        raise ConstructError(
            scope,
            construct_id,
            f"sizes holds the name {misnamed[0]!r}",
            "Name sizes with letters, digits, '.' and '-'.",
        )


def check_project_sizes(
    scope: Construct,
    construct_id: str,
    project_sizes: Mapping[str, Sequence[str]],
    *,
    projects: Sequence[str],
    sizes: Sequence[str],
) -> None:
    """Refuse limits of projects that name what is not there.

    Args:
        scope: The scope of the product.
        construct_id: Its id.
        project_sizes: The sizes that a project may choose.
        projects: The projects of the product.
        sizes: Its sizes.

    Raises:
        ConstructError: A project or a size is not among them, or a project may choose nothing.
    """
    for project, allowed in project_sizes.items():
        if project not in projects or not allowed or not set(allowed) <= set(sizes):
            raise ConstructError(
                scope,
                construct_id,
                f"project_sizes gives project {project!r} the sizes {list(allowed)!r}",
                f"Use projects among {', '.join(projects)} and sizes among {', '.join(sizes)}.",
            )


def check_role_projects(scope: Construct, construct_id: str, argument: str, kind: str, projects: Sequence[str]) -> None:
    """Refuse a product without a project, or with two roles for one.

    Args:
        scope: The scope of the product.
        construct_id: Its id.
        argument: The argument that gives the roles.
        kind: What the roles are for: ``notebook``.
        projects: The project of each role.

    Raises:
        ConstructError: There is no role, or a project has more than one.
    """
    if not projects:
        raise ConstructError(
            scope, construct_id, f"{argument} is empty", f"Give the {kind} role of each project that may be chosen."
        )
    if twice := sorted({project for project in projects if projects.count(project) > 1}):
        raise ConstructError(
            scope, construct_id, f"project {twice[0]!r} has more than one {kind} role", "Give one role each."
        )
