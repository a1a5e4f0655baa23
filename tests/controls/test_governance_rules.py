from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE
from mlgov_constructs.governance import AuditEvent
from tests.controls.engines import engine

ARN = {"Fn::GetAtt": ["Other", "Arn"]}
OBJECTS = [
    {"Field": "eventCategory", "Equals": ["Data"]},
    {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
]
WATCHED = (AuditEvent.ROOT_USE, AuditEvent.TRAIL_CHANGE, AuditEvent.KEY_DELETION, AuditEvent.IAM_POLICY_CHANGE)


def trail(**changes: Any) -> dict[str, Any]:
    properties = {
        "IsLogging": True,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": True,
        "KMSKeyId": ARN,
        "CloudWatchLogsLogGroupArn": ARN,
        "CloudWatchLogsRoleArn": ARN,
        "AdvancedEventSelectors": [{"FieldSelectors": OBJECTS}],
        **changes,
    }
    return {"One": resource("AWS::CloudTrail::Trail", properties)}


def watched(*events: AuditEvent, **changes: Any) -> dict[str, Any]:
    filters = {
        f"Filter{position}": resource(
            "AWS::Logs::MetricFilter",
            {"FilterPattern": event.pattern, "MetricTransformations": [{"MetricName": f"metric-{position}"}]},
        )
        for position, event in enumerate(events)
    }
    alarms = {
        f"Alarm{position}": resource("AWS::CloudWatch::Alarm", {"MetricName": f"metric-{position}"})
        for position in range(len(events))
    }
    return {**trail(**changes), **filters, **alarms}


def alarm(**changes: Any) -> dict[str, Any]:
    return {"One": resource("AWS::CloudWatch::Alarm", {"AlarmActions": [{"Ref": "Topic"}], **changes})}


def resource(resource_type: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": resource_type, "Properties": {k: v for k, v in properties.items() if v is not None}}


def classic(mode: str) -> dict[str, Any]:
    selector = {"ReadWriteType": mode, "DataResources": [{"Type": "AWS::S3::Object", "Values": [ARN]}]}
    return trail(AdvancedEventSelectors=None, EventSelectors=[selector])


GROUP = {"AllSupported": True, "IncludeGlobalResourceTypes": True}
SERVICE_ROLE = "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
SUPPRESSED = [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Workflow": {"Status": "SUPPRESSED"}}}]
CRITERIA = {
    "ComplianceSecurityControlId": [{"Comparison": "EQUALS", "Value": "SageMaker.4"}],
    "UpdatedAt": [{"Start": "2018-11-28T00:00:00Z", "End": "2027-03-31T23:59:59Z"}],
}


def one(resource_type: str, **properties: Any) -> dict[str, Any]:
    return {"One": resource(resource_type, properties)}


def recorder(group: Any = GROUP, role: Any = f"arn:aws:iam::111122223333:{SERVICE_ROLE}") -> dict[str, Any]:
    return one("AWS::Config::ConfigurationRecorder", RecordingGroup=group, RoleARN=role)


def aggregator(**sources: Any) -> dict[str, Any]:
    return one("AWS::Config::ConfigurationAggregator", **sources)


def suppression(**changes: Any) -> dict[str, Any]:
    criteria = {key: value for key, value in {**CRITERIA, **changes}.items() if value is not None}
    return one("AWS::SecurityHub::AutomationRule", Actions=SUPPRESSED, Criteria=criteria)


def route(**changes: Any) -> dict[str, Any]:
    told = {"EventPattern": {"source": ["aws.securityhub"]}, "Targets": [{"Id": "topic", "Arn": ARN}], **changes}
    return {**one("AWS::Events::Rule", **told), "Hub": resource("AWS::SecurityHub::Hub", {})}


def hook(**changes: Any) -> dict[str, Any]:
    location = {"Uri": "s3://rules/rules.zip", "VersionId": {"Fn::GetAtt": ["Published", "Stacks"]}}
    return one("AWS::CloudFormation::GuardHook", **{"HookStatus": "ENABLED", "RuleLocation": location, **changes})


PASSING: list[tuple[str, dict[str, Any]]] = [
    *((f"MLG-GOV-0{number}", trail()) for number in range(1, 6)),
    ("MLG-GOV-05", classic("All")),
    (
        "MLG-GOV-05",
        trail(
            AdvancedEventSelectors=[{"FieldSelectors": [*OBJECTS, {"Field": "eventName", "NotEquals": ["HeadObject"]}]}]
        ),
    ),
    ("MLG-GOV-06", alarm()),
    ("MLG-GOV-06", alarm(ActionsEnabled=True)),
    ("MLG-GOV-07", watched(*WATCHED)),
    ("MLG-GOV-08", recorder()),
    ("MLG-GOV-08", recorder({"AllSupported": "true", "IncludeGlobalResourceTypes": "true"})),
    ("MLG-GOV-08", recorder(role={"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, f":{SERVICE_ROLE}"]]})),
    ("MLG-GOV-09", one("AWS::Config::DeliveryChannel", S3KmsKeyArn=ARN)),
    ("MLG-GOV-10", aggregator(OrganizationAggregationSource={"AllAwsRegions": True, "RoleArn": ARN})),
    ("MLG-GOV-10", aggregator(AccountAggregationSources=[{"AllAwsRegions": True, "AccountIds": ["111122223333"]}])),
    ("MLG-GOV-11", one("AWS::SecurityHub::Hub", ControlFindingGenerator="SECURITY_CONTROL")),
    ("MLG-GOV-12", suppression()),
    ("MLG-GOV-12", one("AWS::SecurityHub::AutomationRule", Actions=[{"Type": "FINDING_FIELDS_UPDATE"}], Criteria={})),
    ("MLG-GOV-13", route()),
    ("MLG-GOV-14", hook()),
]
FAILING: list[tuple[str, dict[str, Any]]] = [
    ("MLG-GOV-01", trail(IsLogging=False)),
    ("MLG-GOV-02", trail(IsMultiRegionTrail=False)),
    ("MLG-GOV-02", trail(IsMultiRegionTrail=None)),
    ("MLG-GOV-02", trail(IncludeGlobalServiceEvents=False)),
    ("MLG-GOV-03", trail(EnableLogFileValidation=None)),
    ("MLG-GOV-04", trail(KMSKeyId=None)),
    ("MLG-GOV-05", trail(AdvancedEventSelectors=None)),
    ("MLG-GOV-05", trail(AdvancedEventSelectors=[{"FieldSelectors": OBJECTS[:1]}])),
    (
        "MLG-GOV-05",
        trail(AdvancedEventSelectors=[{"FieldSelectors": [*OBJECTS, {"Field": "readOnly", "Equals": ["false"]}]}]),
    ),
    (
        "MLG-GOV-05",
        trail(AdvancedEventSelectors=[{"FieldSelectors": [*OBJECTS, {"Field": "eventName", "StartsWith": ["Put"]}]}]),
    ),
    ("MLG-GOV-05", classic("WriteOnly")),
    ("MLG-GOV-06", alarm(AlarmActions=None)),
    ("MLG-GOV-06", alarm(AlarmActions=[])),
    ("MLG-GOV-06", alarm(ActionsEnabled=False)),
    ("MLG-GOV-07", watched(*WATCHED, CloudWatchLogsLogGroupArn=None)),
    ("MLG-GOV-07", watched(*WATCHED, CloudWatchLogsRoleArn=None)),
    ("MLG-GOV-08", recorder(None)),
    ("MLG-GOV-08", recorder({"AllSupported": True})),
    ("MLG-GOV-08", recorder({"AllSupported": False, "IncludeGlobalResourceTypes": True})),
    ("MLG-GOV-08", recorder(role=ARN)),
    ("MLG-GOV-08", recorder(role="arn:aws:iam::111122223333:role/ours")),
    ("MLG-GOV-08", recorder(role={"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":role/ours"]]})),
    ("MLG-GOV-09", one("AWS::Config::DeliveryChannel", S3BucketName="logs")),
    ("MLG-GOV-10", aggregator(OrganizationAggregationSource={"AwsRegions": ["eu-west-1"], "RoleArn": ARN})),
    ("MLG-GOV-10", aggregator(AccountAggregationSources=[{"AllAwsRegions": False}])),
    ("MLG-GOV-11", one("AWS::SecurityHub::Hub")),
    (
        "MLG-GOV-11",
        one("AWS::SecurityHub::Hub", AutoEnableControls=False, ControlFindingGenerator="SECURITY_CONTROL"),
    ),
    ("MLG-GOV-12", suppression(ComplianceSecurityControlId=None)),
    ("MLG-GOV-12", suppression(UpdatedAt=None)),
    ("MLG-GOV-12", suppression(UpdatedAt=[{"Start": "2018-11-28T00:00:00Z"}])),
    ("MLG-GOV-13", route(State="DISABLED")),
    ("MLG-GOV-13", route(Targets=[])),
    ("MLG-GOV-14", hook(HookStatus="DISABLED")),
    ("MLG-GOV-14", hook(RuleLocation={"Uri": "s3://rules/rules.zip"})),
]


def check(control: str, resources: dict[str, Any]) -> list[tuple[str, str]]:
    findings = engine(control).check_text(json.dumps({"Resources": resources}))
    return [(finding.control.id, finding.logical_id) for finding in findings]


@pytest.mark.parametrize(("control", "resources"), PASSING)
def test_passes(control: str, resources: dict[str, Any]) -> None:
    assert check(control, resources) == []


@pytest.mark.parametrize(("control", "resources"), FAILING)
def test_fails_and_names_the_resource(control: str, resources: dict[str, Any]) -> None:
    assert check(control, resources) == [(control, "One")]


@pytest.mark.parametrize("missing", WATCHED)
def test_a_trail_that_is_not_watched_fails(missing: AuditEvent) -> None:
    rest = [event for event in WATCHED if event is not missing]
    assert [control for control, _ in check("MLG-GOV-07", watched(*rest))] == ["MLG-GOV-07"]


@pytest.mark.parametrize("position", range(len(WATCHED)))
def test_a_filter_without_an_alarm_fails(position: int) -> None:
    resources = watched(*WATCHED)
    del resources[f"Alarm{position}"]
    assert check("MLG-GOV-07", resources) == [("MLG-GOV-07", f"Filter{position}")]


def test_filters_without_any_alarm_fail() -> None:
    resources = {name: entry for name, entry in watched(*WATCHED).items() if not name.startswith("Alarm")}
    assert {control for control, _ in check("MLG-GOV-07", resources)} == {"MLG-GOV-07"}


def test_filters_of_another_trail_need_no_alarm_here() -> None:
    resources = {name: entry for name, entry in watched(*WATCHED).items() if name.startswith("Filter")}
    assert check("MLG-GOV-07", resources) == []


def test_a_hub_of_which_nobody_hears_fails() -> None:
    assert check("MLG-GOV-13", one("AWS::SecurityHub::Hub")) == [("MLG-GOV-13", "")]


def test_every_control_of_the_area_is_tried_both_ways() -> None:
    # Those of an organization's policies, from 30, have a file of their own.
    area = {name for name in CATALOGUE if name.startswith("MLG-GOV-") and name < "MLG-GOV-30"}
    assert area == {control for control, _ in PASSING} == {control for control, _ in FAILING}
