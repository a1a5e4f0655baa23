"""Sizes of the templates of a cloud assembly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SUFFIX = ".template.json"
Template = dict[str, Any]


def read_templates(assembly: Path) -> dict[str, Template]:
    """Every template of an assembly by file name: stacks, nested assemblies, products."""
    return {
        path.name.removesuffix(SUFFIX): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(assembly.rglob(f"*{SUFFIX}"))
    }


def template_sizes(assembly: Path) -> dict[str, dict[str, int]]:
    """Resources and bytes of every template."""
    sizes = {path.name.removesuffix(SUFFIX): path.stat().st_size for path in assembly.rglob(f"*{SUFFIX}")}
    return {
        name: {"resources": len(template["Resources"]), "bytes": sizes[name]}
        for name, template in read_templates(assembly).items()
    }
