"""What the rule of each control saw, as OSCAL observations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trestle.oscal import common as oscal

from mlgov_constructs.controls import Finding
from mlgov_constructs.evidence.acceptance import Acknowledgment
from mlgov_constructs.evidence.evidence import ControlEvidence, ControlStatus, Evidence, JudgedResource, Verdict
from mlgov_constructs.evidence.oscal.vocabulary import item_uuid, one_line, prop, template_uuid, tool_uuid, uuid_of

# Of NIST's four methods (EXAMINE, INTERVIEW, TEST, UNKNOWN) the one that machines can use.
METHOD = "TEST"
RESULTS = {Verdict.PASSED: "pass", Verdict.FAILED: "fail", Verdict.DEVIATION: "deviation"}


def observation_uuid(evidence: Evidence, control_id: str) -> str:
    """Return the identifier of what was observed of a control.

    Args:
        evidence: The environment.
        control_id: The control.
    """
    return uuid_of("observation", evidence.environment, control_id)


def origin(evidence: Evidence) -> oscal.Origin:
    """Return who observed and found it: the check.

    Args:
        evidence: The environment.
    """
    return oscal.Origin(actors=[oscal.OriginActor(type="tool", actor_uuid=tool_uuid(evidence))])


def observations(evidence: Evidence) -> list[oscal.Observation]:
    """Return one observation for each control, then one for each finding of another rule pack, accepted or not.

    Args:
        evidence: What the templates of an environment prove.
    """
    return [
        *(_control(each, evidence) for each in evidence.controls),
        *(_acknowledged(each, evidence) for each in evidence.acknowledgments),
        *_standing(evidence),
    ]


def _control(proved: ControlEvidence, evidence: Evidence) -> oscal.Observation:
    control = proved.control
    findings = {(each.template.as_posix(), each.logical_id): each for each in proved.findings}
    return oscal.Observation(
        uuid=observation_uuid(evidence, control.id),
        title=f"{control.id}: {control.title}",
        description=_description(proved),
        props=[prop("control-id", control.id), prop("status", proved.status.value), prop("rule", control.rule_name)],
        methods=[METHOD],
        types=["control-objective"],
        origins=[origin(evidence)],
        subjects=[
            *(_resource(each, findings, evidence) for each in proved.resources),
            *_templates(proved, evidence),
        ]
        or None,
        relevant_evidence=_evidence(proved, evidence),
        collected=evidence.timestamp,
    )


def _description(proved: ControlEvidence) -> str:
    if proved.status is ControlStatus.NOT_APPLICABLE:
        return "No template has a resource that the rule speaks of."
    if not proved.resources:
        return f"The rule {proved.control.rule_name} judged the templates as a whole."
    counted = Counter(each.verdict for each in proved.resources)
    verdicts = ", ".join(f"{counted[verdict]} {verdict.value}" for verdict in Verdict if counted[verdict])
    return f"The rule {proved.control.rule_name} judged resources, {len(proved.resources)} in all: {verdicts}."


def _resource(
    judged: JudgedResource, findings: dict[tuple[str, str], Finding], evidence: Evidence
) -> oscal.SubjectReference:
    resource = judged.resource
    finding = findings.get((resource.template, resource.logical_id))
    return oscal.SubjectReference(
        subject_uuid=item_uuid(evidence, resource.template, resource.logical_id),
        type="inventory-item",
        title=f"{resource.logical_id} ({resource.type})",
        props=[
            prop("result", RESULTS[judged.verdict]),
            prop("claimed", "yes" if judged.claimed else "no"),
            *_why(finding),
        ],
    )


def _why(finding: Finding | None) -> Iterator[oscal.Property]:
    if finding is not None:
        yield from (prop("message", message) for message in finding.messages if message.strip())
        yield prop("line", str(finding.line))
        if finding.reason:
            yield prop("reason", finding.reason)


def _templates(proved: ControlEvidence, evidence: Evidence) -> Iterator[oscal.SubjectReference]:
    """The templates that do not meet a demand which is on a template as a whole."""
    for finding in proved.findings:
        if not finding.logical_id:
            yield oscal.SubjectReference(
                subject_uuid=template_uuid(evidence, finding.template.as_posix()),
                type="resource",
                title=finding.template.as_posix(),
                props=[prop("result", "deviation" if finding.reason else "fail"), *_why(finding)],
            )


def _evidence(proved: ControlEvidence, evidence: Evidence) -> list[oscal.RelevantEvidence]:
    """The templates that were judged; all of them where none has a resource of the kind."""
    judged = {each.resource.template for each in proved.resources}
    return [
        oscal.RelevantEvidence(href=f"#{template_uuid(evidence, each.name)}", description=f"The template {each.name}.")
        for each in evidence.templates
        if not judged or each.name in judged
    ]


def _acknowledged(accepted: Acknowledgment, evidence: Evidence) -> oscal.Observation:
    return oscal.Observation(
        uuid=uuid_of("acknowledgment", evidence.environment, accepted.id, accepted.construct_path),
        title=f"{accepted.id} was accepted",
        description=f"{accepted.construct_path}: {accepted.reason}",
        props=[
            prop("rule-pack", accepted.pack),
            prop("rule", accepted.rule),
            *([] if accepted.findings is None else [prop("findings", str(accepted.findings))]),
        ],
        methods=["EXAMINE"],
        types=["mitigation"],
        origins=[origin(evidence)],
        collected=evidence.timestamp,
    )


def _standing(evidence: Evidence) -> Iterator[oscal.Observation]:
    found = {
        (pack.name, finding.rule, finding.construct_path): finding
        for pack in evidence.packs
        for finding in pack.findings
    }
    for (pack, rule, construct_path), finding in found.items():
        yield oscal.Observation(
            uuid=uuid_of("pack finding", evidence.environment, pack, rule, construct_path),
            title=one_line(f"{pack}::{rule} stands"),
            description=f"{construct_path}: {finding.description}",
            props=[prop("rule-pack", pack), prop("rule", rule), prop("result", RESULTS[Verdict.FAILED])],
            methods=[METHOD],
            types=["finding"],
            origins=[origin(evidence)],
            collected=evidence.timestamp,
        )
