"""Our controls as an OSCAL catalogue, so that what refers to them refers to something."""

from __future__ import annotations

from trestle.oscal import catalog as model
from trestle.oscal import common as oscal

from mlgov_constructs.controls import Control
from mlgov_constructs.evidence.area import Area
from mlgov_constructs.evidence.evidence import ControlEvidence, Evidence
from mlgov_constructs.evidence.oscal.vocabulary import CATALOG, document_uuid, metadata, objective, prop

# The class of a property that says what another catalogue calls a control.
PUBLISHED, OURS = "published", "ours"


def control_catalog(evidence: Evidence) -> model.Catalog:
    """Return the catalogue of the controls that were judged.

    Each has its statement, how to meet it, and an objective with the method that tests it. What other
    catalogues call it is a property, of class ``published`` where the publisher of that catalogue
    states the link and of class ``ours`` where this library does.

    Args:
        evidence: What the templates of an environment prove.
    """
    return model.Catalog(
        uuid=document_uuid(CATALOG, evidence),
        metadata=metadata("Controls of machine learning on AWS, mlgov-constructs", evidence),
        groups=[_group(area, controls) for area, controls in evidence.by_area.items()],
    )


def _group(area: Area, controls: tuple[ControlEvidence, ...]) -> model.Group2:
    return model.Group2(
        id=f"MLG-{area.code}",
        class_="area",
        title=area.title,
        controls=[_control(each.control) for each in controls],
    )


def _control(control: Control) -> model.Control:
    return model.Control(
        id=control.id,
        class_="mlgov",
        title=control.title,
        props=[
            oscal.Property(name="label", value=control.id),
            prop("severity", control.severity.value),
            *(
                prop(mapping.framework, mapping.id, class_=PUBLISHED if mapping.published else OURS)
                for mapping in control.mappings
            ),
            *(prop("preventive", statement) for statement in control.preventive),
        ],
        links=[oscal.Link(href=control.source, rel="reference", text="Where the demand comes from")],
        parts=[
            oscal.Part(id=f"{control.id}_smt", name="statement", prose=control.statement),
            oscal.Part(id=f"{control.id}_gdn", name="guidance", prose=control.fix),
            oscal.Part(
                id=objective(control),
                name="assessment-objective",
                prose=f"The rule {control.rule_name} finds nothing in the templates of the environment.",
            ),
            oscal.Part(
                id=f"{control.id}_asm",
                name="assessment-method",
                props=[oscal.Property(name="method", value="TEST")],
                parts=[
                    oscal.Part(
                        name="assessment-objects", prose="The CloudFormation templates that the app synthesizes."
                    )
                ],
            ),
        ],
    )
