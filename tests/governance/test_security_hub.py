from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs

from mlgov_constructs.controls import CATALOGUE, ControlException, RuleEngine, Severity, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance import SecurityHubConfiguration, SecurityHubStandards, SecurityStandard
from mlgov_constructs.protection import DataKey
from tests.governance.conftest import REGIONS
from tests.templates import Template, of_type

ENDPOINT = "arn:aws:sagemaker:eu-west-1:111122223333:endpoint-config/trial"
ONE = ControlException(
    control="SageMaker.4",
    resource=ENDPOINT,
    reason="One instance is enough until the launch, RISK-31",
    expires=datetime.date(2030, 3, 31),
)
ALL = ControlException(control="S3.13", reason="Nothing here ages, ADR-8", expires=datetime.date(2030, 12, 31))
RULE = "AWS::SecurityHub::AutomationRule"


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for name, region in {"plain": "eu-west-1", **REGIONS}.items():
            stack = cdk.Stack(app, name, env=cdk.Environment(region=region))
            SecurityHubStandards(
                stack, "Hub", encryption_key=DataKey(stack, "Key"), alert_emails=["security@example.org"]
            )
            SecurityHubConfiguration(stack, "Central", target_ids=["r-ab12", "ou-ab12-11111111", "111122223333"])
        named = cdk.Stack(app, "named")
        SecurityHubStandards(
            named,
            "Hub",
            encryption_key=DataKey(named, "Key"),
            standards=[SecurityStandard.NIST_800_53_R5, SecurityStandard.NIST_800_53_R5],
            alert_severities=[Severity.CRITICAL],
            ticket_target=targets.SqsQueue(sqs.Queue.from_queue_arn(named, "Queue", "arn:aws:sqs:eu-west-1:1:tickets")),
            ticket_severities=[Severity.HIGH, Severity.MEDIUM],
            exceptions=[ONE, ALL],
        )
        SecurityHubConfiguration(
            named,
            "Central",
            target_ids=["r-ab12"],
            regions=["eu-central-1"],
            standards=[SecurityStandard.AI_SECURITY],
            disabled_controls=["SageMaker.6"],
        )

    return synthesize(build)


def only(template: Template, resource_type: str) -> dict[str, Any]:
    (found,) = of_type(template, resource_type).values()
    return found


def arns(template: Template) -> list[str]:
    standards = of_type(template, "AWS::SecurityHub::Standard").values()
    return [each["Properties"]["StandardsArn"]["Fn::Join"][1][-1] for each in standards]


def routes(template: Template) -> dict[str, dict[str, Any]]:
    return {
        each["Properties"]["Description"]: each["Properties"]
        for each in of_type(template, "AWS::Events::Rule").values()
    }


def test_the_hub_has_no_standards_but_those_that_are_named(templates: dict[str, Template]) -> None:
    assert only(templates["plain"], "AWS::SecurityHub::Hub")["Properties"]["EnableDefaultStandards"] is False
    assert arns(templates["plain"]) == [
        "::standards/ai-security-best-practices/v/1.0.0",
        "::standards/aws-foundational-security-best-practices/v/1.0.0",
    ]
    assert arns(templates["named"]) == ["::standards/nist-800-53/v/5.0.0"]


def test_new_controls_come_in_and_a_control_has_one_finding(templates: dict[str, Template]) -> None:
    hub = only(templates["plain"], "AWS::SecurityHub::Hub")
    assert hub["Properties"]["AutoEnableControls"] is True
    assert hub["Properties"]["ControlFindingGenerator"] == "SECURITY_CONTROL"
    assert hub["Metadata"]["mlgov"] == {"controls": ["MLG-GOV-11"]}


def test_standards_are_enabled_one_after_the_other(templates: dict[str, Template]) -> None:
    (hub,) = of_type(templates["plain"], "AWS::SecurityHub::Hub")
    (first, first_resource), (_, second_resource) = of_type(templates["plain"], "AWS::SecurityHub::Standard").items()
    assert first_resource["DependsOn"] == [hub]
    assert second_resource["DependsOn"] == [first]


