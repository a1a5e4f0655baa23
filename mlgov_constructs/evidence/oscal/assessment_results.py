"""What the assessment of the templates found, as OSCAL assessment results."""

from __future__ import annotations

from collections.abc import Sequence

from trestle.oscal import assessment_results as model
from trestle.oscal import common as oscal

from mlgov_constructs.evidence.evidence import (
    ControlEvidence,
    ControlStatus,
    Evidence,
    ResourceEvidence,
    TemplateEvidence,
)
from mlgov_constructs.evidence.oscal.assessment_plan import assessment_assets
from mlgov_constructs.evidence.oscal.observations import observation_uuid, observations, origin
from mlgov_constructs.evidence.oscal.reviewed_controls import catalog_resource, reviewed_controls
from mlgov_constructs.evidence.oscal.risks import control_risks, exception_risks
from mlgov_constructs.evidence.oscal.vocabulary import (
    PLAN,
    RESULTS,
    component_uuid,
    document_uuid,
    item_uuid,
    metadata,
    objective,
    prop,
    service_of,
    template_uuid,
    uuid_of,
)

# A deviation is not satisfied for another reason than a failure is, and the risk tells it.
STATES = {
    ControlStatus.SATISFIED: ("satisfied", "pass", "implemented"),
    ControlStatus.DEVIATION: ("not-satisfied", "other", "partial"),
    ControlStatus.FAILED: ("not-satisfied", "fail", "partial"),
}


def assessment_results(evidence: Evidence) -> model.AssessmentResults:
    """Return what was observed, found and accepted in the templates of an environment.

    Every control has an observation. One that has something to judge has a finding too, on its
    objective in the catalogue; one that has nothing is neither satisfied nor not, and has none.

    Args:
        evidence: What the templates of an environment prove.
    """
    catalog = catalog_resource(RESULTS, evidence)
    risks = {each.control.id: control_risks(each, evidence) for each in evidence.controls}
    every_risk = [*(risk for each in risks.values() for risk in each), *exception_risks(evidence)]
    findings = [
        _finding(each, risks[each.control.id], evidence)
        for each in evidence.controls
        if each.status is not ControlStatus.NOT_APPLICABLE
    ]
    return model.AssessmentResults(
        uuid=document_uuid(RESULTS, evidence),
        metadata=metadata(f"Assessment results of {evidence.environment}", evidence),
        import_ap=model.ImportAp(href=PLAN),
        results=[
            model.Result(
                uuid=uuid_of("result", evidence.environment),
                title=f"Templates of {evidence.environment}",
                description=(
                    f"{len(evidence.controls)} controls on {len(evidence.resources)} resources in "
                    f"{len(evidence.templates)} templates: "
                    + ", ".join(f"{count} {status.value}" for status, count in evidence.by_status.items())
                    + "."
                ),
                start=evidence.timestamp,
                end=evidence.timestamp,
                local_definitions=model.LocalDefinitions1(
                    components=_components(evidence) or None,
                    inventory_items=[_item(each, evidence) for each in evidence.resources] or None,
                    assessment_assets=assessment_assets(evidence),
                ),
                reviewed_controls=reviewed_controls(
                    evidence,
                    description="Every control. One without a finding has no resource to judge.",
                    catalog=catalog.uuid,
                ),
                observations=observations(evidence),
                risks=every_risk or None,
                findings=findings or None,
            )
        ],
        back_matter=oscal.BackMatter(resources=[catalog, *(_template(each, evidence) for each in evidence.templates)]),
    )


def _finding(proved: ControlEvidence, risks: Sequence[oscal.Risk], evidence: Evidence) -> oscal.Finding:
    control = proved.control
    state, reason, implementation = STATES[proved.status]
    return oscal.Finding(
        uuid=uuid_of("finding", evidence.environment, control.id),
        title=f"{control.id}: {control.title}",
        description=control.statement,
        props=[prop("severity", control.severity.value)],
        origins=[origin(evidence)],
        target=oscal.FindingTarget(
            type="objective-id",
            target_id=objective(control),
            status=oscal.ObjectiveStatus(state=state, reason=reason),
            implementation_status=oscal.ImplementationStatus(state=implementation),
        ),
        related_observations=[
            oscal.RelatedObservation(observation_uuid=observation_uuid(evidence, control.id)),
        ],
        related_risks=[oscal.AssociatedRisk(risk_uuid=each.uuid) for each in risks] or None,
    )


def _components(evidence: Evidence) -> list[oscal.SystemComponent]:
    return [
        oscal.SystemComponent(
            uuid=component_uuid(evidence, service),
            type="service",
            title=service,
            description=f"What the templates of {evidence.environment} hold of {service}.",
            # A template is what will be deployed, and says nothing of what is.
            status=oscal.Status(state="under-development"),
        )
        for service in sorted({service_of(each.type) for each in evidence.resources})
    ]


def _item(resource: ResourceEvidence, evidence: Evidence) -> oscal.InventoryItem:
    return oscal.InventoryItem(
        uuid=item_uuid(evidence, resource.template, resource.logical_id),
        description=f"{resource.type} {resource.logical_id}",
        props=[
            prop("logical-id", resource.logical_id),
            prop("resource-type", resource.type),
            prop("template", resource.template),
            *([prop("construct-path", resource.construct_path)] if resource.construct_path else []),
            *(prop("claims", control) for control in resource.claims),
        ],
        implemented_components=[
            oscal.ImplementedComponent(component_uuid=component_uuid(evidence, service_of(resource.type)))
        ],
    )


def _template(template: TemplateEvidence, evidence: Evidence) -> oscal.Resource:
    return oscal.Resource(
        uuid=template_uuid(evidence, template.name),
        title=template.name,
        description=f"The {template.kind.value} template of {template.stack}, {template.resources} resources.",
        props=[prop("sha-256", template.sha256)],
    )
