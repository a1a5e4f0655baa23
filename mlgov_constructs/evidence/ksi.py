"""What the templates of an environment say of FedRAMP's key security indicators."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from mlgov_constructs.evidence.evidence import ControlEvidence, ControlStatus, Evidence
from mlgov_constructs.evidence.ksi_methods import ValidationMethod, refusing_statements, validation_methods

FRAMEWORK = "fedramp-ksi"
# FRC-CSX-VVK of the Consolidated Rules for 2026: how strongly a class asks for how many automated methods.
CLASSES = {"B": ("SHOULD", 1), "C": ("MUST", 2), "D": ("MUST", 4)}


@dataclass(frozen=True, slots=True)
class ClassDemand:
    """What a class of certification demands of an indicator.

    Attributes:
        name: The class: B, C or D.
        force: ``SHOULD`` or ``MUST``; ``MAY`` where the indicator is optional.
        needed: How many automated methods it asks for.
        met: Whether there are as many.
    """

    name: str
    force: str
    needed: int
    met: bool


@dataclass(frozen=True, slots=True)
class KsiEvidence:
    """What the templates say of one indicator.

    Attributes:
        id: FedRAMP's id.
        title: FedRAMP's title.
        statement: FedRAMP's statement.
        nist: The controls of NIST SP 800-53 that FedRAMP relates to it.
        optional: The classes that it is optional in.
        controls: The controls of our catalogue that evidence it, which is this library's judgement.
        methods: The automated methods that judge some of them, each with those only.
        refusals: The statements of policies that refuse what one of them forbids.
    """

    id: str
    title: str
    statement: str
    nist: tuple[str, ...]
    optional: tuple[str, ...]
    controls: tuple[ControlEvidence, ...]
    methods: tuple[ValidationMethod, ...]
    refusals: tuple[str, ...]

    @property
    def status(self) -> ControlStatus:
        """The worst status of its controls; not applicable when the templates have nothing to judge."""
        found = {each.status for each in self.controls}
        return next((status for status in ControlStatus if status in found), ControlStatus.NOT_APPLICABLE)

    @property
    def classes(self) -> tuple[ClassDemand, ...]:
        """What each class demands, and whether it is met."""
        return tuple(
            ClassDemand(name, "MAY" if name in self.optional else force, needed, len(self.methods) >= needed)
            for name, (force, needed) in CLASSES.items()
        )

    @property
    def summary(self) -> str:
        """One sentence for people."""
        counted = Counter(each.status for each in self.controls)
        controls = ", ".join(f"{counted[status]} {status.value}" for status in ControlStatus if counted[status])
        met = [each.name for each in self.classes if each.met]
        count = len(self.methods)
        return (
            f"{len(self.controls)} controls: {controls or 'none'}. {count} automated method{'' if count == 1 else 's'}"
            + (f", enough for class {' and '.join(met)}." if met else ", enough for no class.")
        )


def key_security_indicators(evidence: Evidence) -> tuple[KsiEvidence, ...]:
    """Return what the templates say of each indicator that the catalogue's controls evidence.

    A method counts for an indicator when the assembly proves that it is there and it judges at
    least one of the indicator's controls that has something to judge. What happens elsewhere, such
    as a test of access in a pipeline, is not counted: its owner adds it.

    Args:
        evidence: What the templates of an environment prove.

    Raises:
        KeyError: The catalogue names an indicator that is not declared here.
    """
    methods = validation_methods(evidence)
    refusing = refusing_statements(evidence)
    found: dict[str, list[ControlEvidence]] = {name: [] for name in _declared()}
    for each in evidence.controls:
        for mapping in each.control.mappings:
            if mapping.framework == FRAMEWORK:
                found[mapping.id].append(each)
    return tuple(_indicator(name, tuple(controls), methods, refusing) for name, controls in found.items())


def _indicator(
    name: str,
    controls: tuple[ControlEvidence, ...],
    methods: tuple[ValidationMethod, ...],
    refusing: dict[str, tuple[str, ...]],
) -> KsiEvidence:
    declared = _declared()[name]
    judged = frozenset(each.control.id for each in controls if each.status is not ControlStatus.NOT_APPLICABLE)
    return KsiEvidence(
        id=name,
        title=declared["title"],
        statement=declared["statement"],
        nist=tuple(declared["nist"]),
        optional=tuple(declared.get("optional", ())),
        controls=controls,
        methods=tuple(
            ValidationMethod(each.id, each.title, each.when, each.controls & judged)
            for each in methods
            if each.controls & judged
        ),
        refusals=tuple(sorted({statement for each in controls for statement in refusing[each.control.id]})),
    )


@cache
def _declared() -> dict[str, dict[str, Any]]:
    text = resources.files(__package__).joinpath("ksi_indicators.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
