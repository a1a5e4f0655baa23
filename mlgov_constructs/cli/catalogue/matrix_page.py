"""The page of all controls: what holds each, and where nothing does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from mlgov_constructs.cli.catalogue.control_means import means_of
from mlgov_constructs.cli.catalogue.control_page import FRAMEWORKS
from mlgov_constructs.cli.catalogue.implementation import Implementation
from mlgov_constructs.controls import Control, not_covered
from mlgov_constructs.evidence.area import area_of

HEAD = """\
# Controls

Written by `mlgov controls --docs docs/controls` from the catalogue and from the constructs; do not edit the pages here.

A control is one demand, declared once. Every control has a rule in AWS's Guard language, which judges templates
in synthesis and in a hook. A dash is a hole: AWS Config does not see the property or does not record the type, IAM
has no key for it, or no construct here makes such a resource.

| column | what it says |
|---|---|
| hook | what the Guard hook must see to judge it: `S` the stack, `R` a single resource will do |
| Config | rules of AWS Config in the conformance pack |
| Hub | controls of AWS Security Hub |
| IAM | statements of the permissions boundary (`b`), of service (`s`) and of resource control policies (`r`) |
| constructs | public constructs that claim it; their names are on its page |
"""
INDICATORS = {
    "KSI-MLA-EVC": "Evaluating Configurations",
    "KSI-CNA-RNT": "Restricting Network Traffic",
    "KSI-CNA-EIS": "Enforcing Intended State",
    "KSI-CNA-ULN": "Using Logical Networking",
    "KSI-IAM-ELP": "Ensuring Least Privilege",
    "KSI-SVC-SIN": "Securing Information",
    "KSI-CMT-VTD": "Validating Throughout Deployment",
}
SAGEMAKER = "SageMaker."
LETTERS = {"boundary": "b", "scp": "s", "rcp": "r"}
HOLE = "-"
NUMBER = re.compile(r"(\d+)")


def matrix_page(controls: Sequence[Control], implementing: Mapping[str, Sequence[Implementation]]) -> str:
    """Return the page of all controls, in Markdown.

    Args:
        controls: The controls.
        implementing: The constructs that implement each control, by its id.
    """
    return "\n".join(
        [
            HEAD,
            *_holes(controls, implementing),
            *_matrix(controls, implementing),
            *_security_hub(controls),
            *_frameworks(controls),
            *_indicators(controls),
            *_left_out(),
        ]
    )


def _holes(controls: Sequence[Control], implementing: Mapping[str, Sequence[Implementation]]) -> list[str]:
    counts: list[tuple[str, Callable[[Control], object]]] = [
        ("a rule on templates, and a hook on stacks", lambda _: True),
        ("a hook on single resources", lambda control: means_of(control).on_resources),
        ("a rule of AWS Config", lambda control: means_of(control).config),
        ("a control of Security Hub", lambda control: means_of(control).security_hub),
        ("a rule of AWS Config or a control of Security Hub", _is_watched),
        ("a policy that prevents", lambda control: control.preventive),
        ("a construct", lambda control: implementing.get(control.id)),
    ]
    return [
        f"## {len(controls)} controls",
        "",
        "| that have | controls |",
        "|---|---:|",
        *(f"| {name} | {sum(map(bool, map(has, controls)))} |" for name, has in counts),
        "",
    ]


def _matrix(controls: Sequence[Control], implementing: Mapping[str, Sequence[Implementation]]) -> list[str]:
    lines = []
    area = ""
    for control in controls:
        means = means_of(control)
        if (title := area_of(control.id).title) != area:
            area = title
            lines += [
                f"## {title}",
                "",
                "| control | severity | hook | Config | Hub | IAM | constructs |",
                "|---|---|---|---|---|---|---|",
            ]
        cells = [
            f"[{control.id}]({control.id}.md) {control.title}",
            control.severity.value,
            "R" if means.on_resources else "S",
            str(len(means.config) or HOLE),
            ", ".join(means.security_hub) or HOLE,
            " ".join(dict.fromkeys(LETTERS[each.partition(":")[0]] for each in means.preventive)) or HOLE,
            str(len(implementing.get(control.id, ())) or HOLE),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return _with_blank_lines(lines)


def _security_hub(controls: Sequence[Control]) -> list[str]:
    by_id = _by_id(controls, "securityhub")
    rows = [
        f"| {identifier} | {', '.join(_link(each) for each in by_id[identifier])} | "
        f"{', '.join(dict.fromkeys(rule for each in by_id[identifier] for rule in means_of(each).config)) or HOLE} |"
        for identifier in sorted(by_id, key=_natural)
        if identifier.startswith(SAGEMAKER)
    ]
    return [
        "## AWS Security Hub on SageMaker",
        "",
        "Everything that Security Hub publishes of SageMaker, `SageMaker.1` to `SageMaker.25`.",
        "",
        "| Security Hub | control | AWS Config |",
        "|---|---|---|",
        *rows,
        "",
    ]


def _frameworks(controls: Sequence[Control]) -> list[str]:
    rows = []
    for framework, title in FRAMEWORKS.items():
        mappings = [each for control in controls for each in control.mappings if each.framework == framework]
        stated = {each.id for each in mappings if each.published}
        ours = {each.id for each in mappings} - stated
        rows.append(f"| {title} | {len(stated)} | {len(ours)} |")
    return [
        "## Other catalogues",
        "",
        "Ids that a control is mapped to. *Stated* is a link that the publisher makes; the rest is our reading.",
        "",
        "| | stated | our reading |",
        "|---|---:|---:|",
        *rows,
        "",
    ]


def _indicators(controls: Sequence[Control]) -> list[str]:
    by_id = _by_id(controls, "fedramp-ksi")
    return [
        "## FedRAMP key security indicators",
        "",
        "Which controls give evidence for which indicator is our reading; FedRAMP publishes no such list.",
        "",
        "| indicator | controls |",
        "|---|---|",
        *(
            f"| {identifier} {name} | {', '.join(_link(each) for each in by_id.get(identifier, ()))} |"
            for identifier, name in INDICATORS.items()
        ),
        "",
    ]


def _left_out() -> list[str]:
    return [
        "## Left out on purpose",
        "",
        "What others publish of SageMaker and no control here demands.",
        "",
        "| | id | why |",
        "|---|---|---|",
        *(f"| {FRAMEWORKS[each.framework]} | `{each.id}` | {each.reason} |" for each in not_covered()),
        "",
    ]


def _by_id(controls: Sequence[Control], framework: str) -> dict[str, list[Control]]:
    found: dict[str, list[Control]] = {}
    for control in controls:
        for mapping in control.mappings:
            if mapping.framework == framework:
                found.setdefault(mapping.id, []).append(control)
    return found


def _is_watched(control: Control) -> bool:
    means = means_of(control)
    return bool(means.config or means.security_hub)


def _link(control: Control) -> str:
    return f"[{control.id}]({control.id}.md)"


def _natural(identifier: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in NUMBER.split(identifier)]


def _with_blank_lines(lines: Sequence[str]) -> list[str]:
    spaced: list[str] = []
    for line in lines:
        if line.startswith("## ") and spaced:
            spaced.append("")
        spaced.append(line)
    return [*spaced, ""]
