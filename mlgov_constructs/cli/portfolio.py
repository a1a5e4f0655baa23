"""``mlgov portfolio``: publish the versions of Service Catalog products, and see what would change."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mlgov_constructs.catalog.portfolio_diff import diff_portfolio
from mlgov_constructs.catalog.product_history import ProductHistoryError
from mlgov_constructs.catalog.publication import publish as publish_versions
from mlgov_constructs.catalog.publication import publish_portfolios
from mlgov_constructs.cli.portfolio_report import json_document, text_lines

ASSEMBLY = click.argument(
    "assembly", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("cdk.out")
)
HISTORY = click.option(
    "--history",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder of the published versions, with one folder a product.",
)
REFUSED, UNREADABLE = 1, 2


@click.group()
def portfolio() -> None:
    """Publish the versions of Service Catalog products, and see what would change."""


@portfolio.command()
@ASSEMBLY
@HISTORY
def publish(assembly: Path, history: Path) -> None:
    """Write the current version of each product in ASSEMBLY (cdk.out by default) to the history.

    A version is published once. Commit the files: from then on a synthesis that would change
    a published version fails.
    """
    try:
        publications = publish_versions(assembly, history)
        manifest, is_written = publish_portfolios(assembly, history)
    except ProductHistoryError as error:
        raise click.ClickException(str(error)) from error
    for publication in publications:
        done = "published" if publication.is_new else "was published before"
        click.echo(f"{publication.product} {publication.version} {done}: {publication.path}")
    click.echo(f"portfolios {'written down' if is_written else 'as before'}: {manifest}")


@portfolio.command()
@ASSEMBLY
@HISTORY
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
@click.pass_context
def diff(context: click.Context, assembly: Path, history: Path, as_json: bool) -> None:
    """Show what would change between what is published and the code in ASSEMBLY (cdk.out by default).

    Exits with 1 when a product could not be published: a published version was changed, or a
    version was left out; with 2 when something cannot be read.
    """
    try:
        found = diff_portfolio(assembly, history)
    except ProductHistoryError as error:
        click.echo(f"Error: {error}", err=True)
        context.exit(UNREADABLE)
    click.echo(json.dumps(json_document(found), indent=2) if as_json else "\n".join(text_lines(found)))
    if found.is_refused:
        context.exit(REFUSED)
