"""Evaluates the Guard rules of the catalogue on templates, offline and without the CDK."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import cloudformation_validate as engine

from mlgov_constructs.controls.catalogue import CATALOGUE
from mlgov_constructs.controls.claim import METADATA_KEY
from mlgov_constructs.controls.control import Control
from mlgov_constructs.controls.finding import Finding, Status

CDK_PATH_KEY = "aws:cdk:path"
RESOURCE_TYPE = re.compile(r"\b(?:AWS|Custom)::[A-Za-z0-9_]+(?:::[A-Za-z0-9_]+)?")


class TemplateError(ValueError):
    """A template could not be read: which one, and why."""


class RuleError(ValueError):
    """A Guard rule of the catalogue is malformed: which one, and where."""


class RuleEngine:
    """The rules of some controls, run over any number of templates.

    A rule runs on the templates with a resource of a type that it names; one that names none, on all.

    Args:
        controls: The controls to check; the whole catalogue when omitted.

    Example:
        >>> engine = RuleEngine()
        >>> findings = engine.check_text('{"Resources": {"Igw": {"Type": "AWS::EC2::InternetGateway"}}}')
        >>> [f.control.id for f in findings]
        ['MLG-NET-01']
    """

    def __init__(self, controls: Iterable[Control] | None = None) -> None:
        self.controls = tuple(CATALOGUE.values()) if controls is None else tuple(controls)
        self._by_rule_name = {control.rule_name: control for control in self.controls}
        self._order = {control.id: position for position, control in enumerate(self.controls)}
        self._config = engine.ValidateConfig(disable_builtin_rules=True)
        self._last: tuple[tuple[str, ...], engine.CelEngine] | None = None

    @cached_property
    def _types(self) -> dict[str, frozenset[str]]:
        """The types of resources that each rule speaks of."""
        return {control.id: frozenset(RESOURCE_TYPE.findall(control.guard_rule)) for control in self.controls}

    def _compiled(self, present: frozenset[str]) -> engine.CelEngine:
        """The rules that speak of a type in the template; each of the others would cost as much to find nothing.

        The last ones stay, for templates of one kind; more would not, as an engine takes 190 MB, whatever its rules.
        """
        controls = [each for each in self.controls if not self._types[each.id] or self._types[each.id] & present]
        ids = tuple(control.id for control in controls)
        if self._last is None or self._last[0] != ids:
            rules = [engine.ExternalRuleSource(name=control.id, content=control.guard_rule) for control in controls]
            try:
                self._last = ids, engine.CelEngine(engine.EngineConfig(guard_rules=rules))
            except engine.ValidationError as error:
                msg = f"The rules of the catalogue cannot be compiled: {error}"
                raise RuleError(msg) from error
        return self._last[1]

    def check(self, template: Path) -> list[Finding]:
        """Check one template file, JSON or YAML.

        Args:
            template: The file.

        Returns:
            The findings in the order of the catalogue, then of the template.

        Raises:
            TemplateError: The file is no CloudFormation template.
        """
        try:
            text = template.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            msg = f"{template}: cannot be read: {error}"
            raise TemplateError(msg) from error
        return self.check_text(text, template)

    def check_text(self, text: str, template: Path = Path("template")) -> list[Finding]:
        """Check the text of one template.

        Args:
            text: The template, JSON or YAML.
            template: What to call it in the findings.

        Returns:
            The findings in the order of the catalogue, then of the template.

        Raises:
            TemplateError: The text is no CloudFormation template.
        """
        try:
            content = engine.TemplateContent(text, str(template))
            types, metadata = _read(text, content)
        except (engine.ValidationError, ValueError) as error:
            raise TemplateError(_refusal(template, error)) from error
        rules = self._compiled(types)
        try:
            diagnostics = rules.validate_template(content, self._config).diagnostics
        except engine.ValidationError as error:
            raise TemplateError(_refusal(template, error)) from error
        grouped: dict[tuple[str, str], list[engine.Diagnostic]] = defaultdict(list)
        for diagnostic in diagnostics:
            logical_id = diagnostic.entity.logical_id if diagnostic.entity else ""
            grouped[diagnostic.rule_id, logical_id].append(diagnostic)
        findings = [
            self._finding(self._by_rule_name[rule], logical_id, group, template, metadata)
            for (rule, logical_id), group in grouped.items()
            if rule in self._by_rule_name
        ]
        return sorted(findings, key=lambda finding: (self._order[finding.control.id], finding.line))

    def _finding(
        self,
        control: Control,
        logical_id: str,
        diagnostics: list[engine.Diagnostic],
        template: Path,
        metadata: dict[str, dict[str, Any]],
    ) -> Finding:
        own = metadata.get(logical_id, {})
        claims = own.get(METADATA_KEY, {})
        # A demand on the template as a whole is relaxed by any of its resources.
        carriers = [own] if logical_id else list(metadata.values())
        reasons = [
            deviation["reason"]
            for carrier in carriers
            for deviation in carrier.get(METADATA_KEY, {}).get("deviations", ())
            if deviation["control"] == control.id
        ]
        entity = diagnostics[0].entity
        return Finding(
            control=control,
            status=Status.DEVIATION if reasons else Status.FAILED,
            template=template,
            logical_id=logical_id,
            resource_type=(entity.resource_type or "") if entity else "",
            construct_path=str(own.get(CDK_PATH_KEY, "")).removesuffix("/Resource"),
            messages=tuple(dict.fromkeys(d.message for d in diagnostics)),
            line=min(d.start_line or 1 for d in diagnostics),
            reason=reasons[0] if reasons else "",
            claimed=control.id in claims.get("controls", ()),
        )


def _refusal(template: Path, error: Exception) -> str:
    return f"{template}: is no CloudFormation template: {error}"


def _read(text: str, content: engine.TemplateContent) -> tuple[frozenset[str], dict[str, dict[str, Any]]]:
    """The types of the resources, and the ``Metadata`` of each; the engine's own parser reads YAML for us."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        resolved = engine.TemplateModel(content).resources()
        metadata = {name: _told(_plain(resource.metadata)) for name, resource in resolved.items()}
        return frozenset(RESOURCE_TYPE.findall(text)), metadata
    resources = document.get("Resources", {}) if isinstance(document, dict) else None
    if not isinstance(resources, dict) or not all(isinstance(each, dict) for each in resources.values()):
        # The engine would find nothing in it, which must not look like a template without faults.
        msg = "it has no Resources that could be read"
        raise ValueError(msg)
    # A template may hold the text of rules, as hooks and conformance packs do: what it mentions is not what it has.
    types = frozenset(resource.get("Type", "") for resource in resources.values())
    return types, {name: _told(resource.get("Metadata")) for name, resource in resources.items()}


def _told(metadata: Any) -> dict[str, Any]:
    """The ``Metadata`` of a resource; what stands under our key and is none of ours claims and excuses nothing."""
    if not isinstance(metadata, dict):
        return {}
    record = metadata.get(METADATA_KEY)
    controls, deviations = (
        each if isinstance(each, list) else []
        for each in (record.get(name) if isinstance(record, dict) else None for name in ("controls", "deviations"))
    )
    reasoned = [each for each in deviations if isinstance(each, dict) and {"control", "reason"} <= each.keys()]
    return {**metadata, METADATA_KEY: {"controls": controls, "deviations": reasoned}}


def _plain(value: Any) -> Any:
    """The engine's tagged JSON value as plain Python."""
    if value is None or value.is_null():
        return None
    if value.is_object():
        return {key: _plain(entry) for key, entry in value.entries.items()}
    if value.is_array():
        return [_plain(item) for item in value.items]
    return value.value
