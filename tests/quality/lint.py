"""Runs cfn-lint, with the rules that do not apply to synthesized templates named and explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cfnlint.api import lint
from cfnlint.config import ManualArgs


@dataclass(frozen=True)
class LintFinding:
    """What cfn-lint says of a place in a template.

    Attributes:
        rule: The rule, ``E...``, ``W...`` or ``I...``.
        template: The name of the template file.
        place: The path in the template.
        message: What is wrong.
    """

    rule: str
    template: str
    place: str
    message: str


#: Rule, or rule and what the finding's place ends with, to the reason why it is not obeyed. One that finds nothing
#: any more must go.
IGNORED: Mapping[str, str] = {
    "E3002 AppLifecycleManagement": "CloudFormation and the CDK know the idle settings of a space; cfn-lint's copy of "
    "the registry is older.",
}


def lint_findings(template: Path, regions: Iterable[str]) -> list[LintFinding]:
    """All that cfn-lint says of a template, ignored rules included.

    Args:
        template: The template file.
        regions: The regions that it must fit.
    """
    matches = lint(template.read_text(encoding="utf-8"), config=ManualArgs(regions=list(regions)))
    return [
        LintFinding(
            rule=match.rule.id,
            template=template.name,
            place="/".join(map(str, match.path or ())),
            message=match.message,
        )
        for match in matches
    ]


def unexplained(findings: Iterable[LintFinding], ignored: Mapping[str, str] = IGNORED) -> list[LintFinding]:
    """The findings that nobody explained away."""
    return [finding for finding in findings if not any(_is(finding, key) for key in ignored)]


def unused(findings: Iterable[LintFinding], ignored: Mapping[str, str] = IGNORED) -> list[str]:
    """The explanations that no finding of all has any use for, and that must go."""
    found = list(findings)
    return [key for key in ignored if not any(_is(finding, key) for finding in found)]


def _is(finding: LintFinding, key: str) -> bool:
    rule, _, ending = key.partition(" ")
    return finding.rule == rule and finding.place.endswith(ending)
