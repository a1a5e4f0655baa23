from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import CATALOGUE, Relaxation, RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance import ComplianceAggregator, ConfigurationRecorder, RecordingFrequency
from mlgov_constructs.protection import DataKey, LogArchive, ObjectLock, ObjectLockMode
from tests.governance.conftest import REGIONS
from tests.templates import Template, of_type

SOME = Relaxation("The organization records the rest, ADR-31")


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for name, region in {"plain": "eu-west-1", **REGIONS}.items():
            stack = cdk.Stack(app, name, env=cdk.Environment(region=region))
            key = DataKey(stack, "Key")
            ConfigurationRecorder(
                stack, "Recorder", bucket=LogArchive(stack, "Logs", encryption_key=key), encryption_key=key
            )
            ComplianceAggregator(stack, "Aggregator")
        chosen = cdk.Stack(app, "chosen")
        key = DataKey(chosen, "Key")
        ConfigurationRecorder(
            chosen,
            "Recorder",
            bucket=LogArchive(chosen, "Logs", encryption_key=key),
            encryption_key=key,
            frequency=RecordingFrequency.DAILY,
            resource_types=["AWS::SageMaker::Model"],
            some_types_only=SOME,
            create_service_linked_role=False,
        )

    return synthesize(build)


def only(template: Template, resource_type: str) -> dict[str, Any]:
    (found,) = of_type(template, resource_type).values()
    return found


def statements(template: Template, sid: str) -> dict[str, Any]:
    policies = [of_type(template, "AWS::S3::BucketPolicy"), of_type(template, "AWS::KMS::Key")]
    documents = [
        policy["Properties"].get("PolicyDocument") or policy["Properties"]["KeyPolicy"]
        for found in policies
        for policy in found.values()
    ]
    (found,) = [each for document in documents for each in document["Statement"] if each.get("Sid") == sid]
    return dict(found)


def test_everything_is_recorded_with_each_change(templates: dict[str, Template]) -> None:
    recorder = only(templates["plain"], "AWS::Config::ConfigurationRecorder")["Properties"]
    assert recorder["RecordingGroup"] == {"AllSupported": True, "IncludeGlobalResourceTypes": True}
    assert recorder["RecordingMode"] == {"RecordingFrequency": "CONTINUOUS"}


def test_the_recorder_has_the_service_linked_role_and_waits_for_it(templates: dict[str, Template]) -> None:
    recorder = only(templates["plain"], "AWS::Config::ConfigurationRecorder")
    assert json.dumps(recorder["Properties"]["RoleARN"]).endswith(
        ':role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"]]}'
    )
    (role,) = of_type(templates["plain"], "AWS::IAM::ServiceLinkedRole")
    assert recorder["DependsOn"] == [role]


def test_the_service_linked_role_outlives_the_stack(templates: dict[str, Template]) -> None:
    role = only(templates["plain"], "AWS::IAM::ServiceLinkedRole")
    assert role["Properties"] == {"AWSServiceName": "config.amazonaws.com"}
    assert role["DeletionPolicy"] == role["UpdateReplacePolicy"] == "Retain"


def test_deliveries_are_encrypted_with_the_key(templates: dict[str, Template]) -> None:
    channel = only(templates["plain"], "AWS::Config::DeliveryChannel")
    (key,) = of_type(templates["plain"], "AWS::KMS::Key")
    assert channel["Properties"]["S3KmsKeyArn"] == {"Fn::GetAtt": [key, "Arn"]}
    assert channel["Metadata"]["mlgov"] == {"controls": list(ConfigurationRecorder.CHANNEL_CONTROLS)}


def test_the_channel_waits_for_the_policy_of_the_bucket(templates: dict[str, Template]) -> None:
    (waits_for,) = only(templates["plain"], "AWS::Config::DeliveryChannel")["DependsOn"]
    assert waits_for.startswith("LogsPolicy")