def test_people_are_told_of_new_findings_that_are_bad(templates: dict[str, Template]) -> None:
    (route,) = routes(templates["plain"]).values()
    (topic,) = of_type(templates["plain"], "AWS::SNS::Topic")
    assert route["State"] == "ENABLED"
    assert [target["Arn"] for target in route["Targets"]] == [{"Ref": topic}]
    assert route["EventPattern"] == {
        "source": ["aws.securityhub"],
        "detail-type": ["Security Hub Findings - Imported"],
        "detail": {
            "findings": {
                "Compliance": {"Status": ["FAILED", "WARNING"]},
                "RecordState": ["ACTIVE"],
                "Severity": {"Label": ["CRITICAL", "HIGH"]},
                "Workflow": {"Status": ["NEW"]},
            }
        },
    }


def test_topic_and_key_admit_eventbridge_of_this_account(templates: dict[str, Template]) -> None:
    assert only(templates["plain"], "AWS::SNS::Subscription")["Properties"]["Endpoint"] == "security@example.org"
    topic = only(templates["plain"], "AWS::SNS::TopicPolicy")["Properties"]["PolicyDocument"]["Statement"]
    key = only(templates["plain"], "AWS::KMS::Key")["Properties"]["KeyPolicy"]["Statement"]
    (publish,) = [each for each in topic if each["Effect"] == "Allow"]
    (use,) = [each for each in key if each["Sid"] == "ServiceEvents"]
    for statement in (publish, use):
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_other_findings_become_tickets(templates: dict[str, Template]) -> None:
    found = routes(templates["named"])
    tickets = found["Findings of Security Hub that become tickets"]
    assert tickets["EventPattern"]["detail"]["findings"]["Severity"] == {"Label": ["HIGH", "MEDIUM"]}
    assert [target["Arn"] for target in tickets["Targets"]] == ["arn:aws:sqs:eu-west-1:1:tickets"]
    alerts = found["Findings of Security Hub that people are told of"]
    assert alerts["EventPattern"]["detail"]["findings"]["Severity"] == {"Label": ["CRITICAL"]}


def test_an_exception_suppresses_the_findings_of_its_resource_until_its_last_day(
    templates: dict[str, Template],
) -> None:
    rule = next(iter(of_type(templates["named"], RULE).values()))["Properties"]
    assert rule["Criteria"] == {
        "ComplianceSecurityControlId": [{"Comparison": "EQUALS", "Value": "SageMaker.4"}],
        "ResourceId": [{"Comparison": "EQUALS", "Value": ENDPOINT}],
        "UpdatedAt": [{"Start": "2018-11-28T00:00:00Z", "End": "2030-03-31T23:59:59Z"}],
    }
    (action,) = rule["Actions"]
    assert action["FindingFieldsUpdate"]["Workflow"] == {"Status": "SUPPRESSED"}
    assert action["FindingFieldsUpdate"]["Note"]["Text"] == f"{ONE.reason} (until 2030-03-31)"
    assert rule["Description"] == f"{ONE.reason} (until 2030-03-31)"


def test_an_exception_for_all_names_no_resource(templates: dict[str, Template]) -> None:
    _, rule = of_type(templates["named"], RULE).values()
    assert "ResourceId" not in rule["Properties"]["Criteria"]
    assert rule["Properties"]["RuleOrder"] == 2
    assert rule["Metadata"]["mlgov"] == {"controls": ["MLG-GOV-12"]}


def test_exceptions_wait_for_the_hub(templates: dict[str, Template]) -> None:
    (hub,) = of_type(templates["named"], "AWS::SecurityHub::Hub")
    assert [each["DependsOn"] for each in of_type(templates["named"], RULE).values()] == [[hub]] * 2


def test_routes_claim_their_controls(templates: dict[str, Template]) -> None:
    for route in of_type(templates["named"], "AWS::Events::Rule").values():
        assert route["Metadata"]["mlgov"] == {"controls": list(SecurityHubStandards.ROUTE_CONTROLS)}


def test_exceptions_are_on_record(templates: dict[str, Template]) -> None:
    recorded = only(templates["named"], "AWS::SecurityHub::Hub")["Metadata"]["mlgov:exceptions"]
    assert [(each["control"], each["expires"]) for each in recorded] == [
        ("SageMaker.4", "2030-03-31"),
        ("S3.13", "2030-12-31"),
    ]


