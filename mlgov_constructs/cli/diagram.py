"""``mlgov diagram``: pictures of an environment, drawn from its templates."""

from __future__ import annotations

from pathlib import Path

import click

from mlgov_constructs.cli.targets import find_templates
from mlgov_constructs.diagram import data_flow_picture, network_picture

VIEWS = {"network": network_picture, "data": data_flow_picture}


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--view",
    type=click.Choice(list(VIEWS)),
    default="network",
    show_default=True,
    help="What is drawn: the network, or where data rests and who moves it.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the picture to this file; by default to the terminal.",
)
def diagram(*, targets: tuple[Path, ...], view: str, output: Path | None) -> None:
    """Draw templates as a picture in SVG.

    A TARGET is a template in JSON or a folder such as cdk.out. References between stacks, and from
    products to stacks, are followed; give all templates of an environment. Nothing is sent
    anywhere, and no credentials are needed.

    Exit code: 0 when the picture is drawn, 2 when a target cannot be read, has nothing to draw, or
    the command is not understood.
    """
    try:
        picture = VIEWS[view](find_templates(targets))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if output is None:
        click.echo(picture, nl=False)
        return
    try:
        output.write_text(picture, encoding="utf-8")
    except OSError as error:
        msg = f"{output}: cannot be written: {error.strerror}"
        raise click.UsageError(msg) from error
    click.echo(output)
