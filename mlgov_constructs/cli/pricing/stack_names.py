"""What a cloud assembly says of a template: the stack, its region, and the construct of each resource."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATH_KEY = "aws:cdk:path"
LOGICAL_ID = "aws:cdk:logicalId"
OWN_ENDS = ("/Resource", "/Default")


@dataclass(frozen=True, slots=True)
class StackNames:
    """The names in one template.

    Attributes:
        stack: The stack's path in the app, or the name of the file.
        region: Its region; ``None`` when it is deployed anywhere.
        constructs: The construct of each logical id, as far as the assembly knows.
        deployed: What CloudFormation calls the stack, and other stacks by which they refer to it; the name of the
            file for a template by itself.
    """

    stack: str
    region: str | None = None
    constructs: Mapping[str, str] = field(default_factory=dict)
    deployed: str = ""

    @classmethod
    def of(cls, template: Path) -> StackNames:
        """Read them from the assembly that a template lies in; a template by itself has its file's name.

        Args:
            template: The file.
        """
        artifact = _artifact(template)
        if artifact is None:
            return cls(template.name, deployed=template.name)
        region = str(artifact.get("environment", "")).rsplit("/", 1)[-1]
        known = None if region.startswith("unknown") or not region else region
        display = str(artifact.get("displayName", template.name))
        deployed = str(artifact.get("properties", {}).get("stackName", display))
        return cls(display, known, _constructs(template.parent, artifact), deployed)

    def construct(self, logical_id: str, resource: Mapping[str, Any]) -> str:
        """Return the path of a resource below its stack, or its logical id.

        Args:
            logical_id: The resource.
            resource: What the template says of it.
        """
        path = self.constructs.get(logical_id) or resource.get("Metadata", {}).get(PATH_KEY, logical_id)
        for end in OWN_ENDS:
            path = path.removesuffix(end)
        return str(path).removeprefix(f"{self.stack}/")


def _artifact(template: Path) -> dict[str, Any] | None:
    manifest = _read(template.parent / "manifest.json")
    for artifact in manifest.get("artifacts", {}).values():
        if artifact.get("properties", {}).get("templateFile") == template.name:
            return dict(artifact)
    return None


def _constructs(folder: Path, artifact: Mapping[str, Any]) -> dict[str, str]:
    metadata = artifact.get("metadata") or _read(folder / str(artifact.get("additionalMetadataFile", "")))
    return {
        str(entry["data"]): path.removeprefix("/")
        for path, entries in metadata.items()
        for entry in entries
        if entry.get("type") == LOGICAL_ID
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
