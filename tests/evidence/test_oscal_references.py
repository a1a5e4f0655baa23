"""What schema and trestle miss: references that lead nowhere, methods and controls that do not exist."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trestle.core.validator_factory import validator_factory
from trestle.oscal.assessment_results import AssessmentResults

from mlgov_constructs.evidence import Evidence, EvidenceError
from mlgov_constructs.evidence.oscal import oscal_documents, reference_problems
from mlgov_constructs.evidence.oscal import oscal_documents as module

NOWHERE = "00000000-0000-4000-8000-000000000000"
Documents = dict[str, Any]


@pytest.fixture
def documents(evidence: Evidence) -> Documents:
    """The documents of the assembly in small, as parsed."""
    return {file: json.loads(text) for file, text in oscal_documents(evidence).items()}


def result(documents: Documents) -> dict[str, Any]:
    found: dict[str, Any] = documents["assessment-results.json"]["assessment-results"]["results"][0]
    return found


def dangling_observation(documents: Documents) -> None:
    result(documents)["findings"][0]["related-observations"][0]["observation-uuid"] = NOWHERE


def dangling_risk(documents: Documents) -> None:
    next(each for each in result(documents)["findings"] if "related-risks" in each)["related-risks"][0]["risk-uuid"] = (
        NOWHERE
    )


def risk_that_is_an_observation(documents: Documents) -> None:
    wrong = result(documents)["observations"][0]["uuid"]
    next(each for each in result(documents)["findings"] if "related-risks" in each)["related-risks"][0]["risk-uuid"] = (
        wrong
    )


def dangling_subject(documents: Documents) -> None:
    next(each for each in result(documents)["observations"] if "subjects" in each)["subjects"][0]["subject-uuid"] = (
        NOWHERE
    )


def dangling_component(documents: Documents) -> None:
    item = result(documents)["local-definitions"]["inventory-items"][0]
    item["implemented-components"][0]["component-uuid"] = NOWHERE


def dangling_actor(documents: Documents) -> None:
    result(documents)["observations"][0]["origins"][0]["actors"][0]["actor-uuid"] = NOWHERE


def dangling_activity(documents: Documents) -> None:
    task = documents["assessment-plan.json"]["assessment-plan"]["tasks"][0]
    task["associated-activities"][0]["activity-uuid"] = NOWHERE


def dangling_evidence(documents: Documents) -> None:
    result(documents)["observations"][0]["relevant-evidence"][0]["href"] = f"#{NOWHERE}"


def absent_plan(documents: Documents) -> None:
    documents["assessment-results.json"]["assessment-results"]["import-ap"]["href"] = "plan.json"


def unknown_method(documents: Documents) -> None:
    result(documents)["observations"][0]["methods"] = ["AUTOMATED"]


def unknown_method_of_a_control(documents: Documents) -> None:
    control = documents["catalog.json"]["catalog"]["groups"][0]["controls"][0]
    next(part for part in control["parts"] if part["name"] == "assessment-method")["props"][0]["value"] = "LOOK"


def unknown_control(documents: Documents) -> None:
    selection = result(documents)["reviewed-controls"]["control-selections"][0]
    selection["include-controls"][0]["control-id"] = "MLG-NOT-01"


def unknown_objective(documents: Documents) -> None:
    result(documents)["findings"][0]["target"]["target-id"] = "MLG-NOT-01_obj"


def unknown_requirement(documents: Documents) -> None:
    components = documents["component-definition.json"]["component-definition"]["components"]
    own = next(each for each in components if "control-implementations" in each)["control-implementations"][0]
    own["implemented-requirements"][0]["control-id"] = "MLG-NOT-01"


def duplicate(documents: Documents) -> None:
    result(documents)["findings"][1]["uuid"] = result(documents)["findings"][0]["uuid"]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (dangling_observation, f"observation-uuid {NOWHERE} leads to nothing among observations"),
        (dangling_risk, f"risk-uuid {NOWHERE} leads to nothing among risks"),
        (risk_that_is_an_observation, "leads to nothing among risks"),
        (dangling_subject, f"subject-uuid {NOWHERE} leads to nothing among inventory-items"),
        (dangling_component, f"component-uuid {NOWHERE} leads to nothing among components"),
        (dangling_actor, f"actor-uuid {NOWHERE} leads to nothing"),
        (dangling_activity, f"activity-uuid {NOWHERE} leads to nothing among activities"),
        (dangling_evidence, f"href #{NOWHERE} leads to no resource of the back matter"),
        (absent_plan, "href plan.json is none of the documents"),
        (unknown_method, "method 'AUTOMATED' is none of NIST's"),
        (unknown_method_of_a_control, "method 'LOOK' is none of NIST's"),
        (unknown_control, "control MLG-NOT-01 is in no catalogue"),
        (unknown_objective, "target MLG-NOT-01_obj is in no catalogue"),
        (unknown_requirement, "control MLG-NOT-01 is in no catalogue"),
        (duplicate, "is there 2 times"),
    ],
)
def test_damage_is_found(documents: Documents, damage: Callable[[Documents], None], problem: str) -> None:
    assert reference_problems(documents) == []
    damage(documents)
    (found,) = reference_problems(documents)
    assert problem in found


@pytest.mark.parametrize("damage", [dangling_observation, unknown_method])
def test_trestle_misses_it(documents: Documents, damage: Callable[[Documents], None], tmp_path: Path) -> None:
    damage(documents)
    path = tmp_path / "assessment-results.json"
    path.write_text(json.dumps(documents["assessment-results.json"]), encoding="utf-8")
    model = AssessmentResults.oscal_read(path)
    assert all(each.model_is_valid(model, quiet=True) for each in validator_factory.get_all())


def test_documents_that_would_lead_nowhere_are_not_given(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.__globals__, "reference_problems", lambda _: ["href #1 leads nowhere"])
    with pytest.raises(EvidenceError, match="would lead nowhere in 1 places: href #1 leads nowhere"):
        oscal_documents(evidence)
