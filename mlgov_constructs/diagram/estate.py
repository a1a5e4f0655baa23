"""The resources of many templates, with every reference between them followed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlgov_constructs.cli.pricing.stack_names import StackNames
from mlgov_constructs.diagram.part import PRODUCT_END, Part, content_of, part_of
from mlgov_constructs.diagram.shapes import listed

# What Service Catalog reads: a copy of a product, or a version of it that was published before.
STAGED = "asset."
FROM_PARAMETER = re.compile(r"\{\{resolve:ssm:([^:}]+)(?::\d+)?\}\}")
IN_TEXT = re.compile(r"\$\{([^!}]+)\}")
# Stands for what only the deployment, or the person who launches a product, knows.
UNKNOWN = "…"
# References that lead further are taken for a circle.
DEEPEST = 8
SHORT_ARN = re.compile(r"(?:Arn|Id|Name)$")
PSEUDO = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws", "AWS::NoValue": ""}


@dataclass(frozen=True)
class _Source:
    names: StackNames
    content: Mapping[str, Any]


class Estate:
    """What a set of templates holds.

    References are followed within a template, to outputs of other stacks (strong and weak ones) and through the SSM
    parameters that product templates read.

    Args:
        templates: Files in JSON: stacks, nested stacks and products. Staged copies (``asset.*``) are passed over.

    Raises:
        DiagramError: A file cannot be read, or is no template in JSON.
    """

    def __init__(self, templates: Sequence[Path]) -> None:
        self._sources = {}
        for path in (each for each in templates if not each.name.startswith(STAGED)):
            names = StackNames.of(path)
            self._sources[names.stack] = _Source(names, content_of(path))
        self._parts = {
            (stack, logical_id): part_of(source.names, logical_id, resource)
            for stack, source in self._sources.items()
            for logical_id, resource in source.content["Resources"].items()
        }
        self._deployed = {source.names.deployed: stack for stack, source in self._sources.items()}
        # The names of exports and parameters are read by the functions that later look them up.
        self._exports: dict[str, tuple[str, Any]] = {}
        self._parameters: list[tuple[str, str, Any]] = []
        self._exports = {
            str(self._text(stack, output["Export"]["Name"])): (stack, output["Value"])
            for stack, source in self._sources.items()
            for output in source.content.get("Outputs", {}).values()
            if "Export" in output
        }
        self._parameters = [
            (self._text(part.stack, part.properties["Name"]), part.stack, part.properties.get("Value"))
            for part in self.of_type("AWS::SSM::Parameter")
            if "Name" in part.properties
        ]

    @property
    def name(self) -> str:
        """What the paths of all stacks begin with; empty when they have nothing in common."""
        firsts = {stack.split("/", maxsplit=1)[0] for stack in self._sources if not stack.endswith(PRODUCT_END)}
        return firsts.pop() if len(firsts) == 1 else ""

    @property
    def parts(self) -> list[Part]:
        """Every resource, in the order of the templates."""
        return list(self._parts.values())

    def of_type(self, *resource_types: str) -> list[Part]:
        """The resources of some types.

        Args:
            resource_types: For example ``AWS::S3::Bucket``.
        """
        return [part for part in self._parts.values() if part.type in resource_types]

    def region(self, part: Part) -> str:
        """The region of a resource; empty when its stack may be deployed anywhere.

        Args:
            part: The resource.
        """
        return self._sources[part.stack].names.region or ""

    def referred(self, part: Part, value: Any) -> list[Part]:
        """The resources that a value of a resource refers to, wherever in it; each once.

        Args:
            part: The resource that has the value.
            value: The value, as it stands in the template.
        """
        return list(dict.fromkeys(self._referred(part.stack, value, ())))

    def text(self, part: Part, value: Any) -> str:
        """A value as a person would read it: references by name, what is not known as an ellipsis.

        Args:
            part: The resource that has the value.
            value: The value, as it stands in the template.
        """
        return self._text(part.stack, value)

    def _referred(self, stack: str, value: Any, seen: tuple[object, ...]) -> Iterator[Part]:
        if isinstance(value, list):
            for entry in value:
                yield from self._referred(stack, entry, seen)
        elif isinstance(value, str):
            for name in FROM_PARAMETER.findall(value):
                yield from self._followed(self._parameter(name), seen)
        elif isinstance(value, Mapping):
            target = _target(value)
            if target is not None:
                part = self._parts.get((stack, target[0])) if target else None
                yield from [part] if part else []
            elif set(value) == {"Fn::Sub"}:
                yield from self._in_text(stack, value["Fn::Sub"], seen)
            elif (elsewhere := self._elsewhere(stack, value)) is not None:
                yield from self._followed([elsewhere], seen)
            else:
                for entry in value.values():
                    yield from self._referred(stack, entry, seen)

    def _in_text(self, stack: str, value: Any, seen: tuple[object, ...]) -> Iterator[Part]:
        template = str(value[0] if isinstance(value, list) and value else value)
        for name in IN_TEXT.findall(template):
            yield from self._referred(stack, {"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}, seen)
        yield from self._referred(stack, self._substituted(stack, template, 0), seen)
        if isinstance(value, list):
            yield from self._referred(stack, value[1:], seen)

    def _followed(self, places: Sequence[tuple[str, Any]], seen: tuple[object, ...]) -> Iterator[Part]:
        for stack, value in places:
            place = (stack, json.dumps(value, sort_keys=True))
            if place not in seen:
                yield from self._referred(stack, value, (*seen, place))

    def _elsewhere(self, stack: str, value: Mapping[str, Any]) -> tuple[str, Any] | None:
        """The stack and the value of an output that a function reads."""
        match dict(value):
            case {"Fn::GetStackOutput": {"StackName": name, "OutputName": str(output)}}:
                producer = self._deployed.get(self._text(stack, name), "")
                found = self._sources[producer].content.get("Outputs", {}).get(output) if producer else None
                return (producer, found["Value"]) if found else None
            case {"Fn::ImportValue": name}:
                return self._exports.get(self._text(stack, name))
        return None

    def _parameter(self, name: str) -> list[tuple[str, Any]]:
        """The values of the parameters of a name; an unknown piece of it stands for any."""
        pattern = re.compile("[^/]+".join(re.escape(piece) for piece in name.split(UNKNOWN)))
        return [(stack, value) for found, stack, value in self._parameters if pattern.fullmatch(found)]

    def _text(self, stack: str, value: Any, depth: int = 0) -> str:
        if depth > DEEPEST:
            return UNKNOWN
        if isinstance(value, str):
            return FROM_PARAMETER.sub(lambda found: self._parameter_text(found[1], depth), value)
        if isinstance(value, bool | int | float):
            return str(value)
        if not isinstance(value, Mapping) or len(value) != 1:
            return UNKNOWN
        elsewhere = self._elsewhere(stack, value)
        return self._function(stack, value, depth) if elsewhere is None else self._text(*elsewhere, depth + 1)

    def _function(self, stack: str, value: Mapping[str, Any], depth: int) -> str:
        text = UNKNOWN
        match dict(value):
            case {"Ref": str(name)}:
                text = self._ref(stack, name, depth)
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                text = self._attribute(stack, name, attribute)
            case {"Fn::Join": [str(separator), list(pieces)]}:
                text = separator.join(self._text(stack, piece, depth) for piece in pieces)
            case {"Fn::Select": [int() | str() as index, {"Fn::GetAZs": _}]} if str(index).isdigit():
                text = f"zone {int(index) + 1}"
            case {"Fn::If": [_, then, otherwise]}:
                text = self._text(stack, then, depth) or self._text(stack, otherwise, depth)
            case {"Fn::Sub": str(template)}:
                # Dynamic references come after the variables in their names are known.
                text = self._text(stack, self._substituted(stack, template, depth))
        return text

    def _parameter_text(self, name: str, depth: int) -> str:
        found = {self._text(stack, value, depth + 1) for stack, value in self._parameter(name)}
        return found.pop() if len(found) == 1 else UNKNOWN

    def _substituted(self, stack: str, template: str, depth: int) -> str:
        return IN_TEXT.sub(lambda found: self._named(stack, found[1], depth), template)

    def _named(self, stack: str, name: str, depth: int) -> str:
        found, _, attribute = name.partition(".")
        return self._attribute(stack, found, attribute) if attribute else self._ref(stack, name, depth)

    def _ref(self, stack: str, name: str, depth: int) -> str:
        source = self._sources[stack]
        if (stack, name) in self._parts:
            return self._parts[stack, name].name
        if name == "AWS::Region":
            return source.names.region or "region"
        if name == "AWS::StackName":
            return source.names.deployed
        default = source.content.get("Parameters", {}).get(name, {}).get("Default", UNKNOWN)
        return PSEUDO.get(name, "") if name in PSEUDO else self._text(stack, default, depth + 1)

    def _attribute(self, stack: str, name: str, attribute: str) -> str:
        part = self._parts.get((stack, name))
        if part is None:
            return UNKNOWN
        return part.name if SHORT_ARN.search(attribute) else f"{part.name}.{attribute}"


def _target(value: Mapping[str, Any]) -> list[str] | None:
    """What a reference within a template names: a logical id, and perhaps an attribute."""
    if set(value) == {"Ref"}:
        return [str(value["Ref"])]
    if set(value) == {"Fn::GetAtt"}:
        named = value["Fn::GetAtt"]
        return str(named).split(".", 1) if isinstance(named, str) else [str(each) for each in listed(named)]
    return None
