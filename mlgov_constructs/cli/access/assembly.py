"""A cloud assembly with every value of its templates made concrete."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mlgov_constructs.cli.access.physical_names import REFERRED_BY_ARN, Place, physical_arn, physical_name

ACCOUNT, REGION = "111122223333", "us-east-1"
UNKNOWN = ("unknown-account", "unknown-region")
LOGICAL_ID_HASH = re.compile(r"[0-9A-F]{8}$")


@dataclass(frozen=True)
class Resource:
    """A resource as it would be after a deployment.

    Attributes:
        stack: The name of its stack.
        logical_id: Its id in the template.
        type: Its type.
        ref: What ``Ref`` returns.
        arn: Its ARN.
        properties: Its properties, every intrinsic function evaluated.
    """

    stack: str
    logical_id: str
    type: str
    ref: str
    arn: str
    properties: dict[str, Any]

    @property
    def short_id(self) -> str:
        """The logical id without the hash that the CDK ends it with."""
        return LOGICAL_ID_HASH.sub("", self.logical_id)


@dataclass(frozen=True)
class _Stack:
    name: str
    template: dict[str, Any]
    place: Place


@dataclass(frozen=True)
class Assembly:
    """The stacks of one or more cloud assemblies, as they would be in an account.

    Ids that AWS would choose are made up, the same in every run. A function that cannot be
    evaluated offline, and a dynamic reference, stays as readable text.

    Attributes:
        folders: Folders that ``cdk synth`` wrote; what stands in the first may refer to the others.
        account: The account of stacks that name none.
        region: The region of stacks that name none.

    Raises:
        ValueError: A folder holds no cloud assembly.

    Example:
        >>> Assembly((Path("cdk.out"),)).account
        '111122223333'
    """

    folders: tuple[Path, ...]
    account: str = ACCOUNT
    region: str = REGION

    @cached_property
    def resources(self) -> list[Resource]:
        """Every resource of every stack."""
        return [
            Resource(
                stack=stack.name,
                logical_id=logical_id,
                type=resource["Type"],
                ref=self._ref(stack, logical_id),
                arn=self._arn(stack, logical_id),
                properties=self._value(stack, resource.get("Properties", {})),
            )
            for stack in self._stacks.values()
            for logical_id, resource in stack.template.get("Resources", {}).items()
        ]

    def of_type(self, resource_type: str) -> list[Resource]:
        """The resources of one type."""
        return [resource for resource in self.resources if resource.type == resource_type]

    def find(self, stack: str, name: str) -> Resource:
        """Return the resource of a stack by its logical id, or by that without its final hash.

        Raises:
            KeyError: There is none.
        """
        for resource in self.resources:
            if resource.stack == stack and name in (resource.logical_id, resource.short_id):
                return resource
        msg = f"{stack} has no resource {name}"
        raise KeyError(msg)

    @cached_property
    def _stacks(self) -> dict[str, _Stack]:
        return {stack.name: stack for folder in self.folders for stack in self._stacks_in(folder)}

    def _stacks_in(self, folder: Path) -> Iterator[_Stack]:
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError) as error:
            msg = f"{folder}: holds no cloud assembly. Run 'cdk synth' first, or name its folder."
            raise ValueError(msg) from error
        for artifact_id, artifact in manifest["artifacts"].items():
            properties = artifact.get("properties", {})
            if artifact["type"] == "cdk:cloud-assembly":
                yield from self._stacks_in(folder / properties["directoryName"])
            elif artifact["type"] == "aws:cloudformation:stack":
                account, region = artifact["environment"].removeprefix("aws://").split("/")
                place_region = self.region if region in UNKNOWN else region
                yield _Stack(
                    name=properties.get("stackName", artifact_id),
                    template=json.loads((folder / properties["templateFile"]).read_text(encoding="utf-8")),
                    place=Place(
                        _partition(place_region), self.account if account in UNKNOWN else account, place_region
                    ),
                )

    def _value(self, stack: _Stack, value: Any) -> Any:
        if isinstance(value, list):
            entries = [self._value(stack, entry) for entry in value]
            return [entry for entry in entries if entry is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument) = next(iter(value.items()))
            if function == "Ref":
                return self._ref(stack, argument)
            if function.startswith("Fn::"):
                return self._function(stack, function, argument)
        found = {key: self._value(stack, entry) for key, entry in value.items()}
        return {key: entry for key, entry in found.items() if entry is not None}

    def _function(self, stack: _Stack, function: str, argument: Any) -> Any:
        match function, argument:
            case "Fn::GetAtt", [str(logical_id), str(attribute)]:
                return self._attribute(stack, logical_id, attribute)
            case "Fn::Join", [str(separator), list(parts)]:
                return separator.join(str(self._value(stack, part)) for part in parts)
            case "Fn::Select", [index, list(choices)]:
                return self._value(stack, choices[int(index)])
            case "Fn::If", [_, then, otherwise]:
                # Which it will be is decided at deployment; what grants more is the safer answer.
                return self._value(stack, then) or self._value(stack, otherwise)
            case "Fn::GetStackOutput", {"StackName": str(name), "OutputName": str(output)} if name in self._stacks:
                producer = self._stacks[name]
                return self._value(producer, producer.template["Outputs"][output]["Value"])
        return f"<{function} {json.dumps(argument)}>"

    def _ref(self, stack: _Stack, name: str) -> Any:
        place = stack.place
        pseudo = {
            "AWS::AccountId": place.account,
            "AWS::NoValue": None,
            "AWS::Partition": place.partition,
            "AWS::Region": place.region,
            "AWS::StackId": f"arn:{place.partition}:cloudformation:{place.region}:{place.account}:stack/{stack.name}/1",
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com.cn" if place.partition == "aws-cn" else "amazonaws.com",
        }
        if name in pseudo:
            return pseudo[name]
        resource = stack.template.get("Resources", {}).get(name)
        if resource is None:
            return stack.template.get("Parameters", {}).get(name, {}).get("Default", f"<{name}>")
        return self._arn(stack, name) if resource["Type"] in REFERRED_BY_ARN else self._name(stack, name)

    def _attribute(self, stack: _Stack, logical_id: str, attribute: str) -> str:
        if attribute.endswith("Arn"):
            return self._arn(stack, logical_id)
        if attribute in ("GroupId", "KeyId") or attribute.endswith("Name"):
            return self._name(stack, logical_id)
        return f"{self._name(stack, logical_id)}.{attribute}"

    def _name(self, stack: _Stack, logical_id: str) -> str:
        resource_type = stack.template["Resources"][logical_id]["Type"]
        return physical_name(stack.name, logical_id, resource_type, self._names(stack, logical_id))

    def _arn(self, stack: _Stack, logical_id: str) -> str:
        resource_type = stack.template["Resources"][logical_id]["Type"]
        domain = self._names(stack, logical_id).get("DomainName", "")
        return physical_arn(stack.place, resource_type, self._name(stack, logical_id), domain)

    def _names(self, stack: _Stack, logical_id: str) -> dict[str, Any]:
        properties = stack.template["Resources"][logical_id].get("Properties", {})
        return {key: self._value(stack, entry) for key, entry in properties.items() if key.endswith("Name")}


def _partition(region: str) -> str:
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")
