"""The entry point of the ``mlgov`` command."""

from __future__ import annotations

import click

from mlgov_constructs.cli.lazy_group import LazyCommand, LazyGroup

DISTRIBUTION = "mlgov-constructs"
COMMANDS = {
    "check": LazyCommand("mlgov_constructs.cli.check:check", "Check templates against the controls."),
    "controls": LazyCommand("mlgov_constructs.cli.controls:controls", "List the controls, or show one."),
    "cost": LazyCommand("mlgov_constructs.cli.cost:cost", "Say what templates cost every month."),
    "diagram": LazyCommand("mlgov_constructs.cli.diagram:diagram", "Draw the network or the flow of data."),
    "evidence": LazyCommand(
        "mlgov_constructs.cli.evidence:evidence", "Write what templates prove, for auditors.", extra="evidence"
    ),
    "explain": LazyCommand("mlgov_constructs.cli.explain:explain", "Say whether a role may do something, and why."),
    "lineage": LazyCommand(
        "mlgov_constructs.cli.lineage:lineage", "Ask what models are made of, who approved them, where they serve."
    ),
    "portfolio": LazyCommand(
        "mlgov_constructs.cli.portfolio:portfolio", "Publish product versions, and see what would change."
    ),
    "studio": LazyCommand("mlgov_constructs.cli.studio:studio", "Record what a Studio domain must stay like."),
    "local": LazyCommand("mlgov_constructs.local_cloud.commands:local", "Run the embedded local cloud.", extra="local"),
}


@click.group(
    cls=LazyGroup,
    lazy_commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Governed machine learning on AWS: controls, checks and the local cloud.",
)
@click.version_option(package_name=DISTRIBUTION, prog_name="mlgov")
def main() -> None:
    """Run one of the commands; the ``mlgov`` script calls it."""
