"""Collects the evidence of an environment from what ``cdk synth`` wrote."""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mlgov_constructs.cli.pricing.estimate import estimate
from mlgov_constructs.cli.pricing.price_table import PriceTable
from mlgov_constructs.controls import (
    CATALOGUE,
    EXCEPTIONS_KEY,
    METADATA_KEY,
    Control,
    Finding,
    Status,
    TemplateError,
    check_templates,
)
from mlgov_constructs.controls.rule_engine import RESOURCE_TYPE
from mlgov_constructs.diagram import DiagramError, data_flow_picture, network_picture
from mlgov_constructs.evidence.acceptance import Deviation, GrantedException
from mlgov_constructs.evidence.cloud_assembly import AssemblyTemplate, CloudAssembly, EvidenceError
from mlgov_constructs.evidence.evidence import (
    MOST_BYTES,
    MOST_RESOURCES,
    ControlEvidence,
    ControlStatus,
    Evidence,
    JudgedResource,
    ResourceEvidence,
    TemplateEvidence,
    TemplateKind,
    Verdict,
)
from mlgov_constructs.evidence.pack_reports import PackReports
from mlgov_constructs.evidence.role_evidence import roles_of

DEFAULT_REGION = "us-east-1"
VERDICTS = {Status.FAILED: Verdict.FAILED, Status.DEVIATION: Verdict.DEVIATION}


def collect(
    cdk_out: Path, *, timestamp: datetime.datetime, controls: Iterable[Control] = CATALOGUE.values()
) -> Evidence:
    """Judge the templates of a cloud assembly and collect what they prove.

    Args:
        cdk_out: The folder that ``cdk synth`` wrote.
        timestamp: When the evidence is made, with its time zone.
        controls: The controls to prove; the whole catalogue when omitted.

    Returns:
        The evidence: the same for the same input, but for the timestamp.

    Raises:
        EvidenceError: The folder is no cloud assembly, a template cannot be read, or one is over
            the limits of CloudFormation.
    """
    assembly = CloudAssembly(cdk_out)
    templates = tuple(_template(template) for template in assembly.templates)
    # A product costs nothing, and draws nothing, until somebody launches it.
    stacks = [cdk_out / each.name for each in templates if each.kind is not TemplateKind.PRODUCT]
    judged = tuple(controls)
    findings = _findings(assembly.templates, judged)
    deviations = list(_deviations(assembly.templates, findings))
    reports = PackReports(assembly)
    resources = tuple(
        ResourceEvidence(
            template=template.name,
            logical_id=logical_id,
            type=resource["Type"],
            construct_path=template.construct(logical_id),
            claims=tuple(_record(resource).get("controls", ())),
        )
        for template in assembly.templates
        for logical_id, resource in template.resources.items()
    )
    return Evidence(
        environment=assembly.environment,
        timestamp=timestamp,
        version=version("mlgov-constructs"),
        folder=cdk_out,
        templates=templates,
        resources=resources,
        controls=tuple(_control(control, resources, findings, deviations, reports) for control in judged),
        acknowledgments=tuple(reports.acknowledgments()),
        exceptions=tuple(_exceptions(assembly.templates)),
        packs=tuple(reports.packs),
        roles=roles_of(cdk_out),
        cost=estimate(stacks, PriceTable.default(), region=None, default_region=DEFAULT_REGION),
        network=_picture(network_picture, stacks),
        data_flow=_picture(data_flow_picture, stacks),
    )


def _template(template: AssemblyTemplate) -> TemplateEvidence:
    content = template.text.encode()
    found = TemplateEvidence(
        name=template.name,
        stack=template.stack,
        kind=template.kind,
        region=template.region,
        sha256=hashlib.sha256(content).hexdigest(),
        resources=len(template.resources),
        size=len(content),
    )
    if found.fullness > 1:
        msg = (
            f"{found.name}: has {found.resources} resources and {found.size:,} bytes, and CloudFormation takes "
            f"{MOST_RESOURCES} and {MOST_BYTES:,}: it cannot be deployed. Split the stack."
        )
        raise EvidenceError(msg)
    return found


def _picture(draw: Callable[[Sequence[Path]], str], stacks: Sequence[Path]) -> str:
    try:
        return draw(stacks)
    except DiagramError:
        # There is nothing to draw; that the templates can be read is known by now.
        return ""


def _findings(templates: Sequence[AssemblyTemplate], controls: Sequence[Control]) -> dict[str, list[Finding]]:
    """What the rules find, by control, with the construct that the assembly names."""
    found: dict[str, list[Finding]] = defaultdict(list)
    # The name alone: the evidence does not depend on where the assembly lies.
    checked = check_templates([(Path(template.name), template.text) for template in templates], controls)
    for template, findings in zip(templates, checked, strict=True):
        if isinstance(findings, TemplateError):
            raise EvidenceError(str(findings)) from findings
        for finding in findings:
            path = template.construct(finding.logical_id) or finding.construct_path
            found[finding.control.id].append(replace(finding, construct_path=path))
    return found


def _control(
    control: Control,
    resources: Sequence[ResourceEvidence],
    findings: dict[str, list[Finding]],
    deviations: Sequence[Deviation],
    reports: PackReports,
) -> ControlEvidence:
    own = findings.get(control.id, [])
    accepted = tuple(each for each in deviations if each.control == control.id)
    verdicts = {(finding.template.as_posix(), finding.logical_id): VERDICTS[finding.status] for finding in own}
    types = frozenset(RESOURCE_TYPE.findall(control.guard_rule))
    judged = tuple(
        JudgedResource(
            resource=each,
            verdict=verdicts.get((each.template, each.logical_id), Verdict.PASSED),
            claimed=control.id in each.claims,
        )
        for each in resources
        if each.type in types or control.id in each.claims or (each.template, each.logical_id) in verdicts
    )
    if any(finding.status is Status.FAILED for finding in own):
        status = ControlStatus.FAILED
    elif own or accepted:
        status = ControlStatus.DEVIATION
    else:
        # A rule that names no type speaks of every template.
        status = ControlStatus.SATISFIED if judged or not types else ControlStatus.NOT_APPLICABLE
    return ControlEvidence(control, status, judged, tuple(own), accepted, tuple(reports.of_control(control)))


def _deviations(templates: Sequence[AssemblyTemplate], findings: dict[str, list[Finding]]) -> Iterator[Deviation]:
    for template in templates:
        for logical_id, resource in template.resources.items():
            for deviation in _record(resource).get("deviations", ()):
                control = deviation["control"]
                yield Deviation(
                    control=control,
                    reason=deviation["reason"],
                    template=template.name,
                    logical_id=logical_id,
                    type=resource["Type"],
                    construct_path=template.construct(logical_id),
                    found=any(
                        finding.template == Path(template.name) and finding.logical_id in (logical_id, "")
                        for finding in findings.get(control, ())
                    ),
                )


def _exceptions(templates: Sequence[AssemblyTemplate]) -> Iterator[GrantedException]:
    for template in templates:
        for logical_id, resource in template.resources.items():
            for granted in (resource.get("Metadata") or {}).get(EXCEPTIONS_KEY, ()):
                yield GrantedException(
                    control=granted["control"],
                    resource=granted["resource"],
                    reason=granted["reason"],
                    expires=datetime.date.fromisoformat(granted["expires"]),
                    template=template.name,
                    logical_id=logical_id,
                )


def _record(resource: dict[str, Any]) -> dict[str, Any]:
    """What a construct says of itself."""
    metadata = resource.get("Metadata")
    record = metadata.get(METADATA_KEY) if isinstance(metadata, dict) else None
    return record if isinstance(record, dict) else {}
