"""``mlgov portfolio``: publish the versions of Service Catalog products."""

from __future__ import annotations

from pathlib import Path

import click

from mlgov_constructs.catalog.product_history import ProductHistoryError
from mlgov_constructs.catalog.publication import publish as publish_versions


@click.group()
def portfolio() -> None:
    """Publish the versions of Service Catalog products."""


@portfolio.command()
@click.argument("assembly", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("cdk.out"))
@click.option(
    "--history",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder of the published versions, with one folder a product.",
)
def publish(assembly: Path, history: Path) -> None:
    """Write the current version of each product in ASSEMBLY (cdk.out by default) to the history.

    A version is published once. Commit the files: from then on a synthesis that would change
    a published version fails.
    """
    try:
        publications = publish_versions(assembly, history)
    except ProductHistoryError as error:
        raise click.ClickException(str(error)) from error
    for publication in publications:
        done = "published" if publication.is_new else "was published before"
        click.echo(f"{publication.product} {publication.version} {done}: {publication.path}")
