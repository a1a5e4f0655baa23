"""A group of commands that are imported when they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command lies, and what the list of commands says of it.

    Attributes:
        target: The command, as ``module:attribute``.
        summary: One line for the list of commands.
        extra: The extra of the distribution that the command needs, or ``None``.
    """

    target: str
    summary: str
    extra: str | None = None

    def load(self) -> click.Command:
        """Import the command.

        Raises:
            UsageError: What the command needs is not installed.
        """
        module, _, attribute = self.target.partition(":")
        try:
            command: click.Command = getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            if self.extra is None:
                raise
            msg = f"This command needs {error.name}. Run: pip install 'mlgov-constructs[{self.extra}]'"
            raise click.UsageError(msg) from error
        return command


class LazyGroup(click.Group):
    """A group that lists its commands without importing them, so that help is immediate.

    Args:
        lazy_commands: The commands by name.
        attrs: What ``click.Group`` takes.

    Example:
        >>> check = LazyCommand("mlgov_constructs.cli.check:check", "Check templates.")
        >>> group = LazyGroup(name="mlgov", lazy_commands={"check": check})
        >>> group.list_commands(click.Context(group))
        ['check']
    """

    def __init__(self, *, lazy_commands: Mapping[str, LazyCommand], **attrs: Any) -> None:
        super().__init__(**attrs)
        self.lazy_commands = dict(lazy_commands)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of their declaration."""
        return [*self.lazy_commands, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; ``None`` when there is none of this name."""
        lazy = self.lazy_commands.get(cmd_name)
        return lazy.load() if lazy else super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands out of their summaries."""
        rows = [(name, lazy.summary) for name, lazy in self.lazy_commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
