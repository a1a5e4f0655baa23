"""The policies on configuration items, judged by the engine that judges templates."""

from __future__ import annotations

import json
from typing import Any

import cloudformation_validate as engine
import pytest

from mlgov_constructs.controls import CATALOGUE, detective_rules

# The list of managed rules changes slowly; these names follow no rule.
IRREGULAR = {
    "cloudtrail-enabled": "CLOUD_TRAIL_ENABLED",
    "multi-region-cloudtrail-enabled": "MULTI_REGION_CLOUD_TRAIL_ENABLED",
}
SILENT = engine.ValidateConfig(disable_builtin_rules=True)
RULES = {rule.name: rule for rule in detective_rules(CATALOGUE.values())}
POLICIES = {name: rule for name, rule in RULES.items() if rule.policy}
MODEL, CONFIG = "AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig"
NOTEBOOK = "AWS::SageMaker::NotebookInstance"


def item(resource_type: str, *, tags: dict[str, str] | None = None, **configuration: Any) -> dict[str, Any]:
    """A configuration item as AWS Config hands it to a policy."""
    return {
        "resourceType": resource_type,
        "resourceId": "id",
        "configurationItemStatus": "OK",
        "configuration": configuration,
        "supplementaryConfiguration": {},
        "tags": tags or {},
    }


def key(action: Any, manager: str = "CUSTOMER", **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": action, "Resource": "*", **more}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
    return {**item("AWS::KMS::Key", keyManager=manager), "supplementaryConfiguration": {"Policy": policy}}


def role(path: str = "/", **more: Any) -> dict[str, Any]:
    return item("AWS::IAM::Role", path=path, **more)


PASSING = [
    ("mlg-net-01", item("AWS::EC2::Subnet")),
    ("mlg-net-01", {**item("AWS::EC2::NatGateway"), "configurationItemStatus": "ResourceDeleted"}),
    ("mlg-prt-02", key("kms:Decrypt")),
    ("mlg-prt-02", key(["kms:List*", "kms:Get*"])),
    ("mlg-prt-02", key("kms:*", manager="AWS")),
    ("mlg-prt-02", item("AWS::KMS::Key", keyManager="CUSTOMER")),
    ("mlg-idn-01", role(permissionsBoundary={"permissionsBoundaryArn": "arn"})),
    ("mlg-idn-01", role("/aws-service-role/config.amazonaws.com/")),
    ("mlg-idn-01", role("/aws-reserved/sso.amazonaws.com/")),
    ("mlg-idn-06", role()),
    ("mlg-wsp-08", item(NOTEBOOK, tags={"mlgov:project": "demo"})),
    ("mlg-srv-07", item(CONFIG, DataCaptureConfig={"EnableCapture": True})),
    ("mlg-srv-07", item(CONFIG, AsyncInferenceConfig={})),
    ("mlg-srv-10", item(MODEL, tags={"mlgov:project": "demo"})),
]
FAILING = [
    ("mlg-net-01", item("AWS::EC2::InternetGateway")),
    ("mlg-prt-02", key("kms:*")),
    ("mlg-prt-02", key("*")),
    ("mlg-prt-02", key(["kms:Decrypt", "kms:*"])),
    ("mlg-prt-02", key("kms:Decrypt", NotPrincipal={"AWS": "arn"})),
    ("mlg-idn-01", role()),
    ("mlg-idn-06", item("AWS::IAM::User")),
    ("mlg-wsp-08", item(NOTEBOOK)),
    ("mlg-wsp-08", item(NOTEBOOK, tags={"mlgov:project": ""})),
    ("mlg-srv-07", item(CONFIG)),
    ("mlg-srv-07", item(CONFIG, DataCaptureConfig={"EnableCapture": False})),
    ("mlg-srv-10", item(MODEL, tags={"team": "demo"})),
]


def judge(rule: str, judged: dict[str, Any]) -> list[str]:
    source = engine.ExternalRuleSource(name=rule, content=POLICIES[rule].policy)
    rules = engine.CelEngine(engine.EngineConfig(guard_rules=[source]))
    content = engine.TemplateContent(json.dumps(judged), "item")
    return [each.message for each in rules.validate_template(content, SILENT).diagnostics]


@pytest.mark.parametrize(("rule", "judged"), PASSING)
def test_passes(rule: str, judged: dict[str, Any]) -> None:
    assert judge(rule, judged) == []


@pytest.mark.parametrize(("rule", "judged"), FAILING)
def test_fails(rule: str, judged: dict[str, Any]) -> None:
    assert judge(rule, judged) != []


def test_every_policy_is_tried_both_ways() -> None:
    assert set(POLICIES) == {rule for rule, _ in PASSING} == {rule for rule, _ in FAILING}


@pytest.mark.parametrize("rule", POLICIES)
def test_a_policy_says_what_it_judges_and_fits_the_limit(rule: str) -> None:
    assert POLICIES[rule].resource_types
    assert len(POLICIES[rule].policy) <= 10_000


def test_managed_rules_are_those_of_the_mappings() -> None:
    named = {
        mapping.id for control in CATALOGUE.values() for mapping in control.mappings if mapping.framework == "config"
    }
    managed = {name: rule.identifier for name, rule in RULES.items() if rule.identifier}
    assert set(managed) == named
    assert {
        name: identifier for name, identifier in managed.items() if identifier != name.upper().replace("-", "_")
    } == (IRREGULAR)


def test_what_aws_must_be_told_of_a_managed_rule_belongs_to_one_that_is_named() -> None:
    told = {name for name, rule in RULES.items() if rule.parameters or rule.takes}
    assert told == {
        "cloudwatch-alarm-action-check",
        "cw-loggroup-retention-period-check",
        "sagemaker-notebook-instance-platform-version",
    }
    assert all(set(rule.takes.values()) <= set(rule.parameters) for rule in RULES.values())


def test_a_rule_that_two_controls_name_is_one() -> None:
    chosen = [CATALOGUE["MLG-PRT-15"], CATALOGUE["MLG-PRT-15"]]
    assert [rule.name for rule in detective_rules(chosen)] == [
        "cloudwatch-log-group-encrypted",
        "cw-loggroup-retention-period-check",
    ]
