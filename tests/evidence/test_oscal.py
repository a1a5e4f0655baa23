"""The OSCAL documents: valid, whole, and as the templates are."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from trestle.core.validator_factory import validator_factory
from trestle.oscal import assessment_plan, assessment_results, catalog, component

from mlgov_constructs.controls import CATALOGUE
from mlgov_constructs.evidence import ControlStatus, Evidence, collect
from mlgov_constructs.evidence.evidence import JudgedResource, Verdict
from mlgov_constructs.evidence.evidence_package import write_package
from mlgov_constructs.evidence.oscal import oscal_documents, reference_problems
from mlgov_constructs.evidence.oscal.vocabulary import nist_id, service_of
from tests.environments import Assembly
from tests.evidence.small_assembly import REASON, TIME

Change = Callable[[str, Callable[[dict[str, Any]], object]], None]
TEMPLATE = "trialnetwork.template.json"
MODELS: dict[str, Any] = {
    "assessment-plan.json": assessment_plan.AssessmentPlan,
    "assessment-results.json": assessment_results.AssessmentResults,
    "catalog.json": catalog.Catalog,
    "component-definition.json": component.ComponentDefinition,
}
SCHEMA = json.loads((Path(__file__).parent / "nist" / "oscal_complete_schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def nist() -> jsonschema_rs.Draft7Validator:
    """NIST's own schema."""
    return jsonschema_rs.Draft7Validator(SCHEMA, validate_formats=True)


@pytest.fixture
def documents(evidence: Evidence) -> dict[str, Any]:
    """The documents of the assembly in small."""
    return parsed(evidence)


@pytest.fixture(scope="module")
def production_documents(assembly: Assembly) -> dict[str, str]:
    """The documents of the production environment."""
    return oscal_documents(collect(assembly("production", "aws"), timestamp=TIME))


def parsed(evidence: Evidence) -> dict[str, Any]:
    return {file: json.loads(text) for file, text in oscal_documents(evidence).items()}


def result(documents: dict[str, Any]) -> dict[str, Any]:
    (found,) = documents["assessment-results.json"]["assessment-results"]["results"]
    return dict(found)


def finding(documents: dict[str, Any], control: str) -> dict[str, Any]:
    (found,) = [each for each in result(documents)["findings"] if each["target"]["target-id"] == f"{control}_obj"]
    return dict(found)


def observation(documents: dict[str, Any], control: str) -> dict[str, Any]:
    (found,) = [each for each in result(documents)["observations"] if value(each, "control-id") == control]
    return dict(found)


def value(node: dict[str, Any], name: str) -> str | None:
    return next((prop["value"] for prop in node.get("props", ()) if prop["name"] == name), None)


def risks_of(documents: dict[str, Any], control: str) -> list[dict[str, Any]]:
    related = {each["risk-uuid"] for each in finding(documents, control)["related-risks"]}
    return [each for each in result(documents)["risks"] if each["uuid"] in related]


def component_of(documents: dict[str, Any], title: str) -> dict[str, Any]:
    (found,) = [
        each
        for each in documents["component-definition.json"]["component-definition"]["components"]
        if each["title"] == title
    ]
    return dict(found)


@pytest.mark.parametrize("file", MODELS)
def test_documents_of_production_are_valid_by_the_schema_of_nist(
    file: str, production_documents: dict[str, str], nist: jsonschema_rs.Draft7Validator
) -> None:
    assert [str(error) for error in nist.iter_errors(json.loads(production_documents[file]))] == []


@pytest.mark.parametrize("file", MODELS)
def test_documents_in_small_are_valid_by_the_schema_of_nist(
    file: str, documents: dict[str, Any], nist: jsonschema_rs.Draft7Validator
) -> None:
    assert [str(error) for error in nist.iter_errors(documents[file])] == []


def test_the_schema_of_nist_is_in_force(documents: dict[str, Any], nist: jsonschema_rs.Draft7Validator) -> None:
    documents["catalog.json"]["catalog"]["metadata"]["last-modified"] = "yesterday"
    assert not nist.is_valid(documents["catalog.json"])


