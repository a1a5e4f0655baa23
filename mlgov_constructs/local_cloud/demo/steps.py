"""Shows what is being done and for how long, in one line a step."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Say = Callable[[str], None]


class Steps:
    """The steps of a demonstration.

    Args:
        console: Where they are shown.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, title: str) -> Iterator[Say]:
        """Shows a step while it runs, and what became of it.

        Args:
            title: What is done.

        Yields:
            A function that shows a detail beside the title; the last one stays.
        """
        began, detail = time.monotonic(), ""
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        progress = Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        task = progress.add_task(title)

        def say(text: str) -> None:
            nonlocal detail
            detail = text
            progress.update(task, description=f"{title}: {text}")

        mark, style = "✗", "red"
        try:
            with progress:
                yield say
            mark, style = "✓", "green"
        finally:
            seconds = time.monotonic() - began
            line = f"{title}: {detail}" if detail else title
            self._console.print(f"[{style}]{mark}[/] {seconds:5.1f} s  ", end="")
            self._console.print(line, markup=False, highlight=False)
