"""The automated methods that validate controls, as far as an assembly shows that they are there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.controls import Control, detective_rules
from mlgov_constructs.evidence.evidence import Evidence

HOOK, HOOK_RULES = "AWS::CloudFormation::GuardHook", "Custom::GuardRules"
CONFIG = ("AWS::Config::ConformancePack", "AWS::Config::OrganizationConformancePack", "AWS::Config::ConfigRule")
STANDARD = "AWS::SecurityHub::Standard"
# Where the statements of each kind of policy lie: the type of the resource, and its property Type.
POLICIES = {
    "scp": ("AWS::Organizations::Policy", "SERVICE_CONTROL_POLICY"),
    "rcp": ("AWS::Organizations::Policy", "RESOURCE_CONTROL_POLICY"),
    "boundary": ("AWS::IAM::ManagedPolicy", None),
}


@dataclass(frozen=True, slots=True)
class ValidationMethod:
    """One automated way in which controls are validated.

    Attributes:
        id: A short name.
        title: What it is.
        when: When it judges.
        controls: Ids of the controls that it judges.
    """

    id: str
    title: str
    when: str
    controls: frozenset[str]


def validation_methods(evidence: Evidence) -> tuple[ValidationMethod, ...]:
    """Return the methods that the templates and the reports of an environment prove, and nothing that may be besides.

    Args:
        evidence: What the templates of an environment prove.
    """
    resources = list(_resources(evidence))
    controls = [each.control for each in evidence.controls]
    found = (
        ValidationMethod(
            "template-rules",
            "Guard rules on the templates",
            "at every synthesis, before anything is deployed",
            frozenset(control.id for control in controls),
        ),
        ValidationMethod(
            "rule-packs",
            "Rule packs of another publisher at the synthesis",
            "at every synthesis, before anything is deployed",
            frozenset(each.control.id for each in evidence.controls if each.packs),
        ),
        ValidationMethod(
            "guard-hooks",
            "CloudFormation hooks with the Guard rules",
            "at every deployment in the account",
            frozenset(_by_hooks(resources)),
        ),
        ValidationMethod(
            "config-rules",
            "Rules of AWS Config",
            "in the account, when a resource changes or every day",
            frozenset(_by_config(controls, resources)),
        ),
        ValidationMethod(
            "security-hub",
            "Standards of AWS Security Hub",
            "in the account, when a resource changes or twice a day",
            frozenset(_by_security_hub(controls, resources)),
        ),
    )
    return tuple(each for each in found if each.controls)


def refusing_statements(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Return the statements of policies in the templates that refuse what a control forbids, by control.

    They enforce, and validate nothing, so they count as no method.

    Args:
        evidence: What the templates of an environment prove.
    """
    written = {
        f"{kind}:{sid}"
        for each in _resources(evidence)
        for kind, place in POLICIES.items()
        if (each["Type"], each.get("Properties", {}).get("Type")) == place
        for sid in _statement_ids(each["Properties"])
    }
    return {
        each.control.id: tuple(statement for statement in each.control.preventive if statement in written)
        for each in evidence.controls
    }


def _resources(evidence: Evidence) -> Iterator[dict[str, Any]]:
    for template in evidence.templates:
        text = (evidence.folder / template.name).read_text(encoding="utf-8")
        yield from json.loads(text)["Resources"].values()


def _by_hooks(resources: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The controls whose rules are laid where hooks of the same assembly read them."""
    present = list(resources)
    if any(each["Type"] == HOOK for each in present):
        for each in present:
            if each["Type"] == HOOK_RULES:
                for archive in each["Properties"]["Archives"].values():
                    yield from archive["Controls"]


def _by_config(controls: Iterable[Control], resources: Iterable[dict[str, Any]]) -> Iterator[str]:
    text = "\n".join(json.dumps(each) for each in resources if each["Type"] in CONFIG)
    words = frozenset(re.findall(r"[\w-]+", text))
    for rule in detective_rules(controls):
        if (rule.identifier or rule.name) in words:
            yield from rule.controls


def _by_security_hub(controls: Iterable[Control], resources: Iterable[dict[str, Any]]) -> Iterator[str]:
    if any(each["Type"] == STANDARD for each in resources):
        for control in controls:
            if any(mapping.framework == "securityhub" for mapping in control.mappings):
                yield control.id


def _statement_ids(value: Any) -> Iterator[str]:
    """The ids of the statements of a policy, which a template holds as an object or as text."""
    if isinstance(value, dict):
        if isinstance(value.get("Sid"), str):
            yield value["Sid"]
        for each in value.values():
            yield from _statement_ids(each)
    elif isinstance(value, list):
        for each in value:
            yield from _statement_ids(each)
    elif isinstance(value, str) and value.startswith("{"):
        yield from re.findall(r'"Sid":\s*"(\w+)"', value)
