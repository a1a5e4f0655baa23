"""Which controls are assessed, and where they are defined: the same in the plan and in the results."""

from __future__ import annotations

from trestle.oscal import common as oscal

from mlgov_constructs.evidence.evidence import Evidence
from mlgov_constructs.evidence.oscal.vocabulary import CATALOG, uuid_of


def reviewed_controls(evidence: Evidence, *, description: str, catalog: str) -> oscal.ReviewedControls:
    """Return the controls that are assessed: all that the catalogue of the evidence has.

    Args:
        evidence: The evidence.
        description: How they are assessed.
        catalog: The identifier of the resource that leads to the catalogue.
    """
    return oscal.ReviewedControls(
        description=description,
        links=[oscal.Link(href=f"#{catalog}", rel="reference", text="The catalogue of the controls")],
        control_selections=[
            oscal.ControlSelections(
                include_controls=[oscal.SelectControlById(control_id=each.control.id) for each in evidence.controls]
            )
        ],
    )


def catalog_resource(file: str, evidence: Evidence) -> oscal.Resource:
    """Return the resource of a document's back matter that leads to the catalogue.

    Args:
        file: The document.
        evidence: The evidence.
    """
    return oscal.Resource(
        uuid=uuid_of(file, evidence.environment, CATALOG),
        title="Catalogue of controls",
        description="The controls that are assessed, each with the objective that its rule tests.",
        rlinks=[oscal.Rlink(href=CATALOG, media_type="application/oscal.catalog+json")],
    )
