"""What the evidence says of FedRAMP's key security indicators."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from mlgov_constructs.evidence import ControlStatus, Evidence, collect
from mlgov_constructs.evidence.evidence_package import write_package
from mlgov_constructs.evidence.ksi import KsiEvidence, key_security_indicators
from mlgov_constructs.evidence.ksi_document import ksi_document
from mlgov_constructs.evidence.page import html_page
from tests.environments import Assembly
from tests.evidence.small_assembly import REPORT, TIME

Change = Callable[[str, Callable[[dict[str, Any]], object]], None]
ROOT = Path(__file__).parents[2]
TEMPLATE = "trialnetwork.template.json"
IDS = [
    "KSI-MLA-EVC",
    "KSI-CNA-RNT",
    "KSI-CNA-EIS",
    "KSI-CNA-ULN",
    "KSI-IAM-ELP",
    "KSI-SVC-SIN",
    "KSI-CMT-VTD",
]


def of(evidence: Evidence, name: str) -> KsiEvidence:
    (found,) = [each for each in key_security_indicators(evidence) if each.id == name]
    return found


def methods(evidence: Evidence, name: str) -> dict[str, frozenset[str]]:
    return {each.id: each.controls for each in of(evidence, name).methods}


def judged_again(cdk_out: Path) -> Evidence:
    return collect(cdk_out, timestamp=TIME)


def add(name: str, resource: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    def edit(template: dict[str, Any]) -> None:
        template["Resources"][name] = resource

    return edit


@pytest.fixture(scope="module")
def compliance(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The evidence of the example with Config rules, Security Hub and hooks."""
    folder = tmp_path_factory.mktemp("compliance") / "cdk.out"
    subprocess.run(
        [sys.executable, str(ROOT / "docs" / "examples" / "compliance.py")],
        cwd=ROOT,
        env={**os.environ, "CDK_OUTDIR": str(folder)},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return collect(folder, timestamp=TIME)


def test_the_indicators_are_there_with_the_words_of_fedramp(evidence: Evidence) -> None:
    found = key_security_indicators(evidence)
    assert [each.id for each in found] == IDS
    evc = found[0]
    assert evc.title == "Evaluating Configurations"
    assert evc.nist == ("CA-7", "CM-2", "CM-6", "SI-7(7)")


def test_an_indicator_has_the_controls_that_the_catalogue_maps_to_it(evidence: Evidence) -> None:
    for name in IDS:
        mapped = [c.id for c in CATALOGUE.values() if any(m.id == name for m in c.mappings)]
        assert mapped
        assert [each.control.id for each in of(evidence, name).controls] == mapped


def test_every_indicator_of_the_catalogue_is_declared() -> None:
    assert {m.id for c in CATALOGUE.values() for m in c.mappings if m.framework == "fedramp-ksi"} == set(IDS)


def test_a_failed_control_makes_the_indicator_fail(evidence: Evidence) -> None:
    assert of(evidence, "KSI-CNA-RNT").status is ControlStatus.FAILED


def test_a_removed_property_turns_an_indicator(assembly: Assembly, tmp_path: Path) -> None:
    folder = tmp_path / "cdk.out"
    shutil.copytree(assembly("production", "aws"), folder)
    assert of(judged_again(folder), "KSI-IAM-ELP").status is not ControlStatus.FAILED
    path = next(path for path in sorted(folder.rglob("*.template.json")) if "PermissionsBoundary" in path.read_text())
    template = json.loads(path.read_text(encoding="utf-8"))
    role = next(each for each in template["Resources"].values() if "PermissionsBoundary" in each.get("Properties", {}))
    role["Properties"].pop("PermissionsBoundary")
    path.write_text(json.dumps(template), encoding="utf-8")
    assert of(judged_again(folder), "KSI-IAM-ELP").status is ControlStatus.FAILED


def test_nothing_to_judge_is_not_applicable(cdk_out: Path, change: Change) -> None:
    def empty(template: dict[str, Any]) -> None:
        template["Resources"] = {"Wait": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}

    change(TEMPLATE, empty)
    change("trialProduct.product.template.json", empty)
    change("asset.b.json", empty)
    found = [each for each in key_security_indicators(judged_again(cdk_out)) if not each.methods]
    assert found
    for each in found:
        assert each.status is ControlStatus.NOT_APPLICABLE
        assert [demand.met for demand in each.classes] == [False, False, False]
        assert each.summary.endswith("0 automated methods, enough for no class.")


def test_the_rules_on_templates_judge_what_there_is(evidence: Evidence) -> None:
    rules = methods(evidence, "KSI-SVC-SIN")["template-rules"]
    assert "MLG-PRT-01" in rules
    assert "MLG-SRV-05" not in rules


def test_a_method_that_is_not_proved_is_not_counted(evidence: Evidence) -> None:
    for name in IDS:
        assert set(methods(evidence, name)) <= {"template-rules"}


def test_a_rule_pack_that_ran_is_a_method(cdk_out: Path, change: Change) -> None:
    report = {**REPORT["pluginReports"][0], "pluginName": "AwsSolutions"}
    change("validation-report.json", lambda content: content["pluginReports"].append(report))
    assert methods(judged_again(cdk_out), "KSI-SVC-SIN")["rule-packs"] >= {"MLG-PRT-01"}


def test_hooks_are_a_method_for_the_rules_that_they_are_given(cdk_out: Path, change: Change) -> None:
    rules = {"Archives": {"Stacks": {"Key": "a", "Controls": ["MLG-PRT-01", "MLG-NET-01"]}}}
    change(TEMPLATE, add("Rules", {"Type": "Custom::GuardRules", "Properties": rules}))
    assert "guard-hooks" not in methods(judged_again(cdk_out), "KSI-SVC-SIN")
    change(TEMPLATE, add("Hook", {"Type": "AWS::CloudFormation::GuardHook", "Properties": {}}))
    assert methods(judged_again(cdk_out), "KSI-SVC-SIN")["guard-hooks"] == {"MLG-PRT-01"}


def test_a_config_rule_is_a_method_for_what_it_watches(cdk_out: Path, change: Change) -> None:
    source = {"Owner": "AWS", "SourceIdentifier": "CMK_BACKING_KEY_ROTATION_ENABLED"}
    change(TEMPLATE, add("Rule", {"Type": "AWS::Config::ConfigRule", "Properties": {"Source": source}}))
    assert methods(judged_again(cdk_out), "KSI-SVC-SIN")["config-rules"] == {"MLG-PRT-01"}


def test_a_standard_of_security_hub_is_a_method(cdk_out: Path, change: Change) -> None:
    change(TEMPLATE, add("Standard", {"Type": "AWS::SecurityHub::Standard", "Properties": {}}))
    assert methods(judged_again(cdk_out), "KSI-SVC-SIN")["security-hub"]


def test_constructs_of_governance_give_their_methods(compliance: Evidence) -> None:
    found = of(compliance, "KSI-SVC-SIN")
    assert {each.id for each in found.methods} == {"template-rules", "guard-hooks", "config-rules", "security-hub"}
    assert [(each.name, each.met) for each in found.classes] == [("B", True), ("C", True), ("D", True)]


def test_classes_demand_what_fedramp_says(evidence: Evidence) -> None:
    demands = [(each.name, each.force, each.needed) for each in of(evidence, "KSI-SVC-SIN").classes]
    assert demands == [("B", "SHOULD", 1), ("C", "MUST", 2), ("D", "MUST", 4)]
    assert [each.force for each in of(evidence, "KSI-CNA-EIS").classes] == ["MAY", "MUST", "MUST"]


def test_one_method_is_enough_for_class_b_only(evidence: Evidence) -> None:
    found = of(evidence, "KSI-SVC-SIN")
    assert [each.met for each in found.classes] == [True, False, False]
    assert found.summary.endswith("1 automated method, enough for class B.")


@pytest.mark.parametrize(
    "content",
    [
        {"Version": "2012-10-17", "Statement": [{"Sid": "NoRoot", "Effect": "Deny"}]},
        json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "NoRoot", "Effect": "Deny"}]}),
    ],
)
def test_a_policy_of_the_organization_refuses(cdk_out: Path, change: Change, content: object) -> None:
    refused = "scp:NoRoot"
    assert any(refused in control.preventive for control in CATALOGUE.values())
    assert not any(refused in each.refusals for each in key_security_indicators(judged_again(cdk_out)))
    policy = {"Name": "a", "Type": "SERVICE_CONTROL_POLICY", "Content": content}
    change(TEMPLATE, add("Policy", {"Type": "AWS::Organizations::Policy", "Properties": policy}))
    evidence = judged_again(cdk_out)
    assert any(refused in each.refusals for each in key_security_indicators(evidence))
    assert all({m.id for m in each.methods} <= {"template-rules"} for each in key_security_indicators(evidence))


