"""Evidence as the four OSCAL documents that assessors' tools read."""

from __future__ import annotations

import json

from mlgov_constructs.evidence.cloud_assembly import EvidenceError
from mlgov_constructs.evidence.evidence import Evidence
from mlgov_constructs.evidence.oscal.assessment_plan import assessment_plan
from mlgov_constructs.evidence.oscal.assessment_results import assessment_results
from mlgov_constructs.evidence.oscal.component_definition import component_definition
from mlgov_constructs.evidence.oscal.control_catalog import control_catalog
from mlgov_constructs.evidence.oscal.reference_check import reference_problems
from mlgov_constructs.evidence.oscal.vocabulary import CATALOG, COMPONENTS, PLAN, RESULTS


def oscal_documents(evidence: Evidence) -> dict[str, str]:
    """Return the OSCAL documents of an environment: the text of each by the name of its file.

    They refer to each other by these names, so they belong in one folder: the catalogue of our
    controls, the definition of the components that implement them, the plan of the assessment and its
    results. Identifiers are made of names, so the same input gives the same bytes, but for the timestamp.

    Args:
        evidence: What the templates of an environment prove, as :func:`mlgov_constructs.evidence.collect`
            returns it. Its timestamp has a time zone.

    Raises:
        EvidenceError: A document would refer to something that does not exist.

    Source: https://pages.nist.gov/OSCAL/

    Example::

        evidence = collect(Path("cdk.out"), timestamp=datetime.datetime.now(datetime.UTC))
        for name, text in oscal_documents(evidence).items():
            (folder / name).write_text(text, encoding="utf-8")
    """
    models = {
        CATALOG: control_catalog(evidence),
        COMPONENTS: component_definition(evidence),
        PLAN: assessment_plan(evidence),
        RESULTS: assessment_results(evidence),
    }
    documents = {file: f"{model.oscal_serialize_json(pretty=True)}\n" for file, model in models.items()}
    problems = reference_problems({file: json.loads(text) for file, text in documents.items()})
    if problems:
        msg = f"The OSCAL documents would lead nowhere in {len(problems)} places: " + "; ".join(problems[:5])
        raise EvidenceError(msg)
    return documents
