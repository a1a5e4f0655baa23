"""What must hold for a persona before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.activities import Activity, Duty
from mlgov_constructs.identity.permissions_boundary import PermissionsBoundary
from mlgov_constructs.identity.persona import Persona
from mlgov_constructs.identity.policy_size import LONGEST_POLICY, policy_size


def check_persona(
    scope: Construct, construct_id: str, persona: Persona, boundary: iam.IManagedPolicy | None = None
) -> None:
    """Refuse a persona that nobody may have.

    Args:
        scope: The construct in whose scope the persona is made.
        construct_id: The id of what is made.
        persona: The persona.
        boundary: The ceiling; what it admits is known when it is made in the same app.

    Raises:
        ConstructError: The persona has no activity, has duties that must be apart, has an
            activity that fits in no policy, or one that the boundary does not admit.
    """
    if not persona.activities:
        raise ConstructError(
            scope, construct_id, f"the persona {persona.name} has no activity", "Give it at least one activity."
        )
    check_separation(scope, construct_id, f"the persona {persona.name}", persona.duties)
    for activity in persona.activities:
        if (size := policy_size(activity.statements())) > LONGEST_POLICY:
            raise ConstructError(
                scope,
                construct_id,
                f"the activity {activity.name} of {persona.name} takes {size} characters",
                f"IAM allows {LONGEST_POLICY} in a policy: name fewer resources, or split the activity.",
            )
        if isinstance(boundary, PermissionsBoundary):
            _check_ceiling(scope, construct_id, activity, boundary)


def check_separation(scope: Construct, construct_id: str | None, who: str, duties: Iterable[Duty]) -> None:
    """Refuse duties that must be apart.

    Args:
        scope: The construct in whose scope they came together.
        construct_id: The id of what brings them together; ``None`` when it is the scope.
        who: Who would hold them, for the message.
        duties: The duties.

    Raises:
        ConstructError: Two of the duties must be apart.
    """
    if reason := Duty.conflict(duties):
        raise ConstructError(
            scope, construct_id, f"{who} breaks the separation of duties: {reason}", "Give the duties to two personas."
        )


def _check_ceiling(scope: Construct, construct_id: str, activity: Activity, boundary: PermissionsBoundary) -> None:
    ceiling = [pattern.lower() for pattern in boundary.admitted_actions]
    for action in _allowed(activity):
        if not any(fnmatchcase(action.lower(), pattern) for pattern in ceiling):
            raise ConstructError(
                scope,
                construct_id,
                f"the activity {activity.name} exceeds the boundary, which does not admit {action}",
                f"Make the boundary with additional_actions=[{action!r}], or leave the activity out.",
            )


def _allowed(activity: Activity) -> Iterator[str]:
    for statement in activity.statements():
        if statement["Effect"] == "Allow":
            actions = statement["Action"]
            yield from [actions] if isinstance(actions, str) else actions
