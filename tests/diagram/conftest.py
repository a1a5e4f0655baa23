"""Small templates for the pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Resources = dict[str, Any]
Written = Callable[..., list[Path]]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """A resource of a type of AWS."""
    return {"Type": f"AWS::{kind}", "Properties": properties}


def ref(name: str) -> dict[str, str]:
    """A reference."""
    return {"Ref": name}


def att(name: str, attribute: str = "Arn") -> dict[str, list[str]]:
    """An attribute."""
    return {"Fn::GetAtt": [name, attribute]}


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write templates, one for each argument, and return their paths."""

    def write(*contents: Resources, **named: dict[str, Any]) -> list[Path]:
        documents = {f"stack{number}": {"Resources": each} for number, each in enumerate(contents)} | named
        paths = []
        for name, document in documents.items():
            paths.append(tmp_path / f"{name}.template.json")
            paths[-1].write_text(json.dumps(document), encoding="utf-8")
        return paths

    return write
