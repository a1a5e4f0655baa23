"""The cloud assembly that ``cdk synth`` writes: which stacks it holds, and for which account and region."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mlgov_constructs.local_cloud.errors import LocalCloudError

_ENVIRONMENT = re.compile(r"aws://([^/]+)/([^/]+)")
_ORGANIZATION = re.compile(r'"aws:PrincipalOrgID": ?"(o-[a-z0-9]{10,32})"')
_ACCOUNT, _REGION = "123456789012", "us-east-1"


@dataclass(frozen=True, slots=True)
class Assembly:
    """A synthesized app.

    Args:
        directory: Where it lies.
        stack_names: Its stacks, as CloudFormation names them, lower ones first.
        identifiers: How the CDK command line calls each of them.
        templates: The file of each of them.
        account: The account that it is for; ``123456789012`` when it names none.
        region: The region that it is for; ``us-east-1`` when it names none.
        organization: The organisation whose members it lets in, if it names one.
    """

    directory: Path
    stack_names: tuple[str, ...]
    identifiers: Mapping[str, str]
    templates: Mapping[str, Path]
    account: str
    region: str
    organization: str | None

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Reads the manifest of an assembly.

        Args:
            directory: Where the assembly lies.

        Raises:
            LocalCloudError: It has no stack, or stacks of several accounts or regions.
        """
        artifacts = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
        stacks = {name: item for name, item in artifacts.items() if item["type"] == "aws:cloudformation:stack"}
        found = {_ENVIRONMENT.fullmatch(item["environment"]) for item in stacks.values()}
        places = {match.groups() for match in found if match}
        if len(places) != 1:
            problem = "no stack" if not stacks else f"stacks of {len(places)} accounts or regions"
            raise LocalCloudError(f"{directory} holds {problem}; the demo deploys the stacks of one.")
        account, region = places.pop()
        names = {name: str(stacks[name]["properties"].get("stackName", name)) for name in _in_order(stacks)}
        return cls(
            directory,
            tuple(names.values()),
            {stack: str(stacks[name].get("displayName", name)) for name, stack in names.items()},
            {stack: directory / stacks[name]["properties"]["templateFile"] for name, stack in names.items()},
            _ACCOUNT if account.startswith("unknown") else account,
            _REGION if region.startswith("unknown") else region,
            _organization(directory),
        )

    def changed_since(self, before: "Assembly") -> tuple[str, ...]:
        """Returns the stacks whose template is new or another one, lower ones first.

        Args:
            before: What was deployed.
        """
        known = {stack: file.read_text(encoding="utf-8") for stack, file in before.templates.items()}
        return tuple(
            stack for stack in self.stack_names if self.templates[stack].read_text(encoding="utf-8") != known.get(stack)
        )


def _organization(directory: Path) -> str | None:
    """Returns the organisation that conditions of the templates name."""
    texts = (file.read_text(encoding="utf-8") for file in directory.glob("*.template.json"))
    found = {match for text in texts for match in _ORGANIZATION.findall(text)}
    return found.pop() if len(found) == 1 else None


def _in_order(stacks: dict[str, dict[str, Any]]) -> list[str]:
    """Returns the stacks so that each comes after those it depends on."""
    ordered: list[str] = []

    def visit(name: str) -> None:
        for lower in stacks[name].get("dependencies", []):
            if lower in stacks:
                visit(lower)
        if name not in ordered:
            ordered.append(name)

    for name in stacks:
        visit(name)
    return ordered
