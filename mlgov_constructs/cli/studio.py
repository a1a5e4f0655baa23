"""``mlgov studio``: record what a Studio domain must stay like."""

from __future__ import annotations

from pathlib import Path

import click

from mlgov_constructs.workspace.studio.domain_fingerprint import DomainFingerprintError
from mlgov_constructs.workspace.studio.domain_record import record as record_domains


@click.group()
def studio() -> None:
    """Record what a Studio domain must stay like."""


@studio.command()
@click.argument("assembly", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("cdk.out"))
@click.option(
    "--fingerprints",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder of the environment's fingerprints, with one file a domain.",
)
@click.option("--replace", is_flag=True, help="Overwrite a fingerprint after the domain was replaced on purpose.")
def record(assembly: Path, fingerprints: Path, *, replace: bool) -> None:
    """Write the fingerprint of each Studio domain in ASSEMBLY (cdk.out by default).

    Run it after the first deployment and commit the file: from then on a synthesis that would
    replace the domain fails.
    """
    try:
        records = record_domains(assembly, fingerprints, replace=replace)
    except DomainFingerprintError as error:
        raise click.ClickException(str(error)) from error
    for each in records:
        click.echo(f"{each.name} {'recorded' if each.is_new else 'was recorded before'}: {each.path}")
