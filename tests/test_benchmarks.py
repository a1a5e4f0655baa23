"""The benchmarks count and compare rightly; nothing here is timed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from benchmarks.javascript_cdk import DifferentResourcesError, check_same_resources, same_resources
from benchmarks.processes import Program, measure
from benchmarks.report import ENVIRONMENTS, report
from benchmarks.round_trips import RoundTrips
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive

EXAMPLE = """
import aws_cdk as cdk
from mlgov_constructs.protection import DataKey
DataKey(cdk.Stack(cdk.App(), "Example"), "OfTheExample")
"""
SECONDS = {
    "python_empty": 1.0,
    "python": 5.0,
    "python_with_rules": 6.0,
    "app_py_as_users_run_it": 7.0,
    "javascript_empty": 0.5,
    "javascript": 1.0,
}
TEMPLATE = {
    "Parameters": {"Size": {"Type": "Number", "Default": 1}},
    "Conditions": {"Large": {"Fn::Equals": [{"Ref": "Size"}, 2]}},
    "Resources": {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": {"Fn::Sub": "data-${AWS::AccountId}"},
                "VersioningConfiguration": {"Status": "Enabled"},
                "LifecycleConfiguration": {
                    "Rules": [{"Status": "Enabled", "ExpirationInDays": {"Ref": "Size"}}],
                },
                "Tags": [{"Key": "team", "Value": {"Ref": "AWS::StackName"}}],
            },
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Metadata": {"aws:cdk:path": "elsewhere", "mlgov": {"controls": []}},
        },
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": []}}, "Condition": "Large"},
        "Custom": {"Type": "Custom::Thing", "Properties": {"ServiceToken": "arn"}, "DependsOn": ["Bucket"]},
    },
    "Outputs": {"Name": {"Value": {"Ref": "Bucket"}}},
}


def test_round_trips_are_counted_for_each_of_our_constructs() -> None:
    counter = RoundTrips()
    stack = cdk.Stack(cdk.App(), "Counted")
    with counter.counting():
        key = DataKey(stack, "Key")
        after_key = counter.total
        s3.Bucket(stack, "NotOurs")
        after_bucket = counter.total
        LogArchive(stack, "Logs", encryption_key=key)
    counted = counter.total
    DataKey(stack, "After")
    assert counter.total == counted
    assert counter.inclusive["DataKey"] == [after_key]
    assert 0 < after_key < after_bucket < counted
    assert set(counter.inclusive) == {"DataKey", "LogArchive", "AccessLogBucket"}
    (archive,), (nested,) = counter.inclusive["LogArchive"], counter.inclusive["AccessLogBucket"]
    assert archive == counted - after_bucket
    assert counter.own["LogArchive"] == [archive - nested]
    assert next(iter(counter.by_construct())) == "LogArchive"


def test_round_trips_of_a_constructor_that_fails_are_its_own() -> None:
    counter = RoundTrips()
    stack = cdk.Stack(cdk.App(), "Failing")
    key = DataKey(stack, "Key")
    with counter.counting():
        with pytest.raises(ConstructError):
            GovernedBucket(stack, "Bucket", encryption_key=key, organization_id="none")
        DataKey(stack, "Other")
    assert counter.own == counter.inclusive


def test_report_is_json_with_every_measurement(tmp_path: Path) -> None:
    sandbox = ENVIRONMENTS[0]
    assert sandbox.stem == "sandbox"
    example = tmp_path / "example.py"
    example.write_text(EXAMPLE, encoding="utf-8")

    def made_up(programs: Mapping[str, Program], runs: int) -> dict[str, float]:
        assert programs.keys() == SECONDS.keys()
        return {name: runs * SECONDS[name] for name in programs}

    document = json.loads(json.dumps(report([sandbox], [example], 2, made_up)))
    assert document["seconds"]["python"] == 10.0
    assert document["ratio_to_javascript"] == {"whole_process": 5.0, "without_start": 8.0}
    sizes = document["templates"]["sandbox"]
    assert len(sizes) >= 5
    assert all(size["bytes"] > 0 for size in sizes.values())
    resources = sum(size["resources"] for size in sizes.values())
    assert sum(document["javascript_resources"].values()) == resources
    # Custom resources have no class of their own, and some properties that are conditions fit in none.
    assert document["javascript_resources"]["generic"] < resources / 10
    trips = document["round_trips"]
    of_sandbox = trips["environments"]["sandbox"]
    assert of_sandbox["per_resource"] == pytest.approx(
        (of_sandbox["construction"] + of_sandbox["synthesis"]) / resources, abs=0.1
    )
    assert trips["constructs"]["MlEnvironment"]["most"] < of_sandbox["construction"]
    assert {"IsolatedVpc", "GovernedBucket", "DataKey"} <= trips["constructs"].keys()


def test_javascript_makes_the_same_resources(tmp_path: Path) -> None:
    assembly = tmp_path / "assembly"
    assembly.mkdir()
    (assembly / "Small.product.template.json").write_text(json.dumps(TEMPLATE), encoding="utf-8")
    program = same_resources(assembly, tmp_path, {"CDK_VALIDATION": "false"})
    assert (program.typed, program.generic) == (2, 1)
    source = program.path.read_text(encoding="utf-8")
    assert 'new aws_s3.CfnBucket(stack, "Bucket", { "bucketName": asString({"Fn::Sub"' in source
    written = json.loads((tmp_path / "javascript.out" / "Small-product.template.json").read_text(encoding="utf-8"))
    for section in ("Parameters", "Conditions", "Outputs"):
        assert written[section] == TEMPLATE[section]


@pytest.mark.parametrize(
    "change",
    [
        {"Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": False}}},
        {"Key": {"Type": "AWS::KMS::Key", "Properties": {}, "DeletionPolicy": "Delete"}},
        {"Key": {"Type": "AWS::KMS::Key", "Properties": {}}, "Other": {"Type": "AWS::SQS::Queue"}},
        {},
    ],
    ids=["property", "attribute", "one more", "one less"],
)
def test_a_different_resource_is_an_error(change: dict[str, object]) -> None:
    ours = {"Small": {"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {}}}}}
    check_same_resources(ours, ours)
    with pytest.raises(DifferentResourcesError, match=r"Small: (Key|Other) differ"):
        check_same_resources(ours, {"Small": {"Resources": change}})


def test_processes_take_turns_after_a_warm_up(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"import os; open({str(log)!r}, 'a').write(os.environ['NAME']); os.environ['CDK_OUTDIR']"
    programs = {name: Program([sys.executable, "-c", script], {"NAME": name}) for name in "ab"}
    seconds = measure(programs, 2)
    assert log.read_text(encoding="utf-8") == "ababab"
    assert set(seconds) == {"a", "b"}


def test_a_failing_process_is_not_measured() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        measure({"broken": Program([sys.executable, "-c", "raise SystemExit(1)"])}, 1)
