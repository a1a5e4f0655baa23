"""Everything that the evidence of an environment says, before it is written in one form or another."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from mlgov_constructs.cli.pricing.estimate import Estimate
from mlgov_constructs.controls import Control, Finding
from mlgov_constructs.evidence.acceptance import Acknowledgment, Deviation, GrantedException, PackReport, PackRule
from mlgov_constructs.evidence.area import Area, area_of
from mlgov_constructs.evidence.role_evidence import RoleEvidence

# Quotas of CloudFormation, a template in S3.
MOST_RESOURCES, MOST_BYTES = 500, 1_000_000


class ControlStatus(StrEnum):
    """What the templates say of a control, the worst first."""

    FAILED = "failed"
    DEVIATION = "deviation"
    SATISFIED = "satisfied"
    NOT_APPLICABLE = "not applicable"


class Verdict(StrEnum):
    """What the rule of a control says of one resource."""

    FAILED = "failed"
    DEVIATION = "deviation"
    PASSED = "passed"


class TemplateKind(StrEnum):
    """What becomes of a template."""

    STACK = "stack"
    NESTED = "nested stack"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class TemplateEvidence:
    """One template that was judged.

    Attributes:
        name: The file, from the folder of the assembly.
        stack: The stack's or the product's path in the app.
        kind: What becomes of it.
        region: Its region; empty when it may be deployed anywhere.
        sha256: The hash of the file, so that the evidence can be held against it.
        resources: How many resources it has.
        size: How many bytes it has.
    """

    name: str
    stack: str
    kind: TemplateKind
    region: str
    sha256: str
    resources: int
    size: int

    @property
    def fullness(self) -> float:
        """How much of CloudFormation's nearest limit it uses, from 0 to 1."""
        return max(self.resources / MOST_RESOURCES, self.size / MOST_BYTES)


@dataclass(frozen=True, slots=True)
class ResourceEvidence:
    """One resource of a template.

    Attributes:
        template: The name of its template.
        logical_id: Its id there.
        type: Its CloudFormation type.
        construct_path: Its construct in the app; empty where nothing tells.
        claims: Ids of the controls that its construct says it implements.
    """

    template: str
    logical_id: str
    type: str
    construct_path: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgedResource:
    """A resource that the rule of a control speaks of.

    Attributes:
        resource: The resource.
        verdict: What the rule says.
        claimed: Whether its construct says that it implements the control.
    """

    resource: ResourceEvidence
    verdict: Verdict
    claimed: bool


@dataclass(frozen=True, slots=True)
class ControlEvidence:
    """What the templates prove of one control.

    Attributes:
        control: The control.
        status: The worst of what was found.
        resources: The resources of the types that its rule names, and those that claim it.
        findings: What the rule found: failures, and deviations with their reasons.
        deviations: The relaxations that are recorded for it, found by the rule or not.
        packs: What other packs, those that ran, say by the rules that it is mapped to.
    """

    control: Control
    status: ControlStatus
    resources: tuple[JudgedResource, ...]
    findings: tuple[Finding, ...]
    deviations: tuple[Deviation, ...]
    packs: tuple[PackRule, ...]

    @property
    def area(self) -> Area:
        """The area of the control."""
        return area_of(self.control.id)


@dataclass(frozen=True)
class Evidence:
    """What the templates of an environment prove.

    Attributes:
        environment: The name of the environment.
        timestamp: When the evidence was made: the only thing in it that the input does not decide.
        version: The version of the catalogue's distribution.
        folder: The cloud assembly.
        templates: Its templates, stacks before what they contain.
        resources: Their resources, in the order of the templates.
        controls: Every control of the catalogue, in its order.
        acknowledgments: Findings of other rule packs that the app accepted with a reason.
        exceptions: Exceptions that were granted until a day.
        packs: What the rule packs that ran at the synthesis reported.
        roles: The roles of its stacks, and what they may do.
        cost: What its stacks cost every month.
        network: The picture of its network, SVG; empty when no stack has a VPC.
        data_flow: The picture of its flow of data, SVG; empty when nothing flows.
    """

    environment: str
    timestamp: datetime.datetime
    version: str
    folder: Path
    templates: tuple[TemplateEvidence, ...]
    resources: tuple[ResourceEvidence, ...]
    controls: tuple[ControlEvidence, ...]
    acknowledgments: tuple[Acknowledgment, ...]
    exceptions: tuple[GrantedException, ...]
    packs: tuple[PackReport, ...]
    roles: tuple[RoleEvidence, ...]
    cost: Estimate
    network: str
    data_flow: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, in the order of the controls."""
        return tuple(finding for each in self.controls for finding in each.findings)

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """Every recorded relaxation, in the order of the controls."""
        return tuple(deviation for each in self.controls for deviation in each.deviations)

    @property
    def expired(self) -> tuple[GrantedException, ...]:
        """The exceptions whose last day was over, in UTC, when the evidence was made."""
        today = self.timestamp.astimezone(datetime.UTC).date()
        return tuple(each for each in self.exceptions if each.expires < today)

    @cached_property
    def unjudged(self) -> dict[str, int]:
        """How many resources of each type no control speaks of."""
        judged = {
            (each.resource.template, each.resource.logical_id)
            for control in self.controls
            for each in control.resources
        }
        counted = Counter(each.type for each in self.resources if (each.template, each.logical_id) not in judged)
        return dict(sorted(counted.items()))

    @cached_property
    def by_status(self) -> dict[ControlStatus, int]:
        """The number of controls of each status, the worst first."""
        counted = Counter(each.status for each in self.controls)
        return {status: counted[status] for status in ControlStatus}

    @cached_property
    def by_area(self) -> dict[Area, tuple[ControlEvidence, ...]]:
        """The controls of each area, in the order of the catalogue."""
        areas: dict[Area, list[ControlEvidence]] = {}
        for each in self.controls:
            areas.setdefault(each.area, []).append(each)
        return {area: tuple(controls) for area, controls in areas.items()}
