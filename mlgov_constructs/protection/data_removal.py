"""Deleting data takes two keys: the argument of the construct, and a flag of the app."""

from __future__ import annotations

from aws_cdk import Annotations, RemovalPolicy
from constructs import Construct

from mlgov_constructs.controls import Relaxation

CONTEXT_FLAG = "mlgov:allowDataRemoval"
WARNING_ID = "mlgov:DataRetained"


def effective_removal_policy(scope: Construct, construct_id: str, requested: RemovalPolicy) -> RemovalPolicy:
    """Return the removal policy that may be applied.

    ``DESTROY`` is the first key. The second is the context flag ``mlgov:allowDataRemoval``;
    without it the resource is retained, and the synthesis warns with the id
    ``mlgov:DataRetained``.

    Args:
        scope: The parent of the construct that asks.
        construct_id: Its id.
        requested: What its user asked for.

    Returns:
        ``RETAIN`` where ``DESTROY`` lacks its second key, and what was requested otherwise.

    Example:
        >>> from aws_cdk import App, Stack
        >>> stack = Stack(App(context={"mlgov:allowDataRemoval": True}), "Stack")
        >>> effective_removal_policy(stack, "Bucket", RemovalPolicy.DESTROY)
        <RemovalPolicy.DESTROY: 'DESTROY'>
    """
    if requested is not RemovalPolicy.DESTROY or _removal_allowed(scope):
        return requested
    Annotations.of(scope).add_warning_v2(
        WARNING_ID,
        f"{construct_id} is retained although its removal_policy is DESTROY: deleting data takes a second key. "
        f"Set the context flag {CONTEXT_FLAG} to true to allow it.",
    )
    return RemovalPolicy.RETAIN


def removal_relaxation(effective: RemovalPolicy) -> Relaxation | None:
    """Return the deviation to record for a resource whose data may be deleted, or ``None``.

    Example:
        >>> removal_relaxation(RemovalPolicy.RETAIN) is None
        True
    """
    if effective is not RemovalPolicy.DESTROY:
        return None
    return Relaxation(f"The app allows the removal of data: removal_policy DESTROY and context {CONTEXT_FLAG}")


def _removal_allowed(scope: Construct) -> bool:
    # The CDK command line passes context as text.
    return scope.node.try_get_context(CONTEXT_FLAG) in (True, "true")
