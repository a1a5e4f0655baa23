"""What is declared holds: ids that exist, policies that are there, and nothing of SageMaker left out in silence."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE, CatalogueError, Control, NotCovered, not_covered
from mlgov_constructs.controls.catalogue import AREAS, _control
from mlgov_constructs.governance.organization_policies import resource_control_policies, service_control_policies
from mlgov_constructs.identity.permissions_boundary import boundary_document
from mlgov_constructs.identity.sagemaker_guardrails import sagemaker_guardrails
from tests.controls.published import FROM_FILES, ids, published, published_ids

FOLDER = resources.files("mlgov_constructs.controls")
MENTIONED = re.compile(r"MLG-[A-Z]{3}-\d\d")
# How each publisher names what is about SageMaker.
ABOUT_SAGEMAKER = {
    "securityhub": "SageMaker.",
    "config": "sagemaker-",
    "cdk-nag": "SageMaker",
    "prowler": "sagemaker",
    "sm-series": "SM-",
}
CHECKOV_OF_SAGEMAKER = {
    *("CKV_AWS_22", "CKV_AWS_98", "CKV_AWS_122", "CKV_AWS_187", "CKV_AWS_306", "CKV_AWS_307", "CKV_AWS_367"),
    *("CKV_AWS_368", "CKV_AWS_369", "CKV_AWS_370", "CKV_AWS_371", "CKV_AWS_372", "CKV2_AWS_68"),
}
SEVEN_INDICATORS = {
    *("KSI-CMT-VTD", "KSI-CNA-EIS", "KSI-CNA-RNT", "KSI-CNA-ULN", "KSI-IAM-ELP", "KSI-MLA-EVC", "KSI-SVC-SIN"),
}
DECLARED: dict[str, Any] = {
    "title": "Notebooks have no internet access",
    "statement": "No notebook reaches the internet.",
    "why": "What can reach the internet can send data there.",
    "severity": "high",
    "fix": "Set DirectInternetAccess to Disabled.",
    "source": "https://example.org/",
}


def faults(control: Control) -> Iterator[str]:
    """What a control names and nobody publishes."""
    for mapping in control.mappings:
        known = published_ids().get(mapping.framework)
        if known is None:
            yield f"{control.id} is mapped to {mapping.framework!r}, of which no list is in tests/controls/published"
        elif mapping.id not in known:
            yield f"{control.id} is mapped to {mapping.framework} {mapping.id}, which its publisher does not list"


def mapped(framework: str) -> set[str]:
    return {
        mapping.id for control in CATALOGUE.values() for mapping in control.mappings if mapping.framework == framework
    }


def left_out(framework: str) -> set[str]:
    return {each.id for each in not_covered() if each.framework == framework}


def statements() -> set[str]:
    """Every statement that a preventive means can name."""
    boundary = boundary_document("aws", "111122223333", "boundary")["Statement"]
    service = service_control_policies(
        organization_id="o-exampleorg1",
        allowed_regions=["eu-west-1"],
        allowed_subnets=["subnet-1"],
        allowed_instance_types=["ml.t3.*"],
    )
    resource = resource_control_policies(organization_id="o-exampleorg1")
    return {
        *(f"boundary:{each['Sid']}" for each in boundary),
        *(f"scp:{each['Sid']}" for policy in service.values() for each in policy["Statement"]),
        *(f"rcp:{each['Sid']}" for policy in resource.values() for each in policy["Statement"]),
    }


@pytest.mark.parametrize("control", CATALOGUE.values(), ids=lambda control: control.id)
def test_every_mapping_is_to_something_that_is_published(control: Control) -> None:
    assert list(faults(control)) == []


@pytest.mark.parametrize(
    ("framework", "identifier", "fault"),
    [
        ("config", "sagemaker-notebook-is-fine", "is mapped to config sagemaker-notebook-is-fine, which"),
        ("securityhub", "SageMaker.26", "is mapped to securityhub SageMaker.26, which"),
        ("nist-800-53-r5", "AC-99", "is mapped to nist-800-53-r5 AC-99, which"),
        ("cdk-nag", "AwsSolutions-ATH1", "is mapped to cdk-nag AwsSolutions-ATH1, which"),
        ("iso-27001", "A.8.1", "is mapped to 'iso-27001', of which no list"),
    ],
)
def test_a_mapping_to_something_unknown_is_a_fault(framework: str, identifier: str, fault: str) -> None:
    control = _control("MLG-WSP-01", {**DECLARED, "ours": {framework: [identifier]}})
    (found,) = faults(control)
    assert fault in found


@pytest.mark.parametrize("name", FROM_FILES)
def test_a_list_says_where_it_is_from_and_how_far_it_goes(name: str) -> None:
    file = published(name)
    assert file["source"]
    assert isinstance(file["seen"], datetime.date)
    assert isinstance(file["complete"], bool)
    assert sum(map(len, (file["ids"], *(more["ids"] for more in file.get("also", ()))))) == len(ids(file))


@pytest.mark.parametrize("framework", ABOUT_SAGEMAKER)
def test_what_is_published_of_sagemaker_is_covered_or_explained(framework: str) -> None:
    about = {each for each in published_ids()[framework] if ABOUT_SAGEMAKER[framework] in each}
    assert about
    assert about - mapped(framework) == left_out(framework)


def test_the_checks_of_checkov_on_sagemaker_are_covered_or_explained() -> None:
    assert CHECKOV_OF_SAGEMAKER - mapped("checkov") == left_out("checkov")


def test_nothing_is_both_covered_and_left_out() -> None:
    assert [each for each in not_covered() if each.id in mapped(each.framework)] == []


@pytest.mark.parametrize("each", not_covered(), ids=lambda each: each.id)
def test_what_is_left_out_exists_and_its_reason_names_controls_that_do(each: NotCovered) -> None:
    assert each.id in published_ids()[each.framework]
    assert set(MENTIONED.findall(each.reason)) <= set(CATALOGUE)


def test_all_controls_of_security_hub_on_sagemaker_are_covered_as_aws_means_them() -> None:
    stated = {
        mapping.id
        for control in CATALOGUE.values()
        for mapping in control.mappings
        if mapping.framework == "securityhub" and mapping.published
    }
    assert {f"SageMaker.{number}" for number in range(1, 26)} <= stated


def test_the_indicators_that_a_template_can_evidence_have_controls() -> None:
    assert mapped("fedramp-ksi") == SEVEN_INDICATORS


def test_nobody_publishes_links_to_the_indicators() -> None:
    linked = [each for control in CATALOGUE.values() for each in control.mappings if each.framework == "fedramp-ksi"]
    assert not any(each.published for each in linked)


@pytest.mark.parametrize(
    "control", [each for each in CATALOGUE.values() if each.preventive], ids=lambda control: control.id
)
def test_every_statement_that_prevents_is_there(control: Control) -> None:
    assert set(control.preventive) - statements() == set()


def test_every_guardrail_of_sagemaker_prevents_something() -> None:
    named = {means for control in CATALOGUE.values() for means in control.preventive}
    guardrails = {each["Sid"] for each in sagemaker_guardrails()}
    assert {f"{kind}:{sid}" for kind in ("boundary", "scp") for sid in guardrails} - named == set()


def test_there_are_rules_for_controls_only() -> None:
    rules = {file.name.removesuffix(".guard") for file in FOLDER.joinpath("rules").iterdir()}
    policies = {file.name.removesuffix(".guard") for file in FOLDER.joinpath("config_rules").iterdir()}
    assert rules == set(CATALOGUE)
    assert policies - {"managed.toml"} <= set(CATALOGUE)


def test_every_file_of_the_catalogue_is_read() -> None:
    files = {file.name.removesuffix(".toml") for file in FOLDER.joinpath("catalogue").iterdir()}
    assert files == {*AREAS, "not_covered"}


@pytest.mark.parametrize(
    ("control_id", "declared", "message"),
    [
        ("MLG-WSP-01", {"title": "Notebooks"}, "MLG-WSP-01 has no fix. Declare fix, severity, source, statement, why"),
        ("MLG-WSP-01", {**DECLARED, "preventative": []}, "MLG-WSP-01 declares 'preventative'. Known are"),
        ("MLG-WSP-01", {**DECLARED, "severity": "grave"}, "the severity 'grave'. Use one of critical, high"),
        ("MLG-WSP-99", DECLARED, r"MLG-WSP-99 has no rule. Write controls/rules/MLG-WSP-99\.guard"),
    ],
)
def test_a_control_that_is_declared_wrongly_is_refused(control_id: str, declared: dict[str, Any], message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        _control(control_id, declared)