def test_central_configuration_is_turned_on_in_order(templates: dict[str, Template]) -> None:
    template = templates["plain"]
    aggregator, organization = (
        next(iter(of_type(template, f"AWS::SecurityHub::{name}")))
        for name in ("FindingAggregator", "OrganizationConfiguration")
    )
    settings = template["Resources"][organization]
    assert template["Resources"][aggregator]["Properties"] == {"RegionLinkingMode": "ALL_REGIONS"}
    assert settings["Properties"] == {
        "AutoEnable": False,
        "AutoEnableStandards": "NONE",
        "ConfigurationType": "CENTRAL",
    }
    assert settings["DependsOn"] == [aggregator]
    policy = only(template, "AWS::SecurityHub::ConfigurationPolicy")
    assert policy["DependsOn"] == [organization]
    assert policy["Properties"]["ConfigurationPolicy"]["SecurityHub"]["ServiceEnabled"] is True


def test_targets_have_the_policy_each_by_its_kind(templates: dict[str, Template]) -> None:
    found = of_type(templates["plain"], "AWS::SecurityHub::PolicyAssociation").values()
    assert [(each["Properties"]["TargetId"], each["Properties"]["TargetType"]) for each in found] == [
        ("r-ab12", "ROOT"),
        ("ou-ab12-11111111", "ORGANIZATIONAL_UNIT"),
        ("111122223333", "ACCOUNT"),
    ]


def test_regions_and_controls_can_be_named(templates: dict[str, Template]) -> None:
    aggregator = only(templates["named"], "AWS::SecurityHub::FindingAggregator")["Properties"]
    assert aggregator == {"RegionLinkingMode": "SPECIFIED_REGIONS", "Regions": ["eu-central-1"]}
    policy = only(templates["named"], "AWS::SecurityHub::ConfigurationPolicy")["Properties"]["ConfigurationPolicy"]
    assert policy["SecurityHub"]["SecurityControlsConfiguration"] == {
        "DisabledSecurityControlIdentifiers": ["SageMaker.6"]
    }
    assert len(policy["SecurityHub"]["EnabledStandardIdentifiers"]) == 1


@pytest.mark.parametrize("stack", ["plain", "named", *REGIONS])
def test_every_rule_holds(templates: dict[str, Template], stack: str) -> None:
    engine = RuleEngine(control for name, control in CATALOGUE.items() if name.startswith(("MLG-GOV-", "MLG-PRT-")))
    findings = engine.check_text(json.dumps(templates[stack]))
    assert [(f.control.id, f.logical_id) for f in findings if f.status is Status.FAILED] == []


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert "arn:aws" not in json.dumps(templates[partition])


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"standards": []}, "standards is empty"),
        ({"alert_severities": []}, "alert_severities is empty"),
        ({"ticket_severities": []}, "ticket_severities is empty"),
        ({"alert_emails": ["nobody"]}, "'nobody' is no e-mail address"),
        (
            {"exceptions": [ControlException(control="MLG-SRV-06", reason="Wrong list of ids", expires=ONE.expires)]},
            "'MLG-SRV-06', which is no control of Security Hub",
        ),
        ({"exceptions": [ONE] * 101}, "101 exceptions are given"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=r"^\[Stack/Hub\] ") as error:
        SecurityHubStandards(stack, "Hub", encryption_key=DataKey(stack, "Key"), **arguments)
    assert found in str(error.value)
    assert stack.node.try_find_child("Hub") is None


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"target_ids": []}, "target_ids is empty"),
        ({"standards": []}, "standards is empty"),
        ({"target_ids": ["everybody"]}, "'everybody' is no root, unit or account"),
        ({"disabled_controls": ["SageMaker"]}, "'SageMaker' is no control of Security Hub"),
        ({"regions": ["mars"]}, "'mars' is no region"),
    ],
)
def test_central_configuration_refuses_what_there_is_not(arguments: dict[str, Any], found: str) -> None:
    with pytest.raises(ConstructError, match=found):
        SecurityHubConfiguration(cdk.Stack(cdk.App(), "Stack"), "Central", **{"target_ids": ["r-ab12"], **arguments})
