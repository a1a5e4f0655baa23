"""Finds and reads the templates among what a user names: files, ``cdk.out`` and other folders."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mlgov_constructs.controls import TemplateError

TEMPLATE_SUFFIXES = frozenset({".json", ".yaml", ".yml", ".template"})
# Code, data and packages; `asset.<hash>` folders hold the first two.
OTHER_FOLDERS = re.compile(r"asset\..*|node_modules|\..*")
YAML_RESOURCES = re.compile(r"^\{?\s*(['\"]?)Resources\1\s*:", re.MULTILINE)
YAML_TYPE = re.compile(r"(?:^|[\s{,])(['\"]?)Type\1\s*:", re.MULTILINE)


def find_templates(targets: Iterable[Path]) -> list[Path]:
    """Find the templates that the targets hold.

    A file is taken as it is. A folder, such as ``cdk.out``, is searched with its nested
    assemblies: stack templates, nested stacks, Service Catalog products and published
    versions count; other JSON and YAML does not. The same template twice (a product and its
    published version) is taken once.

    Args:
        targets: Files and folders that exist.

    Returns:
        The templates in the order of the targets, then by name.

    Raises:
        ValueError: A folder holds no template.

    Example:
        >>> find_templates([Path("template.yaml")])
        [PosixPath('template.yaml')]
    """
    templates: dict[Path, Path] = {}
    for target in targets:
        if not target.is_dir():
            templates.setdefault(target.resolve(), target)
            continue
        found = list(_templates_in(target))
        if not found:
            msg = f"{target}: holds no CloudFormation template. Run 'cdk synth' first, or name a template file."
            raise ValueError(msg)
        for template in found:
            templates.setdefault(template.resolve(), template)
    return list(templates.values())


def read_template(path: Path) -> str:
    """Read a template, and refuse what is none.

    Args:
        path: The file, JSON or YAML.

    Returns:
        Its text.

    Raises:
        TemplateError: The file cannot be read, or has no resources with types.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise TemplateError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path}: cannot be read: it is not UTF-8 text"
        raise TemplateError(msg) from error
    flaw = _flaw(path, text)
    if flaw:
        msg = f"{path}: is no CloudFormation template: {flaw}"
        raise TemplateError(msg)
    return text


def _flaw(path: Path, text: str) -> str:
    """What keeps a text from being a template; empty when nothing does."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        if path.suffix == ".json":
            return f"line {error.lineno}, column {error.colno}: {error.msg}"
        return _flaw_of_yaml(text)
    except RecursionError:
        return "it is nested too deeply"
    resources: Any = document.get("Resources") if isinstance(document, dict) else None
    if not isinstance(resources, dict):
        return "it has no Resources"
    return next(filter(None, (_flaw_of(name, resource) for name, resource in resources.items())), "")


def _flaw_of_yaml(text: str) -> str:
    """What the text itself tells, so that a folder is searched without parsing whatever YAML lies in it."""
    if not YAML_RESOURCES.search(text):
        return "it has no Resources"
    return "" if YAML_TYPE.search(text) else "none of its Resources has a Type"


def _flaw_of(name: str, resource: Any) -> str:
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        return f"the resource {name} has no Type"
    return "" if isinstance(resource.get("Metadata", {}), dict) else f"the Metadata of the resource {name} is no object"


def _templates_in(folder: Path) -> Iterator[Path]:
    seen: set[str] = set()
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not OTHER_FOLDERS.fullmatch(name))
        # The staged copy of a file (asset.<hash>.json) comes last, so that the named one is reported.
        for name in sorted(files, key=lambda each: (each.startswith("asset."), each)):
            path = Path(parent, name)
            if path.suffix not in TEMPLATE_SUFFIXES:
                continue
            try:
                content = _comparable(read_template(path))
            except TemplateError:
                # What is named as a template and is none is kept: reading it again gives its error.
                if not name.endswith(".template.json"):
                    continue
                content = str(path)
            if content not in seen:
                seen.add(content)
                yield path


def _comparable(text: str) -> str:
    """The same for the same JSON in another layout."""
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except json.JSONDecodeError:
        return text
