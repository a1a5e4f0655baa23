"""The text of a conformance pack, made of the rules of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlgov_constructs.controls import CATALOGUE, DetectiveRule
from mlgov_constructs.governance.remediation import Remediation

GUARD_RUNTIME = "guard-2.x.x"
ROLE_PARAMETER = "RemediationRole"
# https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html
LONGEST_TEMPLATE = 51_200
MOST_RULES = 130
LONGEST_DESCRIPTION = 256
ATTEMPTS, SECONDS_BETWEEN = 3, 300


def pack_template(
    rules: Iterable[DetectiveRule],
    settings: Mapping[str, str],
    remediations: Sequence[Remediation] = (),
    *,
    automatic: bool = False,
) -> str:
    """Return the template of a conformance pack: JSON, which every reader of YAML reads.

    Args:
        rules: The rules.
        settings: What the environment sets; a rule takes what it knows.
        remediations: The remedies to offer.
        automatic: Whether they are applied without being asked for.
    """
    resources = {_logical_id(rule.name): _rule(rule, settings) for rule in rules}
    remedies = {f"{_logical_id(each.rule)}Remedy": _remedy(each, automatic=automatic) for each in remediations}
    template: dict[str, Any] = {"Parameters": {ROLE_PARAMETER: {"Type": "String"}}} if remedies else {}
    return json.dumps({**template, "Resources": {**resources, **remedies}}, separators=(",", ":"))


def _rule(rule: DetectiveRule, settings: Mapping[str, str]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "ConfigRuleName": rule.name,
        "Description": _description(rule),
        "Source": _source(rule),
    }
    given = {parameter: settings[name] for name, parameter in rule.takes.items() if name in settings}
    if parameters := {**rule.parameters, **given}:
        properties["InputParameters"] = parameters
    if rule.resource_types:
        properties["Scope"] = {"ComplianceResourceTypes": list(rule.resource_types)}
    return {"Type": "AWS::Config::ConfigRule", "Properties": properties}


def _source(rule: DetectiveRule) -> dict[str, Any]:
    if rule.identifier:
        return {"Owner": "AWS", "SourceIdentifier": rule.identifier}
    return {
        "Owner": "CUSTOM_POLICY",
        "SourceDetails": [
            {"EventSource": "aws.config", "MessageType": message}
            for message in ("ConfigurationItemChangeNotification", "OversizedConfigurationItemChangeNotification")
        ],
        "CustomPolicyDetails": {"PolicyRuntime": GUARD_RUNTIME, "PolicyText": rule.policy},
    }


def _description(rule: DetectiveRule) -> str:
    text = "; ".join(f"{control}: {CATALOGUE[control].title}" for control in rule.controls)
    return text[:LONGEST_DESCRIPTION]


def _remedy(remediation: Remediation, *, automatic: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "ConfigRuleName": remediation.rule,
        "TargetType": "SSM_DOCUMENT",
        "TargetId": remediation.runbook,
        "Automatic": automatic,
        "Parameters": {
            "AutomationAssumeRole": {"StaticValue": {"Values": [{"Ref": ROLE_PARAMETER}]}},
            remediation.parameter: {"ResourceValue": {"Value": "RESOURCE_ID"}},
        },
    }
    if automatic:
        properties |= {"MaximumAutomaticAttempts": ATTEMPTS, "RetryAttemptSeconds": SECONDS_BETWEEN}
    return {
        "Type": "AWS::Config::RemediationConfiguration",
        "DependsOn": [_logical_id(remediation.rule)],
        "Properties": properties,
    }


def _logical_id(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
