"""A project: the unit that data, jobs, notebooks and costs belong to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aws_cdk import Tags, Token
from constructs import Construct, IConstruct

from mlgov_constructs.errors import ConstructError

PROJECT_TAG = "mlgov:project"
USER_TAG = "mlgov:user"  # of what belongs to one person: a user profile, a private space
DEPLOYED_TAG = "mlgov:deployed-by"  # of what serves in the project and is changed by its stack alone
OWN_TAG_PRIORITY = 300  # of a tag; the CDK gives 100 by default
PROJECT_PATTERN = "[a-z][a-z0-9-]{1,30}"


def check_project(scope: Construct, construct_id: str | None, project: str) -> str:
    """Return the name of a project if it can be one.

    The name becomes a tag, a prefix in buckets and a part of job names, so it has the
    characters that all of them allow.

    Args:
        scope: The construct in whose scope the name is used.
        construct_id: The id of the construct that was given the name.
        project: 2 to 31 lower-case letters, digits and hyphens, beginning with a letter.

    Returns:
        The name, unchanged.

    Raises:
        ConstructError: The name has another form.

    Example:
        >>> from aws_cdk import App
        >>> check_project(App(), "Role", "churn")
        'churn'
    """
    if not Token.is_unresolved(project) and not re.fullmatch(PROJECT_PATTERN, project):
        raise ConstructError(
            scope,
            construct_id,
            f"project {project!r} is no project name",
            "Use 2 to 31 lower-case letters, digits and hyphens, beginning with a letter.",
        )
    return project


def set_own_tags(resource: IConstruct, tags: Mapping[str, str]) -> None:
    """Give a resource tags that decide about access, which a tag of the app must not outrank.

    Tags of the app are meant for what has none.

    Args:
        resource: The resource, or a construct with it.
        tags: The tags.

    Example:
        >>> from aws_cdk import App, Stack
        >>> set_own_tags(Stack(App(), "Stack"), {PROJECT_TAG: "churn"})
    """
    for key, value in tags.items():
        Tags.of(resource).add(key, value, priority=OWN_TAG_PRIORITY)


def set_deployed_tags(resource: IConstruct, project: str) -> None:
    """Give a resource the tags of what is the project's, and is changed by its stack and by nobody's hand.

    Who works in the project may use it. A change by hand would pass by the review of the stack, and by the approval of
    the model that it serves.

    Args:
        resource: The resource.
        project: The project.

    Example:
        >>> from aws_cdk import App, Stack
        >>> set_deployed_tags(Stack(App(), "Stack"), "churn")
    """
    set_own_tags(resource, {PROJECT_TAG: project, DEPLOYED_TAG: "stack"})
