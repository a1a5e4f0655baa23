"""What is deployed, by service, and the controls that it implements, as an OSCAL component definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from trestle.common.const import IMPLEMENTATION_STATUS
from trestle.oscal import common as oscal
from trestle.oscal import component as model

from mlgov_constructs.evidence.evidence import ControlEvidence, ControlStatus, Evidence, ResourceEvidence
from mlgov_constructs.evidence.oscal.vocabulary import (
    CATALOG,
    COMPONENTS,
    NIST,
    NIST_FRAMEWORK,
    NIST_SOURCE,
    TOOL,
    component_uuid,
    document_uuid,
    metadata,
    nist_id,
    prop,
    rule_props,
    service_of,
    tool_uuid,
    trestle_prop,
    uuid_of,
)

IMPLEMENTATION = {
    ControlStatus.SATISFIED: "implemented",
    ControlStatus.DEVIATION: "partial",
    ControlStatus.FAILED: "partial",
}


def component_definition(evidence: Evidence) -> model.ComponentDefinition:
    """Return the components of an environment and what they implement.

    A component is what the templates hold of one service. It implements the controls that its resources
    claim, or that speak of their types; of NIST SP 800-53 it implements a part, for a template proves
    configuration and nothing that people do. The last component is the check that validates the others.

    Args:
        evidence: What the templates of an environment prove.
    """
    sets = {each.control.id: f"rule_set_{number:03}" for number, each in enumerate(evidence.controls)}
    services = sorted({service_of(each.type) for each in evidence.resources})
    return model.ComponentDefinition(
        uuid=document_uuid(COMPONENTS, evidence),
        metadata=metadata(f"Components of {evidence.environment}", evidence),
        components=[
            *(_service(service, _controls_of(evidence.controls, service), sets, evidence) for service in services),
            _validation(sets, evidence),
        ],
    )


def _service(
    service: str, controls: Sequence[ControlEvidence], sets: dict[str, str], evidence: Evidence
) -> model.DefinedComponent:
    resources = [each for each in evidence.resources if service_of(each.type) == service]
    return model.DefinedComponent(
        uuid=component_uuid(evidence, service),
        type="service",
        title=service,
        description=f"{len(resources)} resources of {service} in the templates of {evidence.environment}.",
        props=[each for proved in controls for each in rule_props(proved.control, sets[proved.control.id])] or None,
        control_implementations=_implementations(service, controls, evidence) or None,
    )


def _implementers(proved: ControlEvidence) -> tuple[ResourceEvidence, ...]:
    """Return the resources that implement a control: those that claim it, or all of its types where none does."""
    claimed = tuple(each.resource for each in proved.resources if each.claimed)
    return claimed or tuple(each.resource for each in proved.resources)


def _controls_of(controls: Sequence[ControlEvidence], service: str) -> list[ControlEvidence]:
    """Return the controls that resources of a service implement, in the order of the catalogue."""
    return [each for each in controls if any(service_of(resource.type) == service for resource in _implementers(each))]


def _implementations(
    service: str, controls: Sequence[ControlEvidence], evidence: Evidence
) -> list[model.ControlImplementation]:
    if not controls:
        return []
    by_nist: dict[str, list[ControlEvidence]] = defaultdict(list)
    for each in controls:
        for mapping in each.control.mappings:
            if mapping.framework == NIST_FRAMEWORK:
                by_nist[nist_id(mapping.id)].append(each)
    own = model.ControlImplementation(
        uuid=uuid_of("implementation", evidence.environment, service, CATALOG),
        source=CATALOG,
        description="What the resources implement of the controls of mlgov-constructs, each proved by its rule.",
        implemented_requirements=[_own(service, each, evidence) for each in controls],
    )
    if not by_nist:
        return [own]
    nist = model.ControlImplementation(
        uuid=uuid_of("implementation", evidence.environment, service, NIST),
        source=NIST_SOURCE,
        description=f"What the same controls contribute to {NIST}.",
        implemented_requirements=[_nist(service, each, by_nist[each], evidence) for each in sorted(by_nist)],
    )
    return [own, nist]


def _own(service: str, proved: ControlEvidence, evidence: Evidence) -> model.ImplementedRequirement:
    count = sum(service_of(each.type) == service for each in _implementers(proved))
    claimed = any(each.claimed for each in proved.resources)
    return model.ImplementedRequirement(
        uuid=uuid_of("requirement", evidence.environment, service, proved.control.id),
        control_id=proved.control.id,
        description=f"{proved.control.statement} {count} resources of {service} "
        + ("are built to meet this." if claimed else "are of the types that this speaks of."),
        props=[*_rules([proved]), trestle_prop(IMPLEMENTATION_STATUS, IMPLEMENTATION[proved.status])],
        remarks="\n".join(f"Deviation of {each.construct_path}: {each.reason}" for each in proved.deviations) or None,
    )


def _nist(
    service: str, identifier: str, proved: Sequence[ControlEvidence], evidence: Evidence
) -> model.ImplementedRequirement:
    names = ", ".join(each.control.id for each in proved)
    return model.ImplementedRequirement(
        uuid=uuid_of("requirement", evidence.environment, service, NIST, identifier),
        control_id=identifier,
        description=f"Contributes by {names}: " + "; ".join(each.control.title for each in proved) + ".",
        props=[
            *_rules(proved),
            *(
                prop("mapping", each.control.id, class_="published" if _is_published(each, identifier) else "ours")
                for each in proved
            ),
            trestle_prop(IMPLEMENTATION_STATUS, "partial"),
        ],
    )


def _is_published(proved: ControlEvidence, identifier: str) -> bool:
    return any(
        mapping.published and mapping.framework == NIST_FRAMEWORK and nist_id(mapping.id) == identifier
        for mapping in proved.control.mappings
    )


def _rules(proved: Iterable[ControlEvidence]) -> list[oscal.Property]:
    return [trestle_prop("Rule_Id", each.control.rule_name) for each in proved]


def _validation(sets: dict[str, str], evidence: Evidence) -> model.DefinedComponent:
    return model.DefinedComponent(
        uuid=tool_uuid(evidence),
        type="validation",
        title=TOOL,
        description="Evaluates the Guard rule of every control on the synthesized templates, offline.",
        props=[
            each
            for proved in evidence.controls
            for each in (
                *rule_props(proved.control, sets[proved.control.id]),
                trestle_prop("Check_Id", proved.control.id, sets[proved.control.id]),
                trestle_prop("Check_Description", proved.control.title, sets[proved.control.id]),
            )
        ],
    )
