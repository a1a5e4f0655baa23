"""What the evidence takes from a cloud assembly."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE, Status
from mlgov_constructs.evidence import ControlEvidence, ControlStatus, Evidence, EvidenceError, collect
from mlgov_constructs.evidence.acceptance import PackRule
from mlgov_constructs.evidence.evidence import TemplateKind, Verdict
from tests.environments import Assembly
from tests.evidence.small_assembly import REASON, TIME, manifest, write

Change = Callable[[str, Callable[[dict[str, Any]], object]], None]


def of(evidence: Evidence, control: str) -> ControlEvidence:
    return next(each for each in evidence.controls if each.control.id == control)


def test_every_control_of_the_catalogue_has_a_status(evidence: Evidence) -> None:
    assert [each.control.id for each in evidence.controls] == list(CATALOGUE)
    assert sum(evidence.by_status.values()) == len(CATALOGUE)
    assert sum(len(controls) for controls in evidence.by_area.values()) == len(CATALOGUE)


def test_a_finding_that_stands_makes_a_control_fail(evidence: Evidence) -> None:
    control = of(evidence, "MLG-NET-01")
    assert control.status is ControlStatus.FAILED
    (finding,) = control.findings
    assert (finding.logical_id, finding.construct_path, finding.claimed) == (
        "Gateway7F",
        "trial/network/Vpc/Gateway",
        True,
    )
    assert finding.template == Path("trialnetwork.template.json")


def test_an_accepted_finding_makes_a_deviation(evidence: Evidence) -> None:
    control = of(evidence, "MLG-NET-05")
    assert control.status is ControlStatus.DEVIATION
    assert [finding.status for finding in control.findings] == [Status.DEVIATION]
    (deviation,) = control.deviations
    assert (deviation.reason, deviation.construct_path, deviation.found) == (REASON, "trial/network/Open", True)


def test_a_relaxation_that_the_rule_does_not_find_is_a_deviation_that_says_so(evidence: Evidence) -> None:
    control = of(evidence, "MLG-PRT-04")
    assert control.status is ControlStatus.DEVIATION
    assert [(each.logical_id, each.found) for each in control.deviations] == [("Key5B", False)]


def test_resources_are_judged_and_their_claims_told_apart(evidence: Evidence) -> None:
    control = of(evidence, "MLG-PRT-01")
    assert control.status is ControlStatus.SATISFIED
    (judged,) = control.resources
    assert (judged.resource.logical_id, judged.verdict, judged.claimed) == ("Key5B", Verdict.PASSED, True)
    failed = {each.resource.logical_id: each.verdict for each in of(evidence, "MLG-NET-01").resources}
    assert failed["Gateway7F"] is Verdict.FAILED


def test_a_control_without_a_resource_to_judge_does_not_apply(evidence: Evidence) -> None:
    control = of(evidence, "MLG-WSP-01")
    assert (control.status, control.resources) == (ControlStatus.NOT_APPLICABLE, ())


def test_only_what_the_manifest_names_is_judged(evidence: Evidence, cdk_out: Path) -> None:
    assert [(each.name, each.stack, each.kind) for each in evidence.templates] == [
        ("trialnetwork.template.json", "trial/network", TemplateKind.STACK),
        ("trialProduct.product.template.json", "trial/network/Product", TemplateKind.PRODUCT),
    ]
    first = evidence.templates[0]
    assert first.sha256 == hashlib.sha256((cdk_out / first.name).read_bytes()).hexdigest()
    assert (first.region, first.resources) == ("eu-central-1", 4)
    assert evidence.environment == "trial"


def test_a_product_has_the_constructs_of_its_own(evidence: Evidence) -> None:
    (bucket,) = [each for each in evidence.resources if each.type == "AWS::S3::Bucket"]
    assert bucket.construct_path == "trial/network/Product/Bucket"


def test_nested_assemblies_are_read(tmp_path: Path) -> None:
    inner = tmp_path / "assembly-prod"
    inner.mkdir()
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-prod"}}
    write(tmp_path, {"manifest.json": {"artifacts": {"assembly-prod": nested}}})
    write(inner, {"manifest.json": manifest(one="prod/one", two="prod/two")})
    write(
        inner, {f"{name}.template.json": {"Resources": {name: {"Type": "AWS::SNS::Topic"}}} for name in ("one", "two")}
    )
    write(inner, {f"{name}.metadata.json": {} for name in ("one", "two")})
    found = collect(tmp_path, timestamp=TIME)
    assert [each.name for each in found.templates] == [
        "assembly-prod/one.template.json",
        "assembly-prod/two.template.json",
    ]
    assert found.environment == "prod"


def test_exceptions_are_collected(evidence: Evidence) -> None:
    (granted,) = evidence.exceptions
    assert (granted.control, granted.resource, granted.expires.isoformat()) == ("SageMaker.4", "*", "2027-03-30")


def test_acknowledgments_say_what_they_cover(evidence: Evidence) -> None:
    assert [(each.pack, each.rule, each.construct_path, each.findings) for each in evidence.acknowledgments] == [
        ("Absent", "Two", "trial/network/Key", None),
        ("Pack", "One", "trial/network", 2),
    ]


def test_the_packs_of_the_synthesis_are_reported(evidence: Evidence) -> None:
    (pack,) = evidence.packs
    assert (pack.name, pack.passed, pack.acknowledged) == ("Pack", False, 2)
    assert [(each.rule, each.construct_path) for each in pack.findings] == [("Three", "trial/network/Key")]


def test_a_pack_that_broke_has_not_passed_and_says_nothing_of_a_control(cdk_out: Path, change: Change) -> None:
    broken = {
        "pluginName": "AwsSolutions",
        "conclusion": "failure",
        "violations": [],
        "metadata": {"error": "It broke"},
    }
    change("validation-report.json", lambda content: content["pluginReports"].append(broken))
    found = collect(cdk_out, timestamp=TIME)
    (pack,) = [each for each in found.packs if each.name == "AwsSolutions"]
    assert (pack.passed, pack.error) == (False, "It broke")
    assert of(found, "MLG-PRT-01").packs == ()


def test_a_control_tells_what_the_rules_of_packs_say_that_it_is_mapped_to(cdk_out: Path, change: Change) -> None:
    constructs = [{"constructPath": "trial/network/Key"}, {"constructPath": "trial/network/Open"}]
    stands = {"ruleName": "AwsSolutions-KMS5[of one kind]", "violatingConstructs": constructs}
    accepted = {
        "ruleName": "AwsSolutions-KMS5",
        "acknowledgedId": "AwsSolutions::AwsSolutions-KMS5",
        "acknowledgedAt": "trial",
        "violatingConstructs": constructs[:1],
    }
    report = {"pluginName": "AwsSolutions", "violations": [stands], "suppressedViolations": [accepted]}
    change("validation-report.json", lambda content: content["pluginReports"].append(report))
    found = collect(cdk_out, timestamp=TIME)
    assert of(found, "MLG-PRT-01").packs == (PackRule("AwsSolutions", "AwsSolutions-KMS5", 2, 1),)
    assert [each.rule for each in of(found, "MLG-NET-05").packs] == ["AwsSolutions-EC23"]
    assert [(each.findings, each.acknowledged) for each in of(found, "MLG-NET-05").packs] == [(0, 0)]


def test_what_no_control_speaks_of_is_counted_by_its_type(cdk_out: Path, change: Change) -> None:
    assert collect(cdk_out, timestamp=TIME).unjudged == {}
    things = {"Thing": {"Type": "AWS::Nowhere::Thing"}, "Other": {"Type": "AWS::Nowhere::Thing"}}
    change("trialnetwork.template.json", lambda template: template["Resources"].update(things))
    assert collect(cdk_out, timestamp=TIME).unjudged == {"AWS::Nowhere::Thing": 2}


def test_an_exception_ends_with_its_last_day_in_utc(evidence: Evidence) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=9))
    last = datetime.datetime(2027, 3, 31, 8, 59, tzinfo=zone)
    assert dataclasses.replace(evidence, timestamp=last).expired == ()
    assert dataclasses.replace(evidence, timestamp=last.replace(hour=9)).expired == evidence.exceptions


def test_roles_say_who_assumes_them_and_what_they_do(evidence: Evidence) -> None:
    (role,) = evidence.roles
    assert (role.trusted, role.bounded) == (("lambda.amazonaws.com",), False)
    assert (role.activities, role.services, role.denies) == (("ReadTable",), ("s3",), 1)


def test_the_stacks_are_priced_and_products_are_not(evidence: Evidence) -> None:
    assert [stack.stack for stack in evidence.cost.stacks] == ["trial/network"]
    assert evidence.cost.total == 1.0


def test_a_property_that_is_taken_away_changes_the_evidence(assembly: Assembly, tmp_path: Path) -> None:
    folder = tmp_path / "cdk.out"
    shutil.copytree(assembly("sandbox", "aws"), folder)
    before = collect(folder, timestamp=TIME)
    assert before.by_status[ControlStatus.FAILED] == 0
    path = next(folder.glob("*foundation*.template.json"))
    template = json.loads(path.read_text(encoding="utf-8"))
    key = next(each for each in template["Resources"].values() if each["Type"] == "AWS::KMS::Key")
    del key["Properties"]["EnableKeyRotation"]
    path.write_text(json.dumps(template), encoding="utf-8")
    after = collect(folder, timestamp=TIME)
    assert [each.control.id for each in after.controls if each.status is ControlStatus.FAILED] == ["MLG-PRT-01"]
    assert of(after, "MLG-PRT-01").findings[0].claimed


def test_a_folder_that_is_no_assembly(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"holds no cloud assembly\. Run 'cdk synth' first"):
        collect(tmp_path, timestamp=TIME)


def test_an_assembly_without_a_stack(tmp_path: Path) -> None:
    write(tmp_path, {"manifest.json": {"artifacts": {}}})
    with pytest.raises(EvidenceError, match=r"the cloud assembly has no stack"):
        collect(tmp_path, timestamp=TIME)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("manifest.json", "{", r"manifest\.json: cannot be read: "),
        ("manifest.json", "[]", r"manifest\.json: is no part of a cloud assembly"),
        ("trialnetwork.metadata.json", "{", r"trialnetwork\.metadata\.json: cannot be read: "),
        ("validation-report.json", "{", r"validation-report\.json: cannot be read: "),
        (
            "trialnetwork.template.json",
            '{"Resources": ',
            r"trialnetwork\.template\.json: is no CloudFormation template",
        ),
        ("trialProduct.product.template.json", "{}", r"trialProduct\.product\.template\.json: .* it has no Resources"),
    ],
)
def test_a_file_that_cannot_be_read(cdk_out: Path, name: str, content: str, message: str) -> None:
    (cdk_out / name).write_text(content, encoding="utf-8")
    with pytest.raises(EvidenceError, match=message):
        collect(cdk_out, timestamp=TIME)


def test_a_template_that_is_missing(cdk_out: Path) -> None:
    (cdk_out / "trialnetwork.template.json").unlink()
    with pytest.raises(EvidenceError, match=r"trialnetwork\.template\.json: cannot be read: No such file"):
        collect(cdk_out, timestamp=TIME)


def test_too_many_resources(cdk_out: Path, change: Change) -> None:
    topics = {f"Topic{number}": {"Type": "AWS::SNS::Topic"} for number in range(501)}
    change("trialnetwork.template.json", lambda template: template.update(Resources=topics))
    with pytest.raises(EvidenceError, match=r"has 501 resources and .* takes 500 and 1,000,000: it cannot be deployed"):
        collect(cdk_out, timestamp=TIME)


def test_too_many_bytes(cdk_out: Path, change: Change) -> None:
    change("trialnetwork.template.json", lambda template: template.update(Description="x" * 1_000_000))
    with pytest.raises(EvidenceError, match=r"has 4 resources and 1,00\d,\d+ bytes"):
        collect(cdk_out, timestamp=TIME)
