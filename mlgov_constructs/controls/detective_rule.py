"""What AWS Config runs in the account for a control, day after day."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from mlgov_constructs.controls.control import Control

FRAMEWORK = "config"
RESOURCE_TYPE = re.compile(r"'(AWS::\w+::\w+)'")


@dataclass(frozen=True, slots=True)
class DetectiveRule:
    """One rule of AWS Config: a managed one, or a policy of ours in Guard.

    The rule of a template does not fit here. AWS Config judges configuration items, whose fields
    have other names and places, so a policy is a text of its own in ``controls/config_rules``.

    Attributes:
        name: The name of the rule, without the conformance pack's suffix.
        controls: The controls that it watches.
        identifier: AWS's identifier of a managed rule; empty for a policy.
        policy: The Guard text of a policy; empty for a managed rule.
        resource_types: What a policy judges.
        parameters: What a managed rule is told.
        takes: The settings of an environment that may replace a parameter, with the parameter.

    Example:
        >>> from mlgov_constructs.controls import CATALOGUE
        >>> [rule.identifier for rule in detective_rules([CATALOGUE["MLG-PRT-01"]])]
        ['CMK_BACKING_KEY_ROTATION_ENABLED']
    """

    name: str
    controls: tuple[str, ...]
    identifier: str = ""
    policy: str = ""
    resource_types: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    takes: dict[str, str] = field(default_factory=dict)


def detective_rules(controls: Iterable[Control]) -> list[DetectiveRule]:
    """Return the rules of AWS Config for some controls, in their order, each rule once.

    A control has the managed rules that its mappings name, and the policy that is written for it
    where they do not see all of it. One that has neither is watched by Security Hub, where it is
    mapped to it, or not at all.

    Args:
        controls: The controls.
    """
    watched: dict[str, list[str]] = {}
    found: dict[str, DetectiveRule] = {}
    for control in controls:
        rules = [_managed(mapping.id) for mapping in control.mappings if mapping.framework == FRAMEWORK]
        for rule in (*rules, *_policies(control)):
            found.setdefault(rule.name, rule)
            watched.setdefault(rule.name, []).append(control.id)
    return [
        DetectiveRule(
            name=name,
            controls=tuple(watched[name]),
            identifier=rule.identifier,
            policy=rule.policy,
            resource_types=rule.resource_types,
            parameters=rule.parameters,
            takes=rule.takes,
        )
        for name, rule in found.items()
    ]


def _managed(name: str) -> DetectiveRule:
    more = _settings().get(name, {})
    return DetectiveRule(
        name=name,
        controls=(),
        identifier=more.get("identifier", name.upper().replace("-", "_")),
        parameters=more.get("parameters", {}),
        takes=more.get("takes", {}),
    )


def _policies(control: Control) -> list[DetectiveRule]:
    file = resources.files(__package__).joinpath("config_rules", f"{control.id}.guard")
    if not file.is_file():
        return []
    text = file.read_text(encoding="utf-8")
    types = tuple(dict.fromkeys(RESOURCE_TYPE.findall(text)))
    return [DetectiveRule(name=control.id.lower(), controls=(), policy=text, resource_types=types)]


@cache
def _settings() -> dict[str, dict[str, Any]]:
    text = resources.files(__package__).joinpath("config_rules", "managed.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
