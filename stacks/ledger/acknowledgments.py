"""The ledger of findings that are accepted, each with a reason that can be tested.

The library acknowledges nothing: whether a finding is acceptable depends on where a construct
is used, and a suppression inside a construct would be out of its user's sight. It is the
stacks that acknowledge, here, in one place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import aws_cdk as cdk
from constructs import IConstruct

# `Pack::Rule`; the bare rule would be accepted too, and leave no trace in the report.
ID = re.compile(r"[A-Za-z0-9.]+::\S.*")
SHORTEST_REASON = 30

EnvironmentT = TypeVar("EnvironmentT", bound=IConstruct)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A finding that the validation report shows as accepted.

    Attributes:
        id: The id that was acknowledged, ``Pack::Rule``.
        construct_path: The construct that it was acknowledged on.
    """

    id: str
    construct_path: str


@dataclass(frozen=True, slots=True)
class Acknowledgment(Generic[EnvironmentT]):
    """One entry of the ledger: findings on some constructs, accepted for one reason.

    Attributes:
        ids: The findings, ``Pack::Rule``; the same finding in several packs is one entry.
        constructs: Chooses the constructs out of the environment; their children are covered too.
        reason: Why the finding is acceptable; at least 30 characters.
        holds: Tells from the template of such a construct whether the reason is still true.

    Raises:
        ValueError: An id has no pack, there is none, or the reason explains nothing.

    Example:
        >>> entry = Acknowledgment(
        ...     ids=("AwsSolutions::AwsSolutions-S1",),
        ...     constructs=lambda environment: [environment],
        ...     reason="The bucket receives the access logs of all others: it cannot log to itself.",
        ...     holds=lambda template: "Resources" in template,
        ... )
    """

    ids: tuple[str, ...]
    constructs: Callable[[EnvironmentT], Iterable[IConstruct]]
    reason: str
    holds: Callable[[Mapping[str, Any]], bool]

    def __post_init__(self) -> None:
        if not self.ids:
            msg = f"An acknowledgment names no finding: {self.reason!r}. Name it as Pack::Rule."
            raise ValueError(msg)
        for each in self.ids:
            if not ID.fullmatch(each):
                msg = (
                    f"Acknowledgment of {each!r} names no pack. Write Pack::Rule, as in AwsSolutions::AwsSolutions-S1."
                )
                raise ValueError(msg)
        if len(self.reason.strip()) < SHORTEST_REASON:
            msg = f"{self.ids[0]}: {self.reason!r} is no reason. Write at least {SHORTEST_REASON} letters."
            raise ValueError(msg)


class Ledger(Generic[EnvironmentT]):
    """All acknowledgments of an environment.

    Args:
        entries: The acknowledgments; each finding on a construct has one reason.

    Example:
        >>> ledger = Ledger([])
        >>> ledger.apply(cdk.Stage(cdk.App(), "Sandbox"))
    """

    def __init__(self, entries: Sequence[Acknowledgment[EnvironmentT]]) -> None:
        self.entries = tuple(entries)

    def apply(self, environment: EnvironmentT) -> None:
        """Acknowledge every entry on the constructs it chooses; call it when the environment is complete.

        Args:
            environment: The environment.

        Raises:
            ValueError: Two entries acknowledge the same finding on the same construct.
        """
        reasons: dict[tuple[str, str], str] = {}
        for entry in self.entries:
            for construct in entry.constructs(environment):
                path, validations = construct.node.path, cdk.Validations.of(construct)
                for each in entry.ids:
                    if (each, path) in reasons:
                        msg = f"{each} is acknowledged twice on {path}. Keep one entry, with the true reason."
                        raise ValueError(msg)
                    reasons[each, path] = entry.reason
                    validations.acknowledge(cdk.Acknowledgment(id=each, reason=entry.reason))

    def unused(self, reports: Iterable[tuple[EnvironmentT, Iterable[Acknowledged]]]) -> list[str]:
        """Say which acknowledgments the packs had no use for: they must go.

        Args:
            reports: Every environment that the ledger was applied to, with what its validation
                report shows as accepted. An entry may be of use in one of them only.

        Returns:
            One sentence for each id that accepts nothing anywhere, for each construct on which
            an entry accepts nothing, and for each entry that chooses no construct.
        """
        useful: set[tuple[int, str]] = set()
        chosen: set[int] = set()
        idle: list[str] = []
        for environment, acknowledged in reports:
            used = {(each.id, each.construct_path) for each in acknowledged}
            for number, entry in enumerate(self.entries):
                for path in (construct.node.path for construct in entry.constructs(environment)):
                    ids = {each for each in entry.ids if (each, path) in used}
                    useful |= {(number, each) for each in ids}
                    chosen.add(number)
                    if not ids:
                        idle.append(f"{entry.ids[0]} on {path} accepts no finding. Choose the construct no longer.")
        for number, entry in enumerate(self.entries):
            if number not in chosen:
                idle.append(f"{entry.ids[0]} chooses no construct. Remove the entry.")
                continue
            idle += [
                f"{each} accepts no finding. Remove it from the entry {entry.reason!r}."
                for each in entry.ids
                if (number, each) not in useful
            ]
        return idle

    def untrue(self, environment: EnvironmentT) -> list[str]:
        """Say which reasons the templates do not bear out.

        Args:
            environment: The environment; it is synthesized when it has not been.

        Returns:
            One sentence for each construct whose template makes the reason false.
        """
        faults = []
        for entry in self.entries:
            for construct in entry.constructs(environment):
                stage, stack = cdk.Stage.of(construct), cdk.Stack.of(construct)
                folder = Path(stage.synth().directory) if stage else Path()
                file = folder / stack.template_file
                if not entry.holds(json.loads(file.read_text(encoding="utf-8"))):
                    faults.append(
                        f"{entry.ids[0]} on {construct.node.path}: {file.name} does not bear out {entry.reason!r}."
                    )
        return faults
