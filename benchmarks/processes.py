"""Times whole processes, from the command to the written assembly."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Program:
    """A command that synthesizes, and the environment variables that it needs."""

    command: list[str]
    variables: dict[str, str] = field(default_factory=dict)


def measure(programs: Mapping[str, Program], runs: int) -> dict[str, float]:
    """The median seconds of each program.

    Every program runs once unmeasured, which fills the caches. Then they take turns, so that
    what else the machine does meets them all.
    """
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(runs + 1):
        for name, program in programs.items():
            elapsed = _seconds(program)
            if turn:
                seconds[name].append(elapsed)
    return {name: round(median(each), 2) for name, each in seconds.items()}


def _seconds(program: Program) -> float:
    with tempfile.TemporaryDirectory() as output:
        environment = {**os.environ, **program.variables, "CDK_OUTDIR": output}
        start = time.perf_counter()
        subprocess.run(program.command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start
