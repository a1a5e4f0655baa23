"""The resources of an assembly, written directly in JavaScript CDK.

The program uses typed L1s with literal values and runs on the aws-cdk-lib that ships inside the
Python package: the same code that jsii talks to, without jsii. It stages no assets and derives
nothing, so it is the least that these resources can cost in JavaScript.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aws_cdk
import constructs

from benchmarks.templates import SUFFIX, Template, read_templates

GENERATOR = Path(__file__).parent / "generate.js"
# `build/` is never committed, and `make clean` removes it.
CACHE = Path(__file__).parent.parent / "build" / "benchmarks"
EMPTY_APP = 'const cdk = require("aws-cdk-lib"); const app = new cdk.App(); new cdk.Stack(app, "Empty"); app.synth();'
# Where a program defined a resource; the same in no two programs.
CDK_METADATA = "aws:cdk:path"


class DifferentResourcesError(Exception):
    """The JavaScript program makes other resources than the assembly holds."""


@dataclass(frozen=True, slots=True)
class JavaScriptProgram:
    """A program for Node.

    Attributes:
        path: Its file.
        typed: How many resources are typed L1s.
        generic: How many are plain ``CfnResource``, such as custom resources.
    """

    path: Path
    typed: int = 0
    generic: int = 0

    @property
    def command(self) -> list[str]:
        """The command that synthesizes it."""
        return [node(), str(self.path)]

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that it needs."""
        return {"NODE_PATH": str(node_modules())}


def node() -> str:
    """The Node that jsii runs, too."""
    return os.environ.get("JSII_NODE", "node")


def node_modules() -> Path:
    """A ``node_modules`` folder with the packages inside the Python packages; unpacked once a version."""
    folder = CACHE / f"aws-cdk-lib-{version('aws-cdk-lib')}" / "node_modules"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        for package in (aws_cdk, constructs):
            for archive in Path(package.__path__[0]).rglob("_jsii/*.tgz"):
                _unpack(archive, Path(temporary))
        Path(temporary, "node_modules").rename(folder)
    return folder


def empty_app(folder: Path) -> JavaScriptProgram:
    """Write a program with one empty stack: what Node and the library cost before any resource."""
    path = folder / "empty.js"
    path.write_text(EMPTY_APP, encoding="utf-8")
    return JavaScriptProgram(path)


def same_resources(assembly: Path, folder: Path, variables: dict[str, str]) -> JavaScriptProgram:
    """Write the program for an assembly, and make sure that it makes the same resources.

    Args:
        assembly: A cloud assembly.
        folder: Where the program goes.
        variables: Environment variables for both programs.

    Raises:
        DifferentResourcesError: A resource differs; the message names it.
    """
    path = folder / "program.js"
    templates = [str(template) for template in sorted(assembly.rglob(f"*{SUFFIX}"))]
    counts: dict[str, int] = json.loads(_run([node(), str(GENERATOR), str(path), *templates], variables))
    program = JavaScriptProgram(path, **counts)
    output = folder / "javascript.out"
    _run(program.command, {**variables, "CDK_OUTDIR": str(output)})
    check_same_resources(read_templates(assembly), read_templates(output))
    return program


def check_same_resources(expected: Mapping[str, Template], found: Mapping[str, Template]) -> None:
    """Compare templates by name: type, properties, attributes and metadata of every resource.

    Raises:
        DifferentResourcesError: A resource differs; the message names it.
    """
    for name, template in expected.items():
        ours = _resources(template)
        theirs = _resources(found.get(name.replace(".", "-"), {"Resources": {}}))
        different = [each for each in sorted({*ours, *theirs}) if ours.get(each) != theirs.get(each)]
        if different:
            msg = f"{name}: {', '.join(different)} differ between Python and JavaScript"
            raise DifferentResourcesError(msg)


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        description = tar.extractfile("package/package.json")
        if description is None:
            msg = f"{archive}: holds no package.json"
            raise FileNotFoundError(msg)
        target = folder / "node_modules" / json.load(description)["name"]
        # An attribute and no argument: Python before 3.11.4 knows no filters, and does without.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder / "package", target)


def _run(command: list[str], variables: dict[str, str]) -> str:
    environment = {**os.environ, **variables, "NODE_PATH": str(node_modules()), "JSII_DEPRECATED": "quiet"}
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def _resources(template: Template) -> dict[str, Any]:
    """Everything about the resources but where a program defined them."""
    resources = {}
    for logical_id, resource in template["Resources"].items():
        metadata = {key: value for key, value in resource.get("Metadata", {}).items() if key != CDK_METADATA}
        resources[logical_id] = {**resource, "Metadata": metadata}
    return resources
