"""The one error that a construct raises when an argument cannot be used."""

from __future__ import annotations

from constructs import Construct


class ConstructError(ValueError):
    """An argument of a construct is wrong: where, what was found, what to do.

    Args:
        scope: The construct in whose scope the error was found.
        construct_id: The id of the construct that was about to be created, or
            ``None`` when ``scope`` is the construct itself.
        problem: What is wrong, with the value found.
        fix: What to do about it.

    Example:
        >>> from aws_cdk import App
        >>> error = ConstructError(App(), "Vpc", "AZ count 9 is out of range", "Use 1 to 6.")
        >>> str(error)
        '[Vpc] AZ count 9 is out of range. Use 1 to 6.'
    """

    def __init__(self, scope: Construct, construct_id: str | None, problem: str, fix: str) -> None:
        path = "/".join(part for part in (scope.node.path, construct_id) if part)
        self.path = path
        self.problem = problem
        self.fix = fix
        super().__init__(f"[{path}] {problem}. {fix}")
