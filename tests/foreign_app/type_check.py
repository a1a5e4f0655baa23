"""A strict type check of programs against what a virtual environment holds, in seconds.

The root of aws-cdk-lib names all of its 670 modules to type checkers: reading them takes mypy a
minute and 3 GB. Here those are skipped that no type of the programs can come from, because
neither the programs, nor the packages they use, nor any module of aws-cdk-lib reached from there
mentions them. The verdict is that of ``mypy --strict``, in a tenth of the time. Faster checkers
are no substitute: ty and pyright take the renamed parameters of jsii's protocols for errors.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

WORD = re.compile(r"[a-z]\w+")
# How one module of aws-cdk-lib uses another; `from . import x` there only passes a module on.
USE = re.compile(r"^    import (aws_cdk\.[\w.]+) as _", re.MULTILINE)


def start_type_check(
    folder: Path, programs: Sequence[str], python: Path, package: str, environment: Mapping[str, str]
) -> subprocess.Popen[str]:
    """Start ``mypy --strict`` in a folder over its programs, with the packages of another Python."""
    (site_packages,) = python.parent.parent.glob("lib/python*/site-packages")
    sources = [*(folder / program for program in programs), *(site_packages / package).rglob("*.py")]
    skipped = "".join(f"[mypy-{name}]\nfollow_imports = skip\n" for name in _unreachable(site_packages, sources))
    (folder / "mypy.ini").write_text(f"[mypy]\nstrict = true\nincremental = false\n{skipped}", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--python-executable", str(python)]
    return subprocess.Popen(
        [*command, "--no-error-summary", *programs],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _unreachable(site_packages: Path, sources: Iterable[Path]) -> list[str]:
    """The modules of aws-cdk-lib that no source mentions, directly or through a module it mentions."""
    root = site_packages / "aws_cdk"
    modules = {
        ".".join(path.parent.relative_to(site_packages).parts): path
        for path in root.rglob("__init__.py")
        if "_jsii" not in path.parts
    }
    words = {word for source in sources for word in WORD.findall(source.read_text(encoding="utf-8"))}
    pending = ["aws_cdk", *(name for name in modules if words.issuperset(name.split(".")))]
    reached: set[str] = set()
    while pending:
        name = pending.pop()
        if name in reached or name not in modules:
            continue
        reached.add(name)
        pending += [name.rpartition(".")[0], *USE.findall(modules[name].read_text(encoding="utf-8"))]
    return sorted(modules.keys() - reached)
