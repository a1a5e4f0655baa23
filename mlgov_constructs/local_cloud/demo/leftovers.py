"""What is left of an environment that was destroyed, compared with what its templates keep by name."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlgov_constructs.local_cloud.clients import Clients
from mlgov_constructs.local_cloud.demo.inventory import Inventory
from mlgov_constructs.local_cloud.demo.kinds import ASKED_AS, KINDS, PARTS
from mlgov_constructs.local_cloud.demo.readback import Row, Section
from mlgov_constructs.local_cloud.demo.readback.section import unmet

Kept = Mapping[str, Mapping[str, str]]
"""What must stay: by type and id, the stack and the logical id of who keeps it."""

_TEARDOWN, _FILE_SYSTEM = "Custom::StudioTeardown", "AWS::EFS::FileSystem"


def kept_by(clients: Clients, stack_names: Sequence[str]) -> Kept:
    """Returns what stays when stacks are deleted, because their templates say so.

    Args:
        clients: Who reads.
        stack_names: The stacks.
    """
    kept: dict[str, dict[str, str]] = {}
    for stack in stack_names:
        for type_name, identifier, logical_id in _kept_of(clients, stack):
            kept.setdefault(type_name, {})[identifier] = f"{stack}/{logical_id}"
    return kept


def read_leftovers(before: Inventory, after: Inventory, kept: Kept, types: Sequence[str]) -> Section:
    """Compares what an account holds with what it held before, and with what must have stayed.

    Args:
        before: What the account held before the environment.
        after: What it holds now.
        kept: What must have stayed.
        types: The types of everything that there was in the environment.
    """
    left = after.since(before)
    asked = {kind.type_name for kind in KINDS}
    unknown = sorted({each for each in types if not each.startswith("Custom::")} - asked - PARTS - ASKED_AS.keys())
    names = sorted({*left, *(name for name in kept if name in asked)})
    rows = tuple(_row(name, left.get(name, []), kept.get(name, {})) for name in names)
    demands = {f"it must be known how to ask for {name}": False for name in unknown}
    return Section("What is left", ("Type", "Kept by its template", "Left besides"), rows, demands)


def _row(type_name: str, left: Sequence[str], kept: Mapping[str, str]) -> Row:
    stayed = [each for each in left if each in kept]
    besides = [each for each in left if each not in kept]
    lost = [f"{kept[each]} ({each})" for each in kept if each not in left]
    faults = unmet({"nothing else must be left": not besides})
    faults += tuple(f"{each} must have stayed" for each in lost)
    return Row((type_name.removeprefix("AWS::"), ", ".join(stayed) or "-", ", ".join(besides) or "-"), faults)


def _kept_of(clients: Clients, stack: str) -> Iterator[tuple[str, str, str]]:
    """Yields type, id and logical id of what the template of a stack keeps."""
    resources = _template(clients, stack)["Resources"]
    for item in _resources(clients, stack):
        resource, type_name = resources[item["LogicalResourceId"]], item["ResourceType"]
        if str(resource.get("DeletionPolicy", "")).startswith("Retain") and type_name not in PARTS:
            yield ASKED_AS.get(type_name, type_name), item["PhysicalResourceId"], item["LogicalResourceId"]
        # The home of a Studio domain is made by SageMaker; whether it stays is written in the teardown's properties.
        if type_name == "AWS::SageMaker::Domain" and _keeps_home(resources):
            domain = clients.client("sagemaker").describe_domain(DomainId=item["PhysicalResourceId"])
            yield _FILE_SYSTEM, domain["HomeEfsFileSystemId"], item["LogicalResourceId"]


def _keeps_home(resources: Mapping[str, Any]) -> bool:
    """Tells whether no teardown deletes the file systems of domains."""
    teardowns = [resource["Properties"] for resource in resources.values() if resource["Type"] == _TEARDOWN]
    return not any(str(properties["DeleteFileSystem"]).lower() == "true" for properties in teardowns)


def _template(clients: Clients, stack: str) -> dict[str, Any]:
    body = clients.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    template: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    return template


def _resources(clients: Clients, stack: str) -> Iterator[dict[str, Any]]:
    paginator = clients.client("cloudformation").get_paginator("list_stack_resources")
    for page in paginator.paginate(StackName=stack):
        yield from page["StackResourceSummaries"]
