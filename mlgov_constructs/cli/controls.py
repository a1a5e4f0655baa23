"""``mlgov controls``: the catalogue, to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mlgov_constructs.cli.catalogue.control_means import means_of
from mlgov_constructs.controls import CATALOGUE, Control


@click.command()
@click.argument("control_id", metavar="[ID]", required=False)
@click.option(
    "--format",
    "report_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the controls are written.",
)
@click.option(
    "--docs",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a page a control and the matrix of all of them into this folder.",
)
def controls(control_id: str | None, report_format: str, folder: Path | None) -> None:
    """List the controls, or show the control ID with what holds it, its mappings and its Guard rule."""
    if folder is not None:
        if control_id is not None:
            msg = "--docs writes the pages of all controls; leave the ID out."
            raise click.UsageError(msg)
        _write(folder)
        return
    if control_id is not None and control_id.upper() not in CATALOGUE:
        msg = f"{control_id!r} is no control; 'mlgov controls' lists them."
        raise click.UsageError(msg)
    chosen = list(CATALOGUE.values()) if control_id is None else [CATALOGUE[control_id.upper()]]
    if report_format == "json":
        click.echo(json.dumps([_document(control) for control in chosen], indent=2))
    elif control_id is None:
        for control in chosen:
            click.echo(f"{control.id}  {control.severity:<8}  {control.title}")
    else:
        click.echo(_page(chosen[0]))


def _write(folder: Path) -> None:
    # Imported here: it needs the CDK, and the list does not.
    from mlgov_constructs.cli.catalogue.pages import write_pages  # noqa: PLC0415

    click.echo(f"{write_pages(folder)} pages written to {folder}")


def _page(control: Control) -> str:
    published = [f"{each.framework} {each.id}" for each in control.mappings if each.published]
    ours = [f"{each.framework} {each.id}" for each in control.mappings if not each.published]
    means = means_of(control)
    lines = [
        click.style(f"{control.id} {control.title}", bold=True),
        "",
        control.statement,
        "",
        f"Why:       {control.why}",
        f"Severity:  {control.severity}",
        f"Fix:       {control.fix}",
        f"Source:    {control.source}",
        f"Published: {', '.join(published) or 'none'}",
        f"Ours:      {', '.join(ours) or 'none'}",
        f"Config:    {', '.join(means.config) or 'none'}",
        f"Hook:      {'stacks and single resources' if means.on_resources else 'stacks'}",
        f"Prevented: {', '.join(means.preventive) or 'nowhere'}",
        "",
        control.guard_rule.rstrip(),
    ]
    return "\n".join(lines)


def _document(control: Control) -> dict[str, Any]:
    means = means_of(control)
    return {
        "id": control.id,
        "title": control.title,
        "statement": control.statement,
        "why": control.why,
        "severity": control.severity.value,
        "fix": control.fix,
        "source": control.source,
        "mappings": [
            {"framework": each.framework, "id": each.id, "published": each.published} for each in control.mappings
        ],
        "detective": {"config": list(means.config), "securityHub": list(means.security_hub)},
        "proactive": {"stacks": True, "resources": means.on_resources},
        "preventive": list(means.preventive),
    }
