"""``mlgov check``: the rules of the catalogue over anyone's templates."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

import click

from mlgov_constructs.cli.check_result import CheckResult
from mlgov_constructs.cli.json_report import json_report
from mlgov_constructs.cli.sarif_report import sarif_report
from mlgov_constructs.cli.targets import find_templates, read_template
from mlgov_constructs.cli.text_report import text_report
from mlgov_constructs.controls import CATALOGUE, Control, Finding, Severity, TemplateError, check_templates

REPORTS = {"text": text_report, "json": json_report, "sarif": sarif_report}
FINDINGS, UNREADABLE = 1, 2


def _controls(_: click.Context, __: click.Parameter, ids: tuple[str, ...]) -> tuple[Control, ...]:
    for control_id in ids:
        if control_id not in CATALOGUE:
            close = get_close_matches(control_id.upper(), CATALOGUE, n=1)
            hint = f"did you mean {close[0]}?" if close else "'mlgov controls' lists them."
            msg = f"{control_id!r} is no control; {hint}"
            raise click.BadParameter(msg)
    return tuple(control for control in CATALOGUE.values() if control.id in ids or not ids)


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "report_format",
    type=click.Choice(list(REPORTS)),
    default="text",
    show_default=True,
    help="How the result is written.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the result to this file, and its last line to the terminal.",
)
@click.option(
    "--control",
    "controls",
    multiple=True,
    metavar="ID",
    callback=_controls,
    help="Check this control only; repeatable.",
)
@click.option("--strict", is_flag=True, help="Fail on deviations as well, though they carry a reason.")
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in reversed(Severity)]),
    default=Severity.LOW.value,
    show_default=True,
    help="The lowest severity that makes the command fail.",
)
def check(
    *,
    targets: tuple[Path, ...],
    report_format: str,
    output: Path | None,
    controls: tuple[Control, ...],
    strict: bool,
    fail_on: str,
) -> NoReturn:
    """Check CloudFormation templates against the controls of the catalogue.

    A TARGET is a template (JSON or YAML) or a folder such as cdk.out: its stacks, nested
    stacks, nested assemblies and Service Catalog products are checked. Nothing is sent
    anywhere, and no credentials are needed.

    Exit code: 0 when everything passes, 1 when there are findings, 2 when a template cannot
    be read or the command is not understood.
    """
    try:
        templates = find_templates(targets)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    result = _check_templates(templates, controls)
    report = REPORTS[report_format](result)
    if output is None:
        click.echo(report)
    else:
        try:
            output.write_text(click.unstyle(report) + "\n", encoding="utf-8")
        except OSError as error:
            msg = f"{output}: cannot be written: {error.strerror}"
            raise click.UsageError(msg) from error
        click.echo(f"{text_report(result).splitlines()[-1]}; written to {output}")
    for message in result.errors:
        click.echo(f"Error: {message}", err=True)
    if result.errors:
        raise SystemExit(UNREADABLE)
    raise SystemExit(FINDINGS if result.fails(at_least=Severity(fail_on), strict=strict) else 0)


def _check_templates(templates: list[Path], controls: tuple[Control, ...]) -> CheckResult:
    texts: list[tuple[Path, str]] = []
    errors: list[str] = []
    for template in templates:
        try:
            texts.append((template, read_template(template)))
        except TemplateError as error:
            errors.append(str(error))
    checked: list[Path] = []
    findings: list[Finding] = []
    for (template, _), found in zip(texts, check_templates(texts, controls), strict=True):
        if isinstance(found, TemplateError):
            errors.append(str(found))
        else:
            checked.append(template)
            findings += found
    return CheckResult(controls, tuple(checked), tuple(findings), tuple(errors))