def test_the_boundary_of_production_refuses(assembly: Assembly) -> None:
    assert "boundary:NoRoot" in of(judged_again(assembly("production", "aws")), "KSI-IAM-ELP").refusals


def test_the_document_says_all_of_it(evidence: Evidence) -> None:
    document = json.loads(ksi_document(evidence))
    assert document["timestamp"] == TIME.isoformat()
    assert [each["id"] for each in document["indicators"]] == IDS
    found = document["indicators"][IDS.index("KSI-CNA-RNT")]
    assert (found["status"], found["methods"][0]["id"]) == ("failed", "template-rules")
    assert {"id": "MLG-NET-01", "title": CATALOGUE["MLG-NET-01"].title, "status": "failed"} in found["controls"]
    assert found["classes"][1] == {"class": "C", "force": "MUST", "needed": 2, "met": False}


def test_the_document_is_the_same_for_the_same_input(cdk_out: Path) -> None:
    first, second = (ksi_document(judged_again(cdk_out)) for _ in range(2))
    assert first == second


def test_the_package_has_the_document(evidence: Evidence, tmp_path: Path) -> None:
    write_package(evidence, tmp_path / "evidence", ("ksi",))
    assert (tmp_path / "evidence" / "ksi.json").read_text(encoding="utf-8") == ksi_document(evidence)


def test_the_page_tells_status_and_methods(evidence: Evidence) -> None:
    page = html_page(evidence)
    section = page[page.index('<h2 id="indicators">') :]
    section = section[: section.index("</section>")]
    for each in key_security_indicators(evidence):
        assert each.id in section
        assert each.summary in section
    assert "Class C: no" in section
