"""The inventory is deployed with IAM enforced, and its function collects what is there under its own role."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from click.testing import CliRunner

from mlgov_constructs.cli.main import main
from mlgov_constructs.mlops.lineage import Lineage
from tests.local_cloud.conftest import Cloud, Stack
from tests.mlops.inventory import IMAGE
from tests.mlops.test_lineage import ground
from tests.templates import Template

ROLE = "arn:aws:iam::123456789012:role/hosting"
TAGS = [{"Key": "mlgov:project", "Value": "churn"}]
METADATA = {"mlgov:data-version": "2026-11", "mlgov:code-commit": "c0ffee", "mlgov:image": IMAGE}
DECIDED = {
    "eventID": "c1",
    "eventName": "UpdateModelPackage",
    "eventTime": "2026-11-20T09:00:00Z",
    "userIdentity": {"arn": "arn:aws:sts::123456789012:assumed-role/approvers/ana"},
    "requestParameters": {"modelPackageArn": "arn:aws:sagemaker:::x/1", "modelApprovalStatus": "Approved"},
}
NUMBERS = itertools.count(1)


class Collector:
    """The deployed function, and the bucket that it writes to."""

    def __init__(self, cloud: Cloud, stack: Stack) -> None:
        found = cloud.client("cloudformation").describe_stack_resources(StackName=stack.name)["StackResources"]
        ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}
        (self.function,) = (
            value for name, value in ids.items() if name.startswith("LineageCollector") and "Role" not in name
        )
        (self.bucket,) = (value for name, value in ids.items() if name.startswith("Bucket") and "Policy" not in name)
        self.cloud = cloud

    def run(self, event: dict[str, Any]) -> Any:
        answer = self.cloud.client("lambda").invoke(FunctionName=self.function, Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return payload

    def download(self, folder: Path) -> None:
        s3 = self.cloud.client("s3")
        for each in s3.list_objects_v2(Bucket=self.bucket, Prefix="lineage/tables/")["Contents"]:
            path = folder / each["Key"].removeprefix("lineage/tables/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(s3.get_object(Bucket=self.bucket, Key=each["Key"])["Body"].read())


@pytest.fixture(scope="module")
def stack(enforced_cloud: Cloud, synthesize: Callable[..., dict[str, Template]]) -> Stack:
    def build(app: cdk.App) -> None:
        Lineage(construct_id="Lineage", **ground(app))

    resources = synthesize(build)["lineage"]["Resources"]
    bucket, s3 = "lineage-templates", enforced_cloud.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="lineage", Body=json.dumps({"Resources": resources}).encode())
    enforced_cloud.client("cloudformation").create_stack(
        StackName="lineage",
        TemplateURL=f"{enforced_cloud.local.endpoint}/{bucket}/lineage",
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    made = Stack(enforced_cloud, "lineage", resources)
    assert made.wait() == "CREATE_COMPLETE", made.failures()
    return made


@pytest.fixture
def collector(enforced_cloud: Cloud, stack: Stack) -> Collector:
    return Collector(enforced_cloud, stack)


@pytest.fixture(scope="module")
def version(enforced_cloud: Cloud) -> str:
    """A version that is approved and served."""
    sagemaker = enforced_cloud.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="lineage-churn", Tags=TAGS)
    arn: str = sagemaker.create_model_package(
        ModelPackageGroupName="lineage-churn",
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://data/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
        ModelApprovalStatus="PendingManualApproval",
        CustomerMetadataProperties=METADATA,
    )["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="AUC 0.9")
    sagemaker.create_model(ModelName="lineage-churn", ExecutionRoleArn=ROLE, PrimaryContainer={"ModelPackageName": arn})
    variant = {
        "VariantName": "main",
        "ModelName": "lineage-churn",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
    }
    sagemaker.create_endpoint_config(EndpointConfigName="lineage-churn", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="lineage-live", EndpointConfigName="lineage-churn", Tags=TAGS)
    return arn


def ask(folder: Path, *question: str) -> list[dict[str, str | None]]:
    result = CliRunner().invoke(main, ["lineage", str(folder), *question, "--format", "json"])
    assert result.exit_code == 0, result.output
    rows: list[dict[str, str | None]] = json.loads(result.stdout)["rows"]
    return rows


def test_a_sweep_finds_the_version_and_where_it_serves(collector: Collector, version: str, tmp_path: Path) -> None:
    counted = collector.run({"id": f"sweep-{next(NUMBERS)}"})
    assert counted["model_versions"] >= 1
    collector.download(tmp_path)
    (found,) = ask(tmp_path, "--package", version)
    assert (found["endpoint_name"], found["variant"], found["project"]) == ("lineage-live", "main", "churn")
    assert (found["data_version"], found["code_commit"], found["image"]) == ("2026-11", "c0ffee", IMAGE)
    assert (found["approval_status"], found["approval_description"]) == ("Approved", "AUC 0.9")
    assert (found["approver"], found["evidence"]) == ("arn:aws:iam::123456789012:root", "registry")
    (served,) = ask(tmp_path, "--endpoint", "lineage-live")
    assert (served["model_package_arn"], served["running_monitors"]) == (version, "0")


def test_what_is_written_has_the_key_of_the_bucket(collector: Collector, version: str) -> None:
    collector.run({"id": f"sweep-{next(NUMBERS)}"})
    s3 = collector.cloud.client("s3")
    for each in s3.list_objects_v2(Bucket=collector.bucket)["Contents"]:
        head = s3.head_object(Bucket=collector.bucket, Key=each["Key"])
        assert (head["ServerSideEncryption"], head["ContentType"]) == ("aws:kms", "application/gzip")


def test_events_bring_it_up_to_date(collector: Collector, version: str, tmp_path: Path) -> None:
    collector.run({"id": f"sweep-{next(NUMBERS)}"})
    call = {**DECIDED, "requestParameters": {"modelPackageArn": version, "modelApprovalStatus": "Approved"}}
    collector.run({"id": "decision", "detail-type": "AWS API Call via CloudTrail", "detail": call})
    collector.cloud.client("sagemaker").update_model_package(
        ModelPackageArn=version, CustomerMetadataProperties={"mlgov:code-commit": "beef"}
    )
    changed = {"id": "change", "detail-type": "SageMaker Model Package State Change"}
    collector.run({**changed, "detail": {"ModelPackageArn": version}})
    collector.run(
        {"id": "gone", "detail-type": "SageMaker Endpoint State Change", "detail": {"EndpointName": "lineage-gone"}}
    )
    collector.download(tmp_path)
    (found,) = ask(tmp_path, "--model", "lineage-churn")
    assert (found["code_commit"], found["evidence"]) == ("beef", "CloudTrail")
    assert found["approver"] == "arn:aws:sts::123456789012:assumed-role/approvers/ana"


def test_the_rules_start_the_function(collector: Collector, stack: Stack) -> None:
    events = collector.cloud.client("events")
    arn = collector.cloud.client("lambda").get_function(FunctionName=collector.function)["Configuration"]["FunctionArn"]
    rules = [name for name in stack.resources if name.endswith("Rule") or "Rule" in name]
    assert len(events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]) == len(rules) == 3


@pytest.mark.parametrize(
    ("kind", "detail", "rules"),
    [
        ("SageMaker Endpoint State Change", {"EndpointName": "live"}, {"Changes"}),
        ("SageMaker Training Job State Change", {}, set()),
        ("AWS API Call via CloudTrail", DECIDED, {"Decisions"}),
        ("AWS API Call via CloudTrail", {**DECIDED, "errorCode": "AccessDenied"}, set()),
        ("AWS API Call via CloudTrail", {**DECIDED, "requestParameters": {"modelPackageArn": "x"}}, set()),
    ],
)
def test_each_rule_takes_its_events_and_no_others(
    collector: Collector, stack: Stack, kind: str, detail: dict[str, Any], rules: set[str]
) -> None:
    # Nobody may put an event of AWS on the bus, here as there.
    event = {
        "id": "1",
        "account": collector.cloud.local.account,
        "region": collector.cloud.local.region,
        "source": "aws.sagemaker",
        "time": "2026-11-20T09:00:00Z",
        "resources": [],
        "detail-type": kind,
        "detail": detail,
    }
    events = collector.cloud.client("events")
    taken = set()
    for name in ("Changes", "Decisions"):
        (logical_id,) = (each for each in stack.resources if each.startswith(f"Lineage{name}Rule"))
        pattern = events.describe_rule(Name=stack.id(logical_id))["EventPattern"]
        if events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]:
            taken.add(name)
    assert taken == rules


def test_a_registration_and_a_card_reach_the_inventory_by_themselves(
    collector: Collector, version: str, tmp_path: Path
) -> None:
    sagemaker = collector.cloud.client("sagemaker")
    collector.run({"id": f"sweep-{next(NUMBERS)}"})
    content = {"model_package_details": {"model_package_arn": version, "model_package_group_name": "lineage-churn"}}
    key = collector.cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    sagemaker.create_model_card(
        ModelCardName="lineage-card",
        Content=json.dumps(content),
        ModelCardStatus="Draft",
        SecurityConfig={"KmsKeyId": key},
    )
    sagemaker.update_model_package(ModelPackageArn=version, CustomerMetadataProperties={"mlgov:code-commit": "fresh"})
    deadline = time.monotonic() + 30
    found: dict[str, str | None] = {}
    while (found.get("code_commit"), found.get("card")) != ("fresh", "lineage-card"):
        assert time.monotonic() < deadline, found
        collector.download(tmp_path)
        (found,) = ask(tmp_path, "--package", version)[:1]


def test_a_failure_is_an_error_of_the_function(collector: Collector) -> None:
    collector.cloud.local.fail("sagemaker:ListEndpoints", "AccessDeniedException")
    answer = collector.cloud.client("lambda").invoke(FunctionName=collector.function, Payload="{}")
    assert "FunctionError" in answer
    assert "AccessDeniedException" in answer["Payload"].read().decode()
