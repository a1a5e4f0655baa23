"""The assembly in small and its evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgov_constructs.evidence import Evidence, collect
from tests.evidence.small_assembly import TIME, write, write_assembly


@pytest.fixture
def cdk_out(tmp_path: Path) -> Path:
    """A cloud assembly with a stack and a product."""
    folder = tmp_path / "cdk.out"
    write_assembly(folder)
    return folder


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The evidence of the assembly in small, as it is before a test changes it."""
    folder = tmp_path_factory.mktemp("evidence") / "cdk.out"
    write_assembly(folder)
    return collect(folder, timestamp=TIME)


@pytest.fixture
def change(cdk_out: Path) -> Callable[[str, Callable[[dict[str, Any]], object]], None]:
    """Change a JSON file of the assembly in small."""

    def run(name: str, edit: Callable[[dict[str, Any]], object]) -> None:
        content = json.loads((cdk_out / name).read_text(encoding="utf-8"))
        edit(content)
        write(cdk_out, {name: content})

    return run
