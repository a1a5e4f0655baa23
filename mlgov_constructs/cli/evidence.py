"""``mlgov evidence``: what an auditor gets, made from what ``cdk synth`` wrote."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import NoReturn

import click

from mlgov_constructs.evidence import ControlStatus, Evidence, EvidenceError, collect
from mlgov_constructs.evidence.evidence_package import FORMATS, check_output, write_package

FAILED, NOTHING_WRITTEN = 1, 2


def _timestamp(_: click.Context, __: click.Parameter, value: str | None) -> datetime.datetime:
    if value is None:
        return datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    try:
        time = datetime.datetime.fromisoformat(value)
    except ValueError as error:
        msg = f"{value!r} is no time. Write it as in 2027-03-31T09:00:00+00:00."
        raise click.BadParameter(msg) from error
    return time if time.tzinfo else time.replace(tzinfo=datetime.UTC)


@click.command()
@click.argument("cdk_out", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="CDK_OUT")
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder to write: empty, not there yet, or an earlier evidence, which is replaced.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    help="Write this form only; repeatable. All forms by default.",
)
@click.option(
    "--timestamp",
    metavar="TIME",
    callback=_timestamp,
    help="The time that the evidence bears, in ISO 8601, UTC without a zone; now by default.",
)
def evidence(*, cdk_out: Path, output: Path, formats: tuple[str, ...], timestamp: datetime.datetime) -> NoReturn:
    """Write the evidence of an environment: what its templates prove of every control.

    CDK_OUT is the folder that 'cdk synth' wrote. Its stacks, nested stacks and Service Catalog
    products are judged; what an earlier synthesis left there is not. Nothing is sent anywhere, and
    no credentials are needed.

    Exit code: 0 when no control failed, 1 when one did, 2 when nothing was written.
    """
    try:
        check_output(output)
        found = collect(cdk_out, timestamp=timestamp)
        write_package(found, output, formats or tuple(FORMATS))
    except EvidenceError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(NOTHING_WRITTEN) from error
    click.echo(f"{_summary(found)}; written to {output}")
    raise SystemExit(FAILED if found.by_status[ControlStatus.FAILED] else 0)


def _summary(found: Evidence) -> str:
    counts = ", ".join(f"{number} {status}" for status, number in found.by_status.items() if number)
    templates = len(found.templates)
    scope = f"{templates} template{'s' if templates > 1 else ''}, {len(found.controls)} controls"
    return f"{found.environment}: {scope}: {counts}"
