"""A resource of a template, and how templates are read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlgov_constructs.cli.pricing.stack_names import StackNames

PRODUCT_END = ".product.template.json"
LOGICAL_ID_HASH = re.compile(r"(?<=.)[0-9A-F]{8}$")


class DiagramError(ValueError):
    """No picture can be drawn: of what, and why."""


@dataclass(frozen=True, order=True)
class Part:
    """A resource of a template.

    Attributes:
        stack: The path of its stack in the app, or the template's file.
        logical_id: Its id in the template.
        type: Its type.
        name: The path of its construct below the stack, or its logical id without the hash of the CDK.
        launched: Whether it stands in a Service Catalog product, and so is there when somebody launches that.
        properties: What the template says of it.
    """

    stack: str
    logical_id: str
    type: str
    name: str = field(compare=False)
    launched: bool = field(compare=False)
    properties: Mapping[str, Any] = field(compare=False, repr=False)


def part_of(names: StackNames, logical_id: str, resource: Mapping[str, Any]) -> Part:
    """Return a resource of a template.

    Args:
        names: What the assembly says of the template.
        logical_id: The resource.
        resource: What the template says of it.
    """
    path = names.construct(logical_id, resource)
    name = LOGICAL_ID_HASH.sub("", path) if path == logical_id else path
    properties = resource.get("Properties") or {}
    launched = names.stack.endswith(PRODUCT_END)
    return Part(names.stack, logical_id, str(resource["Type"]), name, launched, properties)


def content_of(path: Path) -> Mapping[str, Any]:
    """Read a template.

    Args:
        path: The file.

    Raises:
        DiagramError: It cannot be read, or is no template in JSON.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise DiagramError(msg) from error
    except RecursionError as error:
        msg = f"{path}: is no CloudFormation template: it is nested too deeply."
        raise DiagramError(msg) from error
    except ValueError as error:
        msg = f"{path}: is no template in JSON: {error}. Run 'cdk synth', which writes JSON."
        raise DiagramError(msg) from error
    resources = content.get("Resources") if isinstance(content, dict) else None
    if not isinstance(resources, dict) or not all(
        isinstance(each, dict) and isinstance(each.get("Type"), str) for each in resources.values()
    ):
        msg = f"{path}: is no CloudFormation template: it has no Resources with a Type each."
        raise DiagramError(msg)
    if wrong := [name for name, each in resources.items() if not isinstance(each.get("Metadata", {}), dict)]:
        msg = f"{path}: is no CloudFormation template: the Metadata of the resource {wrong[0]} is no object."
        raise DiagramError(msg)
    return dict(content)
