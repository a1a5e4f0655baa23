"""What somebody accepted by name, each with the reason that an auditor reads."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deviation:
    """A relaxation that a construct was given.

    Attributes:
        control: The id of the control that it deviates from.
        reason: Why.
        template: The name of the template.
        logical_id: The resource that carries it.
        type: The type of that resource.
        construct_path: Its construct.
        found: Whether the rule finds the deviation; one that it does not find may go.
    """

    control: str
    reason: str
    template: str
    logical_id: str
    type: str
    construct_path: str
    found: bool


@dataclass(frozen=True, slots=True)
class GrantedException:
    """Permission for a resource in the account not to meet a control until a day.

    Attributes:
        control: The control: an id of the catalogue, or one of Security Hub.
        resource: The ARN or id; every resource when ``*``.
        reason: Why.
        expires: The last day on which it holds.
        template: The name of the template.
        logical_id: The resource that takes it into account.
    """

    control: str
    resource: str
    reason: str
    expires: datetime.date
    template: str
    logical_id: str


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    """A finding of another rule pack that the app accepted.

    Attributes:
        id: The finding, ``Pack::Rule``.
        construct_path: The construct that it was accepted on; its children are covered too.
        reason: Why.
        findings: How many findings it covers; ``None`` when the report of the synthesis has no word of its pack.
    """

    id: str
    construct_path: str
    reason: str
    findings: int | None

    @property
    def pack(self) -> str:
        """The pack of the rule."""
        return self.id.partition("::")[0]

    @property
    def rule(self) -> str:
        """The rule in the pack."""
        return self.id.partition("::")[2]


@dataclass(frozen=True, slots=True)
class PackFinding:
    """What a rule pack found and nobody accepted.

    Attributes:
        rule: The rule.
        description: What it demands.
        severity: How bad it is, in the pack's words.
        construct_path: The construct.
    """

    rule: str
    description: str
    severity: str
    construct_path: str


@dataclass(frozen=True, slots=True)
class PackReport:
    """What one rule pack, or another check, reported at the synthesis.

    Attributes:
        name: The pack.
        findings: What stands.
        acknowledged: How many findings were accepted.
        error: Why it could not run; empty when it ran.
    """

    name: str
    findings: tuple[PackFinding, ...]
    acknowledged: int
    error: str

    @property
    def standing(self) -> int:
        """How many findings stand."""
        return len(self.findings)

    @property
    def passed(self) -> bool:
        """Whether it ran and nothing stands."""
        return not self.findings and not self.error


@dataclass(frozen=True, slots=True)
class PackRule:
    """What a pack that ran said by one of its rules, one that a control is mapped to.

    Attributes:
        pack: The pack.
        rule: The rule.
        findings: How many of its findings stand.
        acknowledged: How many were accepted.
    """

    pack: str
    rule: str
    findings: int
    acknowledged: int
