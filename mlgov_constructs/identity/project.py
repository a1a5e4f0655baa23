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
TAG_KEY = re.compile(r"(?!aws:)[\w .:/=+@-]{1,128}")
TAG_VALUE = re.compile(r"[\w .:/=+@-]{1,256}")
MOST_TAGS = 50  # of a resource


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


def check_job_tags(scope: Construct, construct_id: str | None, tags: Mapping[str, str]) -> None:
    """Raise when tags cannot be given to a job beside that of its project.

    Args:
        scope: The construct in whose scope the tags are used.
        construct_id: The id of the construct that was given the tags.
        tags: The tags.

    Raises:
        ConstructError: A key or a value is none, a tag decides about access, or there are too many.

    Example:
        >>> from aws_cdk import App
        >>> check_job_tags(App(), "Pipeline", {"cost-center": "ml-1000"})
    """
    for key, value in tags.items():
        if key in {PROJECT_TAG, USER_TAG, DEPLOYED_TAG}:
            raise ConstructError(
                scope, construct_id, f"the tag {key!r} decides about access", "Leave it out: jobs have their project's."
            )
        for what, text, form in (("key", key, TAG_KEY), ("value", value, TAG_VALUE)):
            if not Token.is_unresolved(text) and not form.fullmatch(text):
                raise ConstructError(
                    scope,
                    construct_id,
                    f"{text!r} is no {what} of a tag",
                    "Use letters, digits, spaces and _.:/=+-@; a key does not begin with aws:.",
                )
    if len(tags) >= MOST_TAGS:
        raise ConstructError(
            scope,
            construct_id,
            f"{len(tags)} tags are too many",
            f"Give {MOST_TAGS - 1} at most: one is the project's.",
        )


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