@pytest.mark.parametrize("sid", ["AllowConfigCheck", "AllowConfig", "ServiceConfig"])
def test_bucket_and_key_admit_aws_config_of_this_account(templates: dict[str, Template], sid: str) -> None:
    statement = statements(templates["plain"], sid)
    assert statement["Principal"] == {"Service": "config.amazonaws.com"}
    assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_aws_config_writes_below_its_own_prefix_alone(templates: dict[str, Template]) -> None:
    statement = statements(templates["plain"], "AllowConfig")
    assert statement["Action"] == "s3:PutObject"
    assert json.dumps(statement["Resource"]).endswith('{"Ref": "AWS::AccountId"}, "/Config/*"]]}')
    assert statement["Condition"]["StringEquals"]["s3:x-amz-acl"] == "bucket-owner-full-control"


def test_some_types_are_a_recorded_deviation(templates: dict[str, Template]) -> None:
    recorder = only(templates["chosen"], "AWS::Config::ConfigurationRecorder")
    assert recorder["Properties"]["RecordingGroup"] == {
        "AllSupported": False,
        "IncludeGlobalResourceTypes": False,
        "ResourceTypes": ["AWS::SageMaker::Model"],
    }
    assert recorder["Properties"]["RecordingMode"] == {"RecordingFrequency": "DAILY"}
    assert recorder["Metadata"]["mlgov"] == {
        "controls": [],
        "deviations": [{"control": "MLG-GOV-08", "reason": SOME.reason}],
    }
    assert of_type(templates["chosen"], "AWS::IAM::ServiceLinkedRole") == {}


def test_the_aggregator_collects_from_every_region(templates: dict[str, Template]) -> None:
    aggregator = only(templates["plain"], "AWS::Config::ConfigurationAggregator")
    source = aggregator["Properties"]["OrganizationAggregationSource"]
    assert source["AllAwsRegions"] is True
    assert [name[:15] for name in aggregator["DependsOn"]] == ["AggregatorRoleR"]
    assert aggregator["Metadata"]["mlgov"] == {"controls": ["MLG-GOV-10"]}


def test_the_role_of_the_aggregator_reads_the_organization_and_can_do_no_more(templates: dict[str, Template]) -> None:
    role = only(templates["plain"], "AWS::IAM::Role")["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "config.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    policies = of_type(templates["plain"], "AWS::IAM::ManagedPolicy")
    assert role["PermissionsBoundary"]["Ref"] in policies
    for policy in policies.values():
        (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
        assert all(
            action.startswith(("organizations:Describe", "organizations:List")) for action in statement["Action"]
        )


@pytest.mark.parametrize("stack", ["plain", "chosen", *REGIONS])
def test_every_rule_holds(templates: dict[str, Template], stack: str) -> None:
    engine = RuleEngine(control for name, control in CATALOGUE.items() if name.startswith(("MLG-GOV-", "MLG-PRT-")))
    findings = engine.check_text(json.dumps(templates[stack]))
    assert [(f.control.id, f.logical_id) for f in findings if f.status is Status.FAILED] == []


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert "arn:aws" not in json.dumps(templates[partition])


def test_a_bucket_that_exists_is_taken() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    given = s3.Bucket.from_bucket_name(stack, "Logs", "logs")
    ConfigurationRecorder(stack, "Recorder", bucket=given, encryption_key=DataKey(stack, "Key"))
    assert stack.node.try_find_child("Recorder") is not None


def test_a_bucket_that_locks_what_arrives_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    key = DataKey(stack, "Key")
    locked = LogArchive(stack, "Logs", encryption_key=key, immutable=ObjectLock(30, ObjectLockMode.COMPLIANCE))
    with pytest.raises(ConstructError, match=r"^\[Stack/Recorder\] the bucket Stack/Logs locks what arrives"):
        ConfigurationRecorder(stack, "Recorder", bucket=locked, encryption_key=key)
    assert stack.node.try_find_child("Recorder") is None


@pytest.mark.parametrize(
    "arguments", [{"resource_types": ["AWS::SageMaker::Model"]}, {"some_types_only": SOME}], ids=["types", "reason"]
)
def test_types_and_reason_belong_together(arguments: dict[str, Any]) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    key = DataKey(stack, "Key")
    logs = LogArchive(stack, "Logs", encryption_key=key)
    with pytest.raises(ConstructError, match="Give both, or neither"):
        ConfigurationRecorder(stack, "Recorder", bucket=logs, encryption_key=key, **arguments)
