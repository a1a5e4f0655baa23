"""Evaluates the Guard rules of the catalogue on templates, offline and without the CDK."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import cloudformation_validate as engine

from mlgov_constructs.controls.catalogue import CATALOGUE
from mlgov_constructs.controls.claim import METADATA_KEY
from mlgov_constructs.controls.control import Control
from mlgov_constructs.controls.finding import Finding, Status
from mlgov_constructs.controls.plain_policies import PlainPolicies
from mlgov_constructs.controls.possible_templates import possible_templates
from mlgov_constructs.controls.template_reader import read_template

CDK_PATH_KEY = "aws:cdk:path"
RESOURCE_TYPE = re.compile(r"\b(?:AWS|Custom)::[A-Za-z0-9_]+(?:::[A-Za-z0-9_]+)?")


class TemplateError(ValueError):
    """A template could not be read: which one, and why."""


class RuleError(ValueError):
    """A Guard rule of the catalogue is malformed: which one, and where."""


class RuleEngine:
    """The rules of some controls, run over any number of templates.

    A rule runs on the templates with a resource of a type that it names; one that names none, on all. A template
    with conditions or parameters is judged as each of the templates that it may become (``possible_templates``),
    and policies in one form of the many that IAM takes (``PlainPolicies``).

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
    def _policies(self) -> PlainPolicies:
        return PlainPolicies(control.guard_rule for control in self.controls)

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
            document = read_template(text)
            possible = [self._policies.of(each) for each in possible_templates(document)]
        except (engine.ValidationError, ValueError, RecursionError) as error:
            raise TemplateError(_refusal(template, error)) from error
        resources = document["Resources"]
        # A template may hold the text of rules, as hooks and conformance packs do: what it mentions is not what it has.
        rules = self._compiled(frozenset(str(resource.get("Type", "")) for resource in resources.values()))
        metadata = {name: _told(resource.get("Metadata")) for name, resource in resources.items()}
        try:
            if possible == [document]:
                grouped = written = self._grouped(rules, [content])
            else:
                contents = [engine.TemplateContent(json.dumps(each), str(template)) for each in possible]
                grouped = self._grouped(rules, contents)
                # What was found has a line in the template as it is written.
                written = self._grouped(rules, [content]) if grouped else {}
            lines = {key: min(each.start_line or 1 for each in group) for key, group in written.items()}
            if missing := grouped.keys() - lines.keys():
                model = engine.TemplateModel(content)
                lines |= {key: _line(model, key[1]) for key in missing}
        except engine.ValidationError as error:
            raise TemplateError(_refusal(template, error)) from error
        findings = [
            self._finding(self._by_rule_name[rule], logical_id, group, template, metadata, line=lines[rule, logical_id])
            for (rule, logical_id), group in grouped.items()
        ]
        return sorted(findings, key=lambda finding: (self._order[finding.control.id], finding.line))

    def _grouped(
        self, rules: engine.CelEngine, templates: Sequence[engine.TemplateContent]
    ) -> dict[tuple[str, str], list[engine.Diagnostic]]:
        """What rules say of each resource, in any of some templates."""
        grouped: dict[tuple[str, str], list[engine.Diagnostic]] = defaultdict(list)
        for template in templates:
            for diagnostic in rules.validate_template(template, self._config).diagnostics:
                if diagnostic.rule_id in self._by_rule_name:
                    logical_id = diagnostic.entity.logical_id if diagnostic.entity else ""
                    grouped[diagnostic.rule_id, logical_id].append(diagnostic)
        return grouped

    def _finding(
        self,
        control: Control,
        logical_id: str,
        diagnostics: list[engine.Diagnostic],
        template: Path,
        metadata: dict[str, dict[str, Any]],
        *,
        line: int,
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
            line=line,
            reason=reasons[0] if reasons else "",
            claimed=control.id in claims.get("controls", ()),
        )


def _refusal(template: Path, error: Exception) -> str:
    return f"{template}: is no CloudFormation template: {error}"


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


def _line(model: engine.TemplateModel, logical_id: str) -> int:
    """The line of a resource, or of the template."""
    place = model.source_location(f"Resources/{logical_id}")
    return place.start_line if place else 1
