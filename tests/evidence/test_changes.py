"""Change a template, and the evidence changes: one kind of change after the other, on a real stack."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.evidence import ControlStatus, Evidence, collect
from mlgov_constructs.evidence.csv_tables import csv_tables
from mlgov_constructs.evidence.oscal import oscal_documents
from mlgov_constructs.evidence.page import html_page
from tests.environments import Assembly
from tests.evidence.small_assembly import TIME

STACK = "sandboxfoundation"
Resources = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """A change of a template.

    Attributes:
        edit: Makes it.
        statuses: The controls whose status it changes, and to what.
        told: Words that the page has afterwards and had not before.
    """

    edit: Callable[[Resources], object]
    statuses: dict[str, ControlStatus]
    told: str


def first(resources: Resources, resource_type: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in resources.values() if each["Type"] == resource_type)
    return found


def endpoint(resources: Resources) -> dict[str, Any]:
    return first(resources, "AWS::EC2::VPCEndpoint")


def record(resource: dict[str, Any], key: str, value: object) -> None:
    resource.setdefault("Metadata", {})[key] = value


EXPIRED = [{"control": "KMS.4", "resource": "*", "reason": "Until the move, RISK-3", "expires": "2027-03-30"}]
RELAXED = {"deviations": [{"control": "MLG-NET-03", "reason": "Only what is refused is looked at, RISK-4"}]}
GATEWAY = {"Type": "AWS::EC2::InternetGateway"}

CHANGES = {
    "the key of a bucket is taken away": Change(
        lambda resources: resources["LogArchive62E50B8E"]["Properties"].pop("BucketEncryption"),
        {"MLG-PRT-05": ControlStatus.FAILED},
        "<strong>1 control fails.</strong>",
    ),
    "the key of a log group is taken away": Change(
        lambda resources: first(resources, "AWS::Logs::LogGroup")["Properties"].pop("KmsKeyId"),
        {"MLG-PRT-15": ControlStatus.FAILED},
        "<strong>1 control fails.</strong>",
    ),
    "the policy of an endpoint is taken away": Change(
        lambda resources: endpoint(resources)["Properties"].pop("PolicyDocument"),
        {"MLG-NET-02": ControlStatus.FAILED},
        "The endpoint has the default policy, which allows everything",
    ),
    "an internet gateway is added": Change(
        lambda resources: resources.update(Gateway=GATEWAY),
        {"MLG-NET-01": ControlStatus.FAILED},
        "A gateway, peering connection or elastic address leads out of the VPC",
    ),
    "a property is taken away with a reason": Change(
        lambda resources: (
            first(resources, "AWS::EC2::FlowLog")["Properties"].update(TrafficType="REJECT"),
            record(first(resources, "AWS::EC2::FlowLog"), "mlgov", RELAXED),
        ),
        {"MLG-NET-03": ControlStatus.DEVIATION},
        "Only what is refused is looked at, RISK-4",
    ),
    "an exception is over": Change(
        lambda resources: record(first(resources, "AWS::KMS::Key"), "mlgov:exceptions", EXPIRED),
        {},
        "<strong>1 exception has expired.</strong>",
    ),
    "a type is added that no control knows": Change(
        lambda resources: resources.update(Thing={"Type": "AWS::Nowhere::Thing"}), {}, "AWS::Nowhere::Thing"
    ),
}


@pytest.fixture(scope="module")
def foundation(assembly: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cloud assembly of the sandbox, cut down to its foundation."""
    whole, folder = assembly("sandbox", "aws"), tmp_path_factory.mktemp("changes") / "cdk.out"
    folder.mkdir()
    for path in whole.glob(f"{STACK}*.json"):
        shutil.copy(path, folder)
    manifest = json.loads((whole / "manifest.json").read_text(encoding="utf-8"))
    manifest["artifacts"] = {
        name: each
        for name, each in manifest["artifacts"].items()
        if name.startswith(STACK) and each["type"] == "aws:cloudformation:stack"
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def before(foundation: Path) -> Evidence:
    return collect(foundation, timestamp=TIME)


def statuses(evidence: Evidence) -> dict[str, ControlStatus]:
    return {each.control.id: each.status for each in evidence.controls}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_changes_the_evidence_and_nothing_else(
    change: Change, foundation: Path, before: Evidence, tmp_path: Path
) -> None:
    folder = tmp_path / "cdk.out"
    shutil.copytree(foundation, folder)
    (path,) = folder.glob("*.template.json")
    template = json.loads(path.read_text(encoding="utf-8"))
    change.edit(template["Resources"])
    path.write_text(json.dumps(template, indent=1), encoding="utf-8")

    after = collect(folder, timestamp=TIME)

    assert before.by_status[ControlStatus.FAILED] == 0
    was = statuses(before)
    assert {name: status for name, status in statuses(after).items() if status is not was[name]} == change.statuses
    assert [each.sha256 for each in after.templates] != [each.sha256 for each in before.templates]
    assert change.told in html_page(after)
    assert change.told not in html_page(before)
    table = csv_tables(after)["findings.csv"]
    assert all(name in table for name in change.statuses)
    assert changed_results(before, after) == {
        *(f"{name}_obj" for name in change.statuses),
        *(f"risk of {each.reason}" for each in after.exceptions),
    }


def changed_results(before: Evidence, after: Evidence) -> set[str]:
    """The findings of the OSCAL assessment whose status is another, and the risks of exceptions that are new."""
    was, now = judged_in_oscal(before), judged_in_oscal(after)
    return {name for name, status in now.items() if was.get(name) != status}


def judged_in_oscal(evidence: Evidence) -> dict[str, str]:
    (result,) = json.loads(oscal_documents(evidence)["assessment-results.json"])["assessment-results"]["results"]
    exceptions = {each.reason for each in evidence.exceptions}
    return {
        **{each["target"]["target-id"]: json.dumps(each["target"]["status"]) for each in result["findings"]},
        **{
            f"risk of {each['description']}": each["status"]
            for each in result["risks"]
            if each["description"] in exceptions
        },
    }


def test_the_picture_of_the_network_shows_a_way_out(foundation: Path, before: Evidence, tmp_path: Path) -> None:
    folder = tmp_path / "cdk.out"
    shutil.copytree(foundation, folder)
    (path,) = folder.glob("*.template.json")
    template = json.loads(path.read_text(encoding="utf-8"))
    vpc = next(name for name, each in template["Resources"].items() if each["Type"] == "AWS::EC2::VPC")
    template["Resources"]["Gateway"] = GATEWAY
    template["Resources"]["Attachment"] = {
        "Type": "AWS::EC2::VPCGatewayAttachment",
        "Properties": {"VpcId": {"Ref": vpc}, "InternetGatewayId": {"Ref": "Gateway"}},
    }
    path.write_text(json.dumps(template), encoding="utf-8")
    after = collect(folder, timestamp=TIME)
    assert "Open way out, internet gateway: Gateway." in after.network
    assert "Open way out" not in before.network
