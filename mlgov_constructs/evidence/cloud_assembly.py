"""What a cloud assembly holds: its templates, where their resources come from, what the app accepted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mlgov_constructs.cli.targets import read_template
from mlgov_constructs.controls import TemplateError
from mlgov_constructs.evidence.evidence import TemplateKind

STACK, ASSEMBLY = "aws:cloudformation:stack", "cdk:cloud-assembly"
LOGICAL_ID, ACKNOWLEDGED = "aws:cdk:logicalId", "aws:cdk:acknowledged-rules"
PATH_KEY = "aws:cdk:path"
TEMPLATE_END, PRODUCT_END = ".template.json", ".product.template.json"
STAGED = "asset."
OWN_ENDS = ("/Resource", "/Default")


class EvidenceError(ValueError):
    """No evidence can be made: of what, and why."""


@dataclass(frozen=True)
class AssemblyTemplate:
    """One template of an assembly.

    Attributes:
        name: The file, from the folder of the assembly.
        stack: The stack's or the product's path in the app.
        kind: What becomes of it.
        region: Its region; empty when it may be deployed anywhere.
        text: The template.
        constructs: The construct of each logical id, as far as the assembly knows.
    """

    name: str
    stack: str
    kind: TemplateKind
    region: str
    text: str
    constructs: Mapping[str, str]

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources of the template by their logical ids."""
        found: dict[str, dict[str, Any]] = json.loads(self.text)["Resources"]
        return found

    def construct(self, logical_id: str) -> str:
        """Return the construct of a resource; empty where nothing tells.

        Args:
            logical_id: The resource.
        """
        metadata = self.resources.get(logical_id, {}).get("Metadata") or {}
        path = self.constructs.get(logical_id) or str(metadata.get(PATH_KEY, ""))
        for end in OWN_ENDS:
            path = path.removesuffix(end)
        return path


class CloudAssembly:
    """A folder that ``cdk synth`` wrote, read by its manifest: what an earlier synthesis left there is no part of it.

    Args:
        folder: The folder.

    Raises:
        EvidenceError: It is no cloud assembly, or one of its files cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.acknowledged: list[tuple[str, str, str]] = []
        found: dict[str, AssemblyTemplate] = {}
        for template in self._templates(folder):
            # A product and its published version are the same template in another layout.
            found.setdefault(json.dumps(json.loads(template.text), sort_keys=True), template)
        self.templates = tuple(found.values())
        if not self.templates:
            msg = f"{folder}: the cloud assembly has no stack. Synthesize an app that has one."
            raise EvidenceError(msg)

    @cached_property
    def environment(self) -> str:
        """What the paths of all stacks begin with, or the name of the folder when they have nothing in common."""
        firsts = {each.stack.split("/", maxsplit=1)[0] for each in self.templates if each.kind is TemplateKind.STACK}
        return firsts.pop() if len(firsts) == 1 else self.folder.resolve().name

    @cached_property
    def report(self) -> list[dict[str, Any]]:
        """What the rule packs said at the synthesis; empty when none ran."""
        file = self.folder / "validation-report.json"
        reports: list[dict[str, Any]] = _json(file).get("pluginReports", []) if file.exists() else []
        return reports

    def _templates(self, folder: Path) -> Iterator[AssemblyTemplate]:
        if not (folder / "manifest.json").is_file():
            msg = f"{folder}: holds no cloud assembly. Run 'cdk synth' first, or name its folder."
            raise EvidenceError(msg)
        for name, artifact in _json(folder / "manifest.json").get("artifacts", {}).items():
            if artifact.get("type") == ASSEMBLY:
                yield from self._templates(folder / artifact["properties"]["directoryName"])
            elif artifact.get("type") == STACK:
                yield from self._stack(folder, name, artifact)

    def _stack(self, folder: Path, name: str, artifact: Mapping[str, Any]) -> Iterator[AssemblyTemplate]:
        own = artifact["properties"]["templateFile"]
        stack = str(artifact.get("displayName", name))
        region = str(artifact.get("environment", "")).rsplit("/", 1)[-1]
        more = artifact.get("additionalMetadataFile")
        metadata = {**artifact.get("metadata", {}), **(_json(folder / more) if more else {})}
        self._acknowledge(metadata)
        files = [(own, stack, TemplateKind.STACK), *_contained(folder / f"{name}.assets.json", own)]
        constructs = _constructs(metadata, [path for _, path, _ in files])
        for file, path, kind in files:
            try:
                text = read_template(folder / file)
            except TemplateError as error:
                # An asset that is named like a template is one; any other JSON may be anything.
                if file.endswith(TEMPLATE_END):
                    raise EvidenceError(str(error)) from error
                continue
            yield AssemblyTemplate(
                name=(folder / file).relative_to(self.folder).as_posix(),
                stack=path,
                kind=kind,
                region="" if region.startswith("unknown") else region,
                text=text,
                constructs=constructs[path],
            )

    def _acknowledge(self, metadata: Mapping[str, Any]) -> None:
        self.acknowledged += [
            (finding, path.removeprefix("/"), reason)
            for path, entries in metadata.items()
            for entry in entries
            if entry.get("type") == ACKNOWLEDGED
            for finding, reason in entry["data"].items()
        ]


def _contained(assets: Path, own: str) -> list[tuple[str, str, TemplateKind]]:
    """The JSON files that a stack uploads beside its own template, named templates before staged copies."""
    files = _json(assets).get("files", {}) if assets.exists() else {}
    found = []
    for asset in files.values():
        source = asset.get("source", {})
        file = str(source.get("path", ""))
        if file == own or source.get("packaging") != "file" or not file.endswith(".json"):
            continue
        nested = file.endswith(TEMPLATE_END) and not file.endswith(PRODUCT_END)
        path = str(asset.get("displayName", file)).removesuffix(" Template")
        found.append((file, path, TemplateKind.NESTED if nested else TemplateKind.PRODUCT))
    return sorted(found, key=lambda each: (each[0].startswith(STAGED), each))


def _constructs(metadata: Mapping[str, Any], stacks: list[str]) -> dict[str, dict[str, str]]:
    """The construct of each logical id, for a stack and for what lies in it."""
    found: dict[str, dict[str, str]] = {stack: {} for stack in stacks}
    inner_first = sorted(stacks, key=len, reverse=True)
    for path, entries in metadata.items():
        construct = path.removeprefix("/")
        stack = next((each for each in inner_first if construct.startswith(f"{each}/")), stacks[0])
        for entry in entries:
            if entry.get("type") == LOGICAL_ID:
                found[stack][str(entry["data"])] = construct
    return found


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path}: cannot be read: {error}"
        raise EvidenceError(msg) from error
    if not isinstance(content, dict):
        msg = f"{path}: is no part of a cloud assembly: it holds no JSON object."
        raise EvidenceError(msg)
    return content