@pytest.mark.parametrize("file", MODELS)
def test_trestle_reads_and_validates_the_documents(
    file: str, production_documents: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / file
    path.write_text(production_documents[file], encoding="utf-8")
    model = MODELS[file].oscal_read(path)
    assert f"{model.oscal_serialize_json(pretty=True)}\n" == production_documents[file]
    for validator in validator_factory.get_all():
        assert validator.model_is_valid(model, quiet=True), type(validator).__name__


def test_no_reference_of_production_leads_nowhere(production_documents: dict[str, str]) -> None:
    assert reference_problems({file: json.loads(text) for file, text in production_documents.items()}) == []


def test_every_control_is_in_the_catalogue_with_its_statement(documents: dict[str, Any]) -> None:
    controls = {
        control["id"]: control
        for group in documents["catalog.json"]["catalog"]["groups"]
        for control in group["controls"]
    }
    assert list(controls) == list(CATALOGUE)
    for control_id, control in CATALOGUE.items():
        prose = {part["name"]: part.get("prose") for part in controls[control_id]["parts"]}
        assert (prose["statement"], prose["guidance"]) == (control.statement, control.fix)


def test_the_catalogue_tells_published_mappings_from_ours(documents: dict[str, Any]) -> None:
    (control,) = [
        each
        for group in documents["catalog.json"]["catalog"]["groups"]
        for each in group["controls"]
        if each["id"] == "MLG-SRV-01"
    ]
    classes = {(each["name"], each["value"]): each.get("class") for each in control["props"]}
    assert classes["securityhub", "SageMaker.5"] == "published"
    assert classes["nist-800-53-r5", "SC-7"] == "ours"


def test_names_without_a_namespace_are_those_that_nist_gives(documents: dict[str, Any]) -> None:
    def names(node: Any) -> set[str]:
        if isinstance(node, list):
            return {name for each in node for name in names(each)}
        if not isinstance(node, dict):
            return set()
        own = {each["name"] for each in node.get("props", ()) if "ns" not in each}
        return own | {name for each in node.values() for name in names(each)}

    assert names(list(documents.values())) == {"label", "method"}


def test_the_catalogue_names_the_statements_that_prevent(documents: dict[str, Any]) -> None:
    named = {
        (control["id"], prop["value"])
        for group in documents["catalog.json"]["catalog"]["groups"]
        for control in group["controls"]
        for prop in control["props"]
        if prop["name"] == "preventive"
    }
    assert named == {(control.id, statement) for control in CATALOGUE.values() for statement in control.preventive}


def test_every_control_is_reviewed_and_observed(documents: dict[str, Any]) -> None:
    (selection,) = result(documents)["reviewed-controls"]["control-selections"]
    assert [each["control-id"] for each in selection["include-controls"]] == list(CATALOGUE)
    observed = [value(each, "control-id") for each in result(documents)["observations"]]
    assert [each for each in observed if each] == list(CATALOGUE)


def test_every_control_that_applies_has_a_finding(documents: dict[str, Any], evidence: Evidence) -> None:
    judged = [f"{e.control.id}_obj" for e in evidence.controls if e.status is not ControlStatus.NOT_APPLICABLE]
    assert [each["target"]["target-id"] for each in result(documents)["findings"]] == judged


def test_a_control_without_resources_is_neither_satisfied_nor_not(documents: dict[str, Any]) -> None:
    assert value(observation(documents, "MLG-SRV-01"), "status") == "not applicable"
    targets = {each["target"]["target-id"] for each in result(documents)["findings"]}
    assert "MLG-SRV-01_obj" not in targets


def test_a_control_that_is_met_is_satisfied(documents: dict[str, Any]) -> None:
    target = finding(documents, "MLG-PRT-01")["target"]
    assert target["status"] == {"state": "satisfied", "reason": "pass"}
    assert target["implementation-status"] == {"state": "implemented"}


def test_a_removed_property_turns_the_finding(cdk_out: Path, change: Change) -> None:
    change(TEMPLATE, lambda template: template["Resources"]["Key5B"]["Properties"].pop("EnableKeyRotation"))
    documents = parsed(collect(cdk_out, timestamp=TIME))
    assert finding(documents, "MLG-PRT-01")["target"]["status"] == {"state": "not-satisfied", "reason": "fail"}
    (risk,) = risks_of(documents, "MLG-PRT-01")
    assert risk["status"] == "open"
    assert risk["remediations"][0]["description"] == CATALOGUE["MLG-PRT-01"].fix
    (facet,) = risk["characterizations"][0]["facets"]
    assert (facet["name"], facet["value"]) == ("severity", CATALOGUE["MLG-PRT-01"].severity.value)


def test_a_failure_names_the_resource_and_why(documents: dict[str, Any]) -> None:
    (subject,) = observation(documents, "MLG-NET-01")["subjects"]
    assert subject["title"] == "Gateway7F (AWS::EC2::InternetGateway)"
    assert (value(subject, "result"), value(subject, "claimed")) == ("fail", "yes")
    assert value(subject, "message")
    assert observation(documents, "MLG-NET-01")["description"].endswith("judged resources, 1 in all: 1 failed.")


def test_a_subject_is_an_item_with_its_construct(documents: dict[str, Any]) -> None:
    (subject,) = observation(documents, "MLG-NET-01")["subjects"]
    items = {each["uuid"]: each for each in result(documents)["local-definitions"]["inventory-items"]}
    assert value(items[subject["subject-uuid"]], "construct-path") == "trial/network/Vpc/Gateway"


def test_a_deviation_is_a_risk_with_its_reason_that_waits_for_approval(documents: dict[str, Any]) -> None:
    status = finding(documents, "MLG-NET-05")["target"]["status"]
    assert status == {"state": "not-satisfied", "reason": "other"}
    (risk,) = risks_of(documents, "MLG-NET-05")
    assert (risk["description"], value(risk, "reason")) == (REASON, REASON)
    assert risk["status"] == "deviation-requested"


@pytest.mark.parametrize(("days", "status"), [(1, "deviation-approved"), (0, "open")])
def test_an_exception_is_an_approved_deviation_until_its_day(evidence: Evidence, days: int, status: str) -> None:
    made = dataclasses.replace(evidence, timestamp=TIME - datetime.timedelta(days=days))
    (risk,) = [each for each in result(parsed(made))["risks"] if each["description"] == "Until launch, RISK-9"]
    assert (risk["status"], risk["deadline"]) == (status, "2027-03-30T23:59:59+00:00")


def test_an_accepted_finding_of_another_pack_is_observed_with_its_reason(documents: dict[str, Any]) -> None:
    (found,) = [each for each in result(documents)["observations"] if each["title"] == "Pack::One was accepted"]
    assert found["description"] == "trial/network: It is so, for a reason"
    assert (value(found, "rule-pack"), value(found, "findings")) == ("Pack", "2")


def test_a_finding_of_another_pack_that_stands_is_observed(documents: dict[str, Any]) -> None:
    (found,) = [each for each in result(documents)["observations"] if each["title"] == "Pack::Three stands"]
    assert (found["description"], found["types"]) == ("trial/network/Key: Three is wanted", ["finding"])
    assert value(found, "result") == "fail"


def test_another_report_of_packs_is_another_document(evidence: Evidence) -> None:
    other = dataclasses.replace(evidence, packs=())
    uuids = [parsed(each)["assessment-results.json"]["assessment-results"]["uuid"] for each in (evidence, other)]
    assert uuids[0] != uuids[1]


def test_templates_are_evidence_by_their_hashes(documents: dict[str, Any], evidence: Evidence) -> None:
    resources = documents["assessment-results.json"]["assessment-results"]["back-matter"]["resources"]
    hashes = {each["title"]: value(each, "sha-256") for each in resources}
    assert {each.name: each.sha256 for each in evidence.templates}.items() <= hashes.items()


def test_a_failing_template_is_a_subject_itself(evidence: Evidence) -> None:
    whole = [each for each in evidence.controls if any(not found.logical_id for found in each.findings)]
    documents = parsed(evidence)
    for each in whole:
        subjects = observation(documents, each.control.id)["subjects"]
        assert [s["title"] for s in subjects if s["type"] == "resource"], each.control.id


def test_a_component_implements_what_its_resources_claim(documents: dict[str, Any]) -> None:
    own = component_of(documents, "AWS::KMS")["control-implementations"][0]
    assert own["source"] == "catalog.json"
    requirement = next(each for each in own["implemented-requirements"] if each["control-id"] == "MLG-PRT-01")
    assert value(requirement, "implementation-status") == "implemented"
    assert value(requirement, "Rule_Id") == "MLG_PRT_01"


def test_a_component_contributes_to_the_catalogue_of_nist(documents: dict[str, Any]) -> None:
    nist = component_of(documents, "AWS::KMS")["control-implementations"][1]
    assert nist["source"].endswith("NIST_SP-800-53_rev5_catalog.json")
    expected = {
        nist_id(mapping.id) for mapping in CATALOGUE["MLG-PRT-01"].mappings if mapping.framework == "nist-800-53-r5"
    }
    assert expected <= {each["control-id"] for each in nist["implemented-requirements"]}
    assert {value(each, "implementation-status") for each in nist["implemented-requirements"]} == {"partial"}


def test_the_check_is_a_component_with_every_rule(documents: dict[str, Any]) -> None:
    props = component_of(documents, "mlgov check")["props"]
    assert [each["value"] for each in props if each["name"] == "Check_Id"] == list(CATALOGUE)


def test_the_same_input_gives_the_same_bytes(cdk_out: Path) -> None:
    first, second = (oscal_documents(collect(cdk_out, timestamp=TIME)) for _ in range(2))
    assert first == second


def test_another_time_changes_nothing_but_the_time(cdk_out: Path) -> None:
    later = TIME + datetime.timedelta(days=1)
    first, second = (oscal_documents(collect(cdk_out, timestamp=time)) for time in (TIME, later))
    for file, text in first.items():
        assert text != second[file]
        assert text.replace(TIME.isoformat(), later.isoformat()) == second[file]


def test_another_template_is_another_document(cdk_out: Path, change: Change, documents: dict[str, Any]) -> None:
    change(TEMPLATE, lambda template: template["Resources"]["Key5B"]["Properties"].pop("EnableKeyRotation"))
    changed = parsed(collect(cdk_out, timestamp=TIME))
    for file, name in (("assessment-results.json", "assessment-results"), ("catalog.json", "catalog")):
        assert changed[file][name]["uuid"] != documents[file][name]["uuid"]


def test_things_keep_their_identifiers(cdk_out: Path, change: Change, documents: dict[str, Any]) -> None:
    change(TEMPLATE, lambda template: template["Resources"]["Key5B"]["Properties"].pop("EnableKeyRotation"))
    changed = parsed(collect(cdk_out, timestamp=TIME))
    assert finding(changed, "MLG-PRT-01")["uuid"] == finding(documents, "MLG-PRT-01")["uuid"]


def test_ids_of_nist_are_written_as_its_catalogue_writes_them() -> None:
    assert [nist_id(each) for each in ("AC-3", "SC-7(4)", "AC-17(02)", "SI-07 (07)")] == [
        "ac-3",
        "sc-7.4",
        "ac-17.2",
        "si-7.7",
    ]
    with pytest.raises(ValueError, match=r"'SageMaker\.1' is no control of NIST SP 800-53"):
        nist_id("SageMaker.1")


def test_every_mapping_to_nist_can_be_written() -> None:
    for control in CATALOGUE.values():
        for mapping in control.mappings:
            if mapping.framework == "nist-800-53-r5":
                assert nist_id(mapping.id)


def test_types_without_a_service_are_components_of_their_own() -> None:
    assert [service_of(each) for each in ("AWS::S3::Bucket", "Custom::GuardRules")] == ["AWS::S3", "Custom::GuardRules"]


def test_results_say_what_verdicts_say(documents: dict[str, Any], evidence: Evidence) -> None:
    words = {Verdict.PASSED: "pass", Verdict.FAILED: "fail", Verdict.DEVIATION: "deviation"}
    for proved in evidence.controls:
        judged: list[JudgedResource] = list(proved.resources)
        subjects = observation(documents, proved.control.id).get("subjects", [])
        assert [value(each, "result") for each in subjects if each["type"] == "inventory-item"] == [
            words[each.verdict] for each in judged
        ]


def test_the_package_has_the_documents(evidence: Evidence, tmp_path: Path) -> None:
    assert set(MODELS) <= set(write_package(evidence, tmp_path / "evidence"))
    for file, text in oscal_documents(evidence).items():
        assert (tmp_path / "evidence" / file).read_text(encoding="utf-8") == text
