"""The checks of a template as a whole: size, partition, cfn-lint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.quality import lint
from tests.quality.budget import MOST_BYTES, MOST_RESOURCES, check_budget
from tests.quality.partitions import check_partition


def written(folder: Path, template: dict[str, Any]) -> Path:
    """A template in a file."""
    file = folder / "Trial.template.json"
    file.write_text(json.dumps(template))
    return file


def topics(number: int, **properties: str) -> dict[str, Any]:
    """A template with so many topics."""
    return {"Resources": {f"T{each}": {"Type": "AWS::SNS::Topic", "Properties": properties} for each in range(number)}}


def test_a_template_in_its_budget(tmp_path: Path) -> None:
    assert check_budget(written(tmp_path, topics(MOST_RESOURCES - 1))) == []


def test_a_template_with_too_many_resources(tmp_path: Path) -> None:
    faults = check_budget(written(tmp_path, topics(MOST_RESOURCES)))
    assert faults == ["Trial.template.json has 300 resources; keep it below 300"]


def test_a_template_with_too_many_bytes(tmp_path: Path) -> None:
    (fault,) = check_budget(written(tmp_path, topics(1, DisplayName="x" * MOST_BYTES)))
    assert fault.endswith("bytes; keep it below 700000")


@pytest.mark.parametrize(
    ("text", "partition", "faults"),
    [
        ("arn:aws:s3:::b", "aws", 0),
        ("arn:aws:s3:::b", "aws-us-gov", 1),
        ("arn:aws:s3:::b", "aws-cn", 1),
        ("arn:aws-cn:s3:::b", "aws-cn", 0),
        ("s3.us-east-1.amazonaws.com", "aws", 0),
        ("s3.us-gov-west-1.amazonaws.com", "aws-us-gov", 0),
        ("s3.cn-north-1.amazonaws.com", "aws-cn", 1),
        ("s3.cn-north-1.amazonaws.com.cn", "aws-cn", 0),
        ("s3.cn-north-1.amazonaws.com.cn", "aws", 1),
        ("https://console.aws.amazon.com/sagemaker", "aws", 0),
        ("https://us-gov-west-1.console.aws.amazon.com/sagemaker", "aws-us-gov", 1),
        ("https://console.amazonaws-us-gov.com/sagemaker", "aws-us-gov", 0),
        ("https://console.amazonaws.cn/sagemaker", "aws-cn", 0),
        ("https://console.amazonaws.cn/sagemaker", "aws", 1),
        ("com.amazonaws.us-gov-west-1.s3", "aws-us-gov", 0),
        ("https://docs.aws.amazon.com/sagemaker", "aws-cn", 0),
        ("{ ($.eventSource = iam.amazonaws.com) && ($.eventName = DeleteRolePolicy) }", "aws-cn", 0),
        ("{ ($.userAgent = iam.amazonaws.com) }", "aws-cn", 1),
    ],
)
def test_literals_of_other_partitions(text: str, partition: str, faults: int) -> None:
    template = {"Resources": {"R": {"Properties": {"A": {"Fn::Join": ["", [text, {"Ref": "X"}]]}}}}}
    found = check_partition(template, partition)
    assert len(found) == faults
    assert all(fault.startswith("/R/Properties/A/Fn::Join/1/0: ") for fault in found)


def test_a_service_principal_is_the_same_everywhere() -> None:
    def template(place: str) -> dict[str, Any]:
        statement = {place: {"Service": ["sagemaker.amazonaws.com"]}}
        return {"Resources": {"R": {"Properties": {"Statement": [statement]}}}}

    assert check_partition(template("Principal"), "aws-cn") == []
    assert len(check_partition(template("Url"), "aws-cn")) == 1


def test_a_literal_in_a_key_is_found() -> None:
    template = {"Resources": {"R": {"Properties": {"arn:aws:s3:::b": 1}}}}
    assert len(check_partition(template, "aws-cn")) == 1


def test_cfn_lint_finds_a_fault_and_names_its_place(tmp_path: Path) -> None:
    template = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySecond": 5}}}}
    (finding,) = lint.lint_findings(written(tmp_path, template), ["us-east-1"])
    assert finding.rule == "E3002"
    assert finding.template == "Trial.template.json"
    assert finding.place == "Resources/Q/Properties/DelaySecond"


def test_cfn_lint_passes_a_good_template(tmp_path: Path) -> None:
    regions = ["us-east-1", "us-gov-west-1", "cn-north-1"]
    assert lint.lint_findings(written(tmp_path, topics(1, KmsMasterKeyId="alias/x")), regions) == []


def test_explained_rules_are_left_out_and_unused_ones_named(tmp_path: Path) -> None:
    template = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySecond": 5}}}}
    findings = lint.lint_findings(written(tmp_path, template), ["us-east-1"])
    reasons = {"E3002": "explained", "W9999": "explained"}
    assert lint.unexplained(findings, {}) == findings
    assert lint.unexplained(findings, reasons) == []
    assert lint.unused(findings, reasons) == ["W9999"]
