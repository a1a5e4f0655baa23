"""``mlgov local``: starts and stops the local cloud."""

import shlex
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from mlgov_constructs.local_cloud.errors import LocalCloudError
from mlgov_constructs.local_cloud.limits import LIMITS
from mlgov_constructs.local_cloud.local_cloud import LocalCloud

_P = ParamSpec("_P")
_DIRECTORY = Path(".local-cloud")
_directory_option = click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=_DIRECTORY,
    show_default=True,
    help="Where its log and process file are.",
)


def _one_line_errors(command: Callable[_P, None]) -> Callable[_P, None]:
    """Turns an error of the local cloud into one line and exit code 1."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except LocalCloudError as error:
            raise click.ClickException(str(error)) from None

    return run


@click.group()
def local() -> None:
    """An embedded AWS cloud for `cdk deploy`: no account, no container, no internet."""


@local.command()
@click.option("--port", default=4567, show_default=True, help="The port on 127.0.0.1; 0 picks a free one.")
@click.option("--enforced", is_flag=True, help="Evaluate IAM policies and serve over TLS.")
@click.option("--organization", help="The id of the organisation that the account lies in, for conditions.")
@click.option("--keep-state", is_flag=True, help="If it runs already, leave what is in it; else it is emptied.")
@_directory_option
@_one_line_errors
def up(port: int, enforced: bool, organization: str | None, keep_state: bool, directory: Path) -> None:
    """Start the local cloud in the background, or empty the one that runs."""
    running = _running(directory)
    if running and running.enforced == enforced:
        if not keep_state:
            running.reset()
        click.echo(f"The local cloud runs at {running.endpoint}, {'as it was' if keep_state else 'emptied'}.")
        return
    if running:
        mode = "enforced" if running.enforced else "open"
        raise LocalCloudError(f"A local cloud runs in the {mode} mode. Stop it first: mlgov local down")
    cloud = LocalCloud(port=port, enforced=enforced, organization=organization, directory=directory)
    cloud.start()
    click.echo(f"The local cloud runs at {cloud.endpoint} (log: {cloud.log_file}).")
    click.echo("\nWhat it cannot show:")
    for limit in LIMITS:
        click.echo(f"  {limit.subject}: {limit.text}")
    click.echo('\nUse it:   eval "$(mlgov local env)"\nStop it:  mlgov local down')


@local.command()
@_directory_option
@_one_line_errors
def down(directory: Path) -> None:
    """Stop the local cloud and everything it started."""
    running = _running(directory)
    LocalCloud(directory=directory).stop()
    click.echo("The local cloud is stopped." if running else "No local cloud runs here.")


@local.command()
@_directory_option
@_one_line_errors
def status(directory: Path) -> None:
    """Tell whether the local cloud runs; exit code 1 when it does not."""
    running = _running(directory)
    if running is None:
        raise LocalCloudError("No local cloud runs here. Start one: mlgov local up")
    answers = "answers" if running.is_up() else f"does not answer, see {running.log_file}"
    mode = "IAM enforced" if running.enforced else "IAM not enforced"
    click.echo(f"The local cloud at {running.endpoint} {answers} (process {running.pid}, {mode}).")


@local.command()
@_directory_option
@_one_line_errors
def env(directory: Path) -> None:
    """Print the export lines that lead AWS clients to the local cloud."""
    cloud = LocalCloud.from_directory(directory)
    for name, value in cloud.environment().items():
        click.echo(f"export {name}={shlex.quote(value)}")


@local.command()
@click.option(
    "--environment",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("environments/sandbox.yaml"),
    show_default=True,
    help="The environment's file.",
)
@click.option("--keep", is_flag=True, help="Leave environment and local cloud up at the end.")
@click.option("--port", default=0, show_default=True, help="The port on 127.0.0.1; 0 picks a free one.")
@_directory_option
@_one_line_errors
def demo(environment: Path, keep: bool, port: int, directory: Path) -> None:
    """Deploy an environment with the CDK, provision every product, read all of it back, and take it down.

    Run it in the folder of the app (cdk.json). Exit code 1 when a step fails or when anything that was read
    back is not as governed ML demands.
    """
    from rich.console import Console  # noqa: PLC0415 - the other commands need not wait for it

    from mlgov_constructs.local_cloud.demo.demo import Demo  # noqa: PLC0415

    # A plain kill must stop the local cloud too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    console = Console(highlight=False)
    faults = Demo(environment, directory, port, keep, console).run()
    if faults:
        raise LocalCloudError("Not everything is as it must be:\n" + "\n".join(f"  {fault}" for fault in faults))
    console.print("\nEverything that was read back is as it must be.", style="bold green")


def _running(directory: Path) -> LocalCloud | None:
    try:
        cloud = LocalCloud.from_directory(directory)
    except LocalCloudError:
        return None
    return cloud if cloud.pid else None
