"""``mlgov cost``: what an environment costs every month, whether or not anybody works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

import click

from mlgov_constructs.cli.cost_report import json_report, text_report
from mlgov_constructs.cli.pricing.estimate import estimate
from mlgov_constructs.cli.pricing.price_table import PriceTable, PriceTableError
from mlgov_constructs.cli.targets import find_templates

REPORTS = {"text": text_report, "json": json_report}
UNKNOWN, UNREADABLE = 1, 2
# A product, by its name and as the asset that Service Catalog reads.
PRODUCT = re.compile(r"asset\..*|.*\.product\.template\.json")
DEFAULT_REGION = "us-east-1"


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
    "--prices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table of prices in place of the library's own.",
)
@click.option(
    "--region",
    metavar="REGION",
    help=f"Take the prices of this region; by default those of each stack's, or of {DEFAULT_REGION}.",
)
def cost(*, targets: tuple[Path, ...], report_format: str, prices: Path | None, region: str | None) -> NoReturn:
    """Say what templates cost every month before anybody uses them.

    A TARGET is a template in JSON or a folder such as cdk.out: its stacks and nested stacks are
    priced. Service Catalog products in a folder cost nothing until somebody launches them; name
    the file of one to price it. Nothing is sent anywhere, and no credentials are needed.

    Exit code: 0 when every price is known, 1 when one is not, 2 when a template or the table
    cannot be read or the command is not understood.
    """
    try:
        table = PriceTable.default() if prices is None else PriceTable.read(prices)
        templates = _priced(targets)
    except (PriceTableError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    result = estimate(templates, table, region=region, default_region=DEFAULT_REGION)
    click.echo(REPORTS[report_format](result))
    for message in result.errors:
        click.echo(f"Error: {message}", err=True)
    if result.errors:
        raise SystemExit(UNREADABLE)
    raise SystemExit(UNKNOWN if result.unknown else 0)


def _priced(targets: tuple[Path, ...]) -> list[Path]:
    """The templates of the targets without the products that folders hold."""
    named = {target.resolve() for target in targets if not target.is_dir()}
    found = [
        template
        for template in find_templates(targets)
        if template.resolve() in named or not PRODUCT.fullmatch(template.name)
    ]
    if not found:
        msg = f"{targets[0]}: holds products only. Name the file of a product to price it."
        raise ValueError(msg)
    return found
