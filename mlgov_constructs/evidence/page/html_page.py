"""The evidence as one page that needs nothing beside itself: no network, no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import groupby

import jinja2
from markupsafe import Markup

from mlgov_constructs.controls import Severity
from mlgov_constructs.evidence.acceptance import Acknowledgment
from mlgov_constructs.evidence.evidence import ControlEvidence, ControlStatus, Evidence
from mlgov_constructs.evidence.ksi import key_security_indicators

# A colour never stands alone: each status has its sign and its word.
SIGNS = {
    ControlStatus.FAILED: "✕",
    ControlStatus.DEVIATION: "!",
    ControlStatus.SATISFIED: "✓",
    ControlStatus.NOT_APPLICABLE: "○",
}
FRAMEWORKS = {
    "securityhub": "AWS Security Hub",
    "config": "AWS Config rules",
    "cdk-nag": "cdk-nag",
    "nist-800-53-r5": "NIST SP 800-53 Rev. 5",
    "ml-lens": "AWS Well-Architected Machine Learning Lens",
    "fedramp-ksi": "FedRAMP key security indicators",
    "checkov": "Checkov",
    "prowler": "Prowler",
}
WORST_FIRST = list(ControlStatus)
SECTIONS = (
    ("posture", "Posture"),
    ("accepted", "Deviations and exceptions"),
    ("controls", "Controls"),
    ("packs", "Other rule packs"),
    ("pictures", "Network and data"),
    ("access", "Access"),
    ("cost", "Cost"),
    ("indicators", "FedRAMP indicators"),
    ("frameworks", "Other catalogues"),
    ("templates", "Templates"),
    ("about", "How to read this"),
)


@dataclass(frozen=True, slots=True)
class FrameworkId:
    """An id of another catalogue, and the controls that are mapped to it.

    Attributes:
        id: The id.
        controls: The controls, each with whether the publisher states the mapping.
        status: The worst of their statuses that apply.
    """

    id: str
    controls: tuple[tuple[ControlEvidence, bool], ...]
    status: ControlStatus


@dataclass(frozen=True, slots=True)
class AcceptedFindings:
    """Findings of other packs that were accepted for the same reason.

    Attributes:
        reason: The reason.
        acknowledgments: What was accepted.
        findings: How many findings that covers; ``None`` when no pack of them reported.
    """

    reason: str
    acknowledgments: tuple[Acknowledgment, ...]
    findings: int | None

    @property
    def rules(self) -> list[str]:
        """The rules, each once, without what tells several findings of one apart."""
        return sorted({each.rule.partition("[")[0] for each in self.acknowledgments})


def html_page(evidence: Evidence) -> str:
    """Write the evidence as a page.

    Everything that comes from a template is escaped, and the page allows itself nothing but its own
    script and style.

    Args:
        evidence: The evidence.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mlgov_constructs.evidence.page", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short_type"] = lambda resource_type: resource_type.removeprefix("AWS::")
    environment.filters["counted"] = _counted
    style, script = _own("style.css"), _own("script.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("index.html").render(
        evidence=evidence,
        sections=SECTIONS,
        regions=sorted({template.region for template in evidence.templates if template.region}),
        network=Markup(evidence.network),  # noqa: S704 - drawn with every name escaped
        data_flow=Markup(evidence.data_flow),  # noqa: S704 - the same
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        script_digest=digest,
        signs=SIGNS,
        statuses=list(ControlStatus),
        severities=list(Severity),
        status_of=ControlStatus,
        stacks={template.name: template.stack for template in evidence.templates},
        roles={stack: list(roles) for stack, roles in groupby(evidence.roles, key=lambda role: role.stack)},
        indicators=key_security_indicators(evidence),
        frameworks=_frameworks(evidence),
        accepted=_accepted(evidence.acknowledgments),
    )


def _own(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def _frameworks(evidence: Evidence) -> Mapping[str, list[FrameworkId]]:
    """What each other catalogue asks for, and what answers it here."""
    found: dict[str, dict[str, list[tuple[ControlEvidence, bool]]]] = {}
    for each in evidence.controls:
        for mapping in each.control.mappings:
            ids = found.setdefault(mapping.framework, {})
            ids.setdefault(mapping.id, []).append((each, mapping.published))
    known = sorted(found, key=lambda name: (list(FRAMEWORKS).index(name) if name in FRAMEWORKS else 99, name))
    return {
        FRAMEWORKS.get(framework, framework): [
            FrameworkId(id_, tuple(controls), min((each.status for each, _ in controls), key=WORST_FIRST.index))
            for id_, controls in sorted(found[framework].items(), key=lambda item: _natural(item[0]))
        ]
        for framework in known
    }


def _natural(text: str) -> list[tuple[int, str]]:
    """Sorts SageMaker.2 before SageMaker.10."""
    parts: list[tuple[int, str]] = []
    for digits, group in groupby(text, key=str.isdigit):
        part = "".join(group)
        parts.append((int(part), "") if digits else (-1, part))
    return parts


def _accepted(acknowledgments: Iterable[Acknowledgment]) -> list[AcceptedFindings]:
    reasons: dict[str, list[Acknowledgment]] = {}
    for each in acknowledgments:
        reasons.setdefault(each.reason, []).append(each)
    groups = [AcceptedFindings(reason, tuple(group), _covered(group)) for reason, group in reasons.items()]
    return sorted(groups, key=lambda group: (-(group.findings or 0), group.reason))


def _covered(acknowledgments: Iterable[Acknowledgment]) -> int | None:
    known = [each.findings for each in acknowledgments if each.findings is not None]
    return sum(known) if known else None
