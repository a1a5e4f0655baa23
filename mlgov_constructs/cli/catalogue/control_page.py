"""The page of one control."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlgov_constructs.cli.catalogue.control_means import means_of
from mlgov_constructs.cli.catalogue.implementation import REMOVAL, Implementation
from mlgov_constructs.controls import Control

FRAMEWORKS = {
    "securityhub": "AWS Security Hub",
    "config": "AWS Config",
    "cdk-nag": "cdk-nag",
    "checkov": "Checkov",
    "prowler": "Prowler",
    "nist-800-53-r5": "NIST SP 800-53 Rev. 5",
    "ml-lens": "Well-Architected Machine Learning Lens",
    "fedramp-ksi": "FedRAMP key security indicators",
    "sm-series": "SM series of aws-samples",
}
LAYERS = {
    "boundary": "permissions boundary",
    "scp": "service control policy",
    "rcp": "resource control policy",
}
ALLOWED = "mlgov:allowDataRemoval"
NONE = "none"


def control_page(control: Control, implementing: Sequence[Implementation]) -> str:
    """Return the page of a control, in Markdown.

    Args:
        control: The control.
        implementing: The constructs that implement it.
    """
    means = means_of(control)
    scope = "stacks and single resources" if means.on_resources else "stacks; a resource by itself does not tell"
    rows = [
        ("Why", control.why),
        ("Severity", control.severity.value),
        ("Fix", control.fix),
        ("Source", f"<{control.source}>" if control.source.startswith("https://") else control.source),
    ]
    held = [
        ("template", f"the rule below: in synthesis, and by `mlgov check --control {control.id}`"),
        ("before a change", f"Guard hooks on {scope}"),
        ("every day", _code(means.config) and f"AWS Config: {_code(means.config)}"),
        ("every day", _plain(means.security_hub) and f"Security Hub: {_plain(means.security_hub)}"),
        ("in IAM", "; ".join(_statement(each) for each in means.preventive)),
    ]
    return "\n".join(
        [
            f"# {control.id}: {control.title}",
            "",
            control.statement,
            "",
            "| | |",
            "|---|---|",
            *(f"| {name} | {_cell(text)} |" for name, text in rows),
            "",
            "## How it is held",
            "",
            *(f"* {when}: {how}" for when, how in held if how),
            f"* constructs: {_code(each.name for each in implementing) or NONE}",
            "",
            "## How it is relaxed",
            "",
            *_relaxed(control, implementing),
            "",
            "## What others call it",
            "",
            *_mappings(control),
            "",
            "## Rule",
            "",
            "```text",
            control.guard_rule.rstrip(),
            "```",
            "",
        ]
    )


def _relaxed(control: Control, implementing: Sequence[Implementation]) -> list[str]:
    arguments = [(each.name, each.relaxations[control.id]) for each in implementing if control.id in each.relaxations]
    lines = [
        f"* `{name}(removal_policy=RemovalPolicy.DESTROY)`, with the context flag `{ALLOWED}` beside it"
        if argument == REMOVAL
        else f"* `{name}({argument}=Relaxation(...))`"
        for name, argument in arguments
    ]
    if lines:
        return [*lines, "", "The template records the reason, and `mlgov check` shows it."]
    return [
        "No construct has an argument for it. The metadata of a resource may name the control and a reason under "
        "`mlgov.deviations`; `mlgov check` shows both."
    ]


def _mappings(control: Control) -> list[str]:
    rows = []
    for framework, title in FRAMEWORKS.items():
        stated, ours = (
            [each.id for each in control.mappings if each.framework == framework and each.published is published]
            for published in (True, False)
        )
        if stated or ours:
            rows.append(f"| {title} | {_plain(stated)} | {_plain(ours)} |")
    if not rows:
        return ["Nothing that we know of."]
    return ["| | stated by its publisher | our reading |", "|---|---|---|", *rows]


def _statement(means: str) -> str:
    layer, _, sid = means.partition(":")
    return f"`{sid}` of the {LAYERS[layer]}"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _plain(names: Iterable[str]) -> str:
    return ", ".join(names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
