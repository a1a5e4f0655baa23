"""Conditions that many activities share: what belongs to a project."""

from __future__ import annotations

from typing import Any

from mlgov_constructs.identity.project import PROJECT_TAG


def of_project(project: str) -> dict[str, Any]:
    """Return the condition that what is acted on carries the project's tag.

    Example:
        >>> of_project("churn")
        {'StringEquals': {'aws:ResourceTag/mlgov:project': 'churn'}}
    """
    return {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": project}}


def tagged(project: str) -> dict[str, Any]:
    """Return the condition that what is created gets the project's tag.

    Example:
        >>> tagged("churn")
        {'StringEquals': {'aws:RequestTag/mlgov:project': 'churn'}}
    """
    return {"StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": project}}
