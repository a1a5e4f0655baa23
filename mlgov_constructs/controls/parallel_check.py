"""Checks many templates on all processors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from mlgov_constructs.controls.control import Control
from mlgov_constructs.controls.finding import Finding
from mlgov_constructs.controls.rule_engine import RuleEngine, TemplateError

# Below it a second process costs more than it saves.
LEAST_FOR_A_PROCESS = 300_000
MOST_PROCESSES = 4

_engine: RuleEngine | None = None


def check_templates(
    templates: Sequence[tuple[Path, str]], controls: Sequence[Control]
) -> list[list[Finding] | TemplateError]:
    """Check templates, each by itself, on as many processors as it is worth.

    The engine holds Python's lock while it works, so that threads would gain nothing.

    Args:
        templates: What each template is called in its findings, and its text.
        controls: The controls to check.

    Returns:
        For each template, in the same order, its findings or what keeps it from being read.
    """
    size = sum(len(text) for _, text in templates)
    processes = min(MOST_PROCESSES, os.cpu_count() or 1, len(templates), 1 + size // LEAST_FOR_A_PROCESS)
    if processes <= 1:
        _begin(controls)
        return [_check(template) for template in templates]
    largest_first = sorted(range(len(templates)), key=lambda position: -len(templates[position][1]))
    found: dict[int, list[Finding] | TemplateError] = {}
    with ProcessPoolExecutor(processes, initializer=_begin, initargs=(controls,)) as pool:
        checked = pool.map(_check, [templates[position] for position in largest_first])
        found.update(zip(largest_first, checked, strict=True))
    return [found[position] for position in range(len(templates))]


def _begin(controls: Sequence[Control]) -> None:
    global _engine  # noqa: PLW0603 - each process has one
    _engine = RuleEngine(controls)


def _check(template: tuple[Path, str]) -> list[Finding] | TemplateError:
    path, text = template
    assert _engine is not None  # noqa: S101 - _begin has run in this process
    try:
        return _engine.check_text(text, path)
    except TemplateError as error:
        return error
