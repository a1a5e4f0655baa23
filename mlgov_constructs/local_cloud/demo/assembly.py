"""The cloud assembly that ``cdk synth`` writes: which stacks it holds, and for which account and region."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mlgov_constructs.local_cloud.errors import LocalCloudError

_ORGANIZATION = re.compile(r'"aws:PrincipalOrgID": ?"(o-[a-z0-9]{10,32})"')
_ACCOUNT, _REGION = "123456789012", "us-east-1"


@dataclass(frozen=True, slots=True)
class Assembly:
    """A synthesized app.

    Args:
        directory: Where it lies.
        stack_names: Its stacks in the region, as CloudFormation names them, lower ones first.
        identifiers: How the CDK command line calls each of them.
        templates: The file of each of them.
        account: The account that it is for; ``123456789012`` when it names none.
        region: The region of most of its stacks; ``us-east-1`` when it names none.
        regions: All regions of its stacks, that one first.
        organization: The organisation whose members it lets in, if it names one.
    """

    directory: Path
    stack_names: tuple[str, ...]
    identifiers: Mapping[str, str]
    templates: Mapping[str, Path]
    account: str
    region: str
    regions: tuple[str, ...]
    organization: str | None

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Reads the manifest of an assembly.

        Args:
            directory: Where the assembly lies.

        Raises:
            LocalCloudError: It has no stack, or stacks of several accounts.
        """
        artifacts = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
        stacks = {name: item for name, item in artifacts.items() if item["type"] == "aws:cloudformation:stack"}
        places = {name: _place(item["environment"]) for name, item in stacks.items()}
        accounts = {account for account, _ in places.values()}
        if len(accounts) != 1:
            problem = "no stack" if not stacks else f"stacks of {len(accounts)} accounts"
            raise LocalCloudError(f"{directory} holds {problem}; the demo deploys the stacks of one.")
        regions = tuple(region for region, _ in Counter(region for _, region in places.values()).most_common())
        names = {
            name: str(stacks[name]["properties"].get("stackName", name))
            for name in _in_order(stacks)
            if places[name][1] == regions[0]
        }
        return cls(
            directory,
            tuple(names.values()),
            {stack: str(stacks[name].get("displayName", name)) for name, stack in names.items()},
            {stack: directory / stacks[name]["properties"]["templateFile"] for name, stack in names.items()},
            accounts.pop(),
            regions[0],
            regions,
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


def _place(environment: str) -> tuple[str, str]:
    """Returns account and region of a stack."""
    account, region = environment.removeprefix("aws://").split("/")
    return (
        _ACCOUNT if account.startswith("unknown") else account,
        _REGION if region.startswith("unknown") else region,
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
