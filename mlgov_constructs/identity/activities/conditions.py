"""Conditions that many activities share: what belongs to a project."""

from __future__ import annotations

from typing import Any

from mlgov_constructs.identity.project import DEPLOYED_TAG, PROJECT_TAG


def of_project(project: str) -> dict[str, Any]:
    """Return the condition that what is acted on carries the project's tag.

    Example:
        >>> of_project("churn")
        {'StringEquals': {'aws:ResourceTag/mlgov:project': 'churn'}}
    """
    return {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": project}}


def by_hand(project: str) -> dict[str, Any]:
    """Return the condition that what is acted on carries the project's tag, and that no stack keeps it.

    Example:
        >>> by_hand("churn")["Null"]
        {'aws:ResourceTag/mlgov:deployed-by': 'true'}
    """
    return {**of_project(project), "Null": {f"aws:ResourceTag/{DEPLOYED_TAG}": "true"}}


def tagged(project: str) -> dict[str, Any]:
    """Return the condition that what is created gets the project's tag.

    Example:
        >>> tagged("churn")
        {'StringEquals': {'aws:RequestTag/mlgov:project': 'churn'}}
    """
    return {"StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": project}}
