from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance import AuditEvent, AuditTrail
from mlgov_constructs.protection import DataKey
from tests.governance.conftest import REGIONS
from tests.templates import of_type


def only(template: dict[str, Any], resource_type: str) -> dict[str, Any]:
    (found,) = of_type(template, resource_type).values()
    return found


@pytest.fixture
def trail(governance: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = only(governance["plain"], "AWS::CloudTrail::Trail")["Properties"]
    return found


def test_trail_is_on_everywhere_and_validated(trail: dict[str, Any]) -> None:
    assert trail["IsLogging"] is True
    assert trail["IsMultiRegionTrail"] is True
    assert trail["IncludeGlobalServiceEvents"] is True
    assert trail["EnableLogFileValidation"] is True


def test_log_files_go_to_the_archive_with_the_key(trail: dict[str, Any]) -> None:
    assert "Archive" in trail["S3BucketName"]["Fn::ImportValue"]
    assert "Key" in trail["KMSKeyId"]["Fn::ImportValue"]


def test_trail_waits_for_its_role_and_bucket_policy(governance: dict[str, Any]) -> None:
    waits_for = only(governance["named"], "AWS::CloudTrail::Trail")["DependsOn"]
    assert [name[:-8] for name in waits_for] == ["ArchivePolicy", "TrailLogRolePolicy"]


def test_management_events_are_recorded(trail: dict[str, Any]) -> None:
    selectors = [selector["FieldSelectors"] for selector in trail["AdvancedEventSelectors"]]
    assert [{"Field": "eventCategory", "Equals": ["Management"]}] in selectors


def _data_selector(trail: dict[str, Any]) -> dict[str, Any]:
    (selector,) = [s for s in trail["AdvancedEventSelectors"] if s["Name"] == "Object-level events"]
    return {field.pop("Field"): field for field in json.loads(json.dumps(selector["FieldSelectors"]))}


def test_reads_and_writes_of_every_object_but_the_logs_are_recorded(trail: dict[str, Any]) -> None:
    selector = _data_selector(trail)
    assert selector["eventCategory"] == {"Equals": ["Data"]}
    assert selector["resources.type"] == {"Equals": ["AWS::S3::Object"]}
    assert len(selector["resources.ARN"]["NotStartsWith"]) == 2
    assert "readOnly" not in selector


def test_only_the_named_buckets_are_recorded(governance: dict[str, Any]) -> None:
    selector = _data_selector(only(governance["named"], "AWS::CloudTrail::Trail")["Properties"])
    (prefix,) = selector["resources.ARN"]["StartsWith"]
    assert json.dumps(prefix).endswith(', "/"]]}')
    assert '["Data' in json.dumps(prefix)


def test_events_reach_an_encrypted_log_group_that_is_retained(governance: dict[str, Any]) -> None:
    group = only(governance["plain"], "AWS::Logs::LogGroup")
    assert "Key" in group["Properties"]["KmsKeyId"]["Fn::ImportValue"]
    assert group["Properties"]["RetentionInDays"] == 365
    assert group["DeletionPolicy"] == group["UpdateReplacePolicy"] == "Retain"
    (logical_id,) = of_type(governance["plain"], "AWS::Logs::LogGroup")
    trail = only(governance["plain"], "AWS::CloudTrail::Trail")["Properties"]
    assert trail["CloudWatchLogsLogGroupArn"] == {"Fn::GetAtt": [logical_id, "Arn"]}
    assert only(governance["named"], "AWS::Logs::LogGroup")["Properties"]["RetentionInDays"] == 90


def test_role_is_for_this_trail_and_writes_to_its_group_alone(governance: dict[str, Any]) -> None:
    role = only(governance["named"], "AWS::IAM::Role")["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert ":trail/mlgov-audit" in json.dumps(trust["Condition"]["StringEquals"]["aws:SourceArn"])
    assert "policy/boundary" in json.dumps(role["PermissionsBoundary"])
    policy = only(governance["named"], "AWS::IAM::ManagedPolicy")["Properties"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    (group,) = of_type(governance["named"], "AWS::Logs::LogGroup")
    assert statement["Resource"] == {"Fn::GetAtt": [group, "Arn"]}


@pytest.mark.parametrize("event", AuditEvent)
def test_each_event_has_a_filter_and_an_alarm_that_notifies(governance: dict[str, Any], event: AuditEvent) -> None:
    template = governance["plain"]
    (metric_filter,) = [
        f["Properties"]
        for f in of_type(template, "AWS::Logs::MetricFilter").values()
        if f["Properties"]["FilterPattern"] == event.pattern
    ]
    (alarm,) = [
        a["Properties"]
        for a in of_type(template, "AWS::CloudWatch::Alarm").values()
        if a["Properties"]["AlarmDescription"] == event.description
    ]
    (transformation,) = metric_filter["MetricTransformations"]
    assert (transformation["MetricNamespace"], transformation["MetricName"]) == (
        alarm["Namespace"],
        alarm["MetricName"],
    )
    assert transformation["MetricValue"] == "1"
    (topic,) = of_type(template, "AWS::SNS::Topic")
    (group,) = of_type(template, "AWS::Logs::LogGroup")
    assert metric_filter["LogGroupName"] == {"Ref": group}
    assert alarm["AlarmActions"] == [{"Ref": topic}]
    assert (alarm["Statistic"], alarm["Threshold"], alarm["ComparisonOperator"], alarm["TreatMissingData"]) == (
        "Sum",
        1,
        "GreaterThanOrEqualToThreshold",
        "notBreaching",
    )
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (300, 1)


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (AuditEvent.ROOT_USE, ["Root"]),
        (AuditEvent.UNAUTHORIZED_CALL, ["AccessDenied*", "*UnauthorizedOperation"]),
        (AuditEvent.KEY_DELETION, ["kms", "DisableKey", "ScheduleKeyDeletion"]),
        (AuditEvent.TRAIL_CHANGE, ["StopLogging", "DeleteTrail", "UpdateTrail"]),
        (AuditEvent.IAM_POLICY_CHANGE, ["iam", "AttachRolePolicy", "CreatePolicyVersion"]),
        (AuditEvent.BUCKET_POLICY_CHANGE, ["s3", "PutBucketPolicy", "DeleteBucketPolicy"]),
        (AuditEvent.CONFIG_CHANGE, ["config", "StopConfigurationRecorder"]),
    ],
)
def test_patterns_look_for_what_they_say(event: AuditEvent, names: list[str]) -> None:
    assert [name for name in names if name not in event.pattern] == []
    assert event.pattern.startswith("{ ")
    assert event.pattern.endswith(" }")
    assert event.pattern.count("(") == event.pattern.count(")")


def test_patterns_fit_the_limit_of_cloud_watch_logs() -> None:
    assert all(len(event.pattern) <= 1024 for event in AuditEvent)


def test_alarms_can_be_chosen_once_each(governance: dict[str, Any]) -> None:
    alarms = of_type(governance["named"], "AWS::CloudWatch::Alarm").values()
    assert [alarm["Properties"]["MetricName"] for alarm in alarms] == ["root-use", "key-deletion"]


def test_topic_is_encrypted_and_people_are_told(governance: dict[str, Any]) -> None:
    assert "Key" in only(governance["plain"], "AWS::SNS::Topic")["Properties"]["KmsMasterKeyId"]["Fn::ImportValue"]
    assert only(governance["plain"], "AWS::SNS::Subscription")["Properties"]["Endpoint"] == "audit@example.org"


def test_key_admits_the_trail_its_logs_and_its_alarms(governance: dict[str, Any]) -> None:
    policy = only(governance["foundation"], "AWS::KMS::Key")["Properties"]["KeyPolicy"]["Statement"]
    sids = {statement["Sid"] for statement in policy}
    assert {"CloudWatchLogs", "ServiceCloudwatch"} <= sids
    assert any(sid.startswith("CloudTrailPlainTrail") for sid in sids)


def test_foundation_knows_nothing_of_the_trail(governance: dict[str, Any]) -> None:
    assert "Fn::ImportValue" not in json.dumps(governance["foundation"])


def test_one_region_is_a_recorded_deviation(governance: dict[str, Any]) -> None:
    trail = only(governance["named"], "AWS::CloudTrail::Trail")
    assert trail["Properties"]["IsMultiRegionTrail"] is False
    assert "MLG-GOV-02" not in trail["Metadata"]["mlgov"]["controls"]
    assert [d["control"] for d in trail["Metadata"]["mlgov"]["deviations"]] == ["MLG-GOV-02"]


def test_controls_are_claimed(governance: dict[str, Any]) -> None:
    trail = only(governance["plain"], "AWS::CloudTrail::Trail")
    assert trail["Metadata"]["mlgov"] == {"controls": list(AuditTrail.CONTROLS)}
    for alarm in of_type(governance["plain"], "AWS::CloudWatch::Alarm").values():
        assert alarm["Metadata"]["mlgov"] == {"controls": list(AuditTrail.ALARM_CONTROLS)}
    group = only(governance["plain"], "AWS::Logs::LogGroup")
    assert group["Metadata"]["mlgov"] == {"controls": list(AuditTrail.LOG_GROUP_CONTROLS)}


@pytest.mark.parametrize("stack", ["plain", *REGIONS])
def test_every_rule_of_both_areas_holds(governance: dict[str, Any], stack: str) -> None:
    areas = ("MLG-PRT-", "MLG-GOV-")
    engine = RuleEngine(control for name, control in CATALOGUE.items() if name.startswith(areas))
    findings = engine.check_text(json.dumps(governance[stack]))
    assert [(f.control.id, f.logical_id) for f in findings if f.status is Status.FAILED] == []


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(governance: dict[str, Any], partition: str) -> None:
    assert "arn:aws" not in json.dumps(governance[partition])


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"trail_name": "no"}, "trail_name 'no'"),
        ({"trail_name": "two--marks"}, "trail_name 'two--marks'"),
        ({"trail_name": "-audit"}, "trail_name '-audit'"),
        ({"alarm_emails": ["nobody"]}, "'nobody' is no e-mail address"),
        ({"alarm_events": []}, "alarm_events is empty"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    key = DataKey(stack, "Key")
    archive = s3.Bucket.from_bucket_name(stack, "Archive", "archive")
    with pytest.raises(ConstructError, match=r"^\[Stack/Trail\] ") as error:
        AuditTrail(stack, "Trail", log_archive=archive, encryption_key=key, **arguments)
    assert found in str(error.value)
    assert stack.node.try_find_child("Trail") is None


@pytest.mark.parametrize(
    ("arguments", "kept"), [({}, True), ({"removal_policy": cdk.RemovalPolicy.DESTROY}, False)], ids=["", "asked"]
)
def test_its_log_goes_with_both_keys_alone(arguments: dict[str, Any], kept: bool) -> None:
    stack = cdk.Stack(cdk.App(context={"mlgov:allowDataRemoval": True}), "Stack")
    archive = s3.Bucket.from_bucket_name(stack, "Archive", "archive")
    trail = AuditTrail(stack, "Trail", log_archive=archive, encryption_key=DataKey(stack, "Key"), **arguments)
    group = trail.node.find_child("LogGroup").node.default_child
    assert isinstance(group, cdk.CfnResource)
    policy = cdk.CfnDeletionPolicy.RETAIN if kept else cdk.CfnDeletionPolicy.DELETE
    assert group.cfn_options.deletion_policy is policy


def test_a_long_path_makes_a_name_that_cloudtrail_takes() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    archive = s3.Bucket.from_bucket_name(stack, "Archive", "archive")
    trail = AuditTrail(stack, "Trail" * 40, log_archive=archive, encryption_key=DataKey(stack, "Key"))
    assert trail.trail_name.startswith("Stack-Trail")
    assert len(trail.trail_name) <= 128


def test_metric_of_an_event() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    archive = s3.Bucket.from_bucket_name(stack, "Archive", "archive")
    trail = AuditTrail(
        stack, "Trail", log_archive=archive, encryption_key=DataKey(stack, "Key"), trail_name="mlgov-audit"
    )
    metric = trail.metric_audit_event(AuditEvent.ROOT_USE)
    assert (metric.namespace, metric.metric_name, metric.statistic) == ("mlgov/audit/mlgov-audit", "root-use", "Sum")
