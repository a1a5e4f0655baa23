"""A virtual environment that holds a wheel and what it depends on, and nothing of the checkout."""

from __future__ import annotations

import os
import subprocess
import venv
from collections.abc import Mapping
from pathlib import Path

from uv import find_uv_bin

# What any shell has: no PYTHONPATH, no credentials, no environment that is active.
SHELL = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "XDG_CACHE_HOME") if name in os.environ}


class CleanEnvironment:
    """A folder with a virtual environment, where programs run as their users run them.

    Args:
        folder: An empty folder outside the checkout.
        wheel: What to install.
        constraints: The versions to install it with, so that a release elsewhere breaks no test.
        variables: Environment variables for every run.
    """

    def __init__(self, folder: Path, wheel: Path, *, constraints: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self.bin = folder / "venv" / "bin"
        self.python = self.bin / "python"
        self._variables = {**SHELL, **variables}
        venv.create(folder / "venv", symlinks=True)
        install = [find_uv_bin(), "pip", "install", "--quiet", "--system-certs", "--python", str(self.python)]
        subprocess.run([*install, "--constraint", str(constraints), str(wheel)], check=True)

    def run(self, program: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in its folder."""
        return subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=self.folder,
            env={**self._variables, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
