"""Puts the measurements together."""

from __future__ import annotations

import json
import os
import platform
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from benchmarks.javascript_cdk import JavaScriptProgram, empty_app, node, same_resources
from benchmarks.processes import ROOT, Program, measure
from benchmarks.round_trips import RoundTrips
from benchmarks.templates import template_sizes
from stacks.environment import load_environment
from stacks.ml_environment import MlEnvironment

Json = dict[str, Any]
Measure = Callable[[Mapping[str, Program], int], dict[str, float]]

ENVIRONMENTS = tuple(sorted((ROOT / "environments").glob("*.yaml"), key=lambda path: path.stem != "sandbox"))
EXAMPLES = tuple(sorted((ROOT / "docs" / "examples").glob("*.py")))
RUNS = 3
OWN_VALIDATION = "CDK_VALIDATION"


def report(
    environments: Sequence[Path] = ENVIRONMENTS,
    examples: Sequence[Path] = EXAMPLES,
    runs: int = RUNS,
    measure: Measure = measure,
) -> Json:
    """Measure everything.

    Args:
        environments: Environment files; the first one is timed.
        examples: Programs whose constructs count beside those of the environments.
        runs: How often each process is timed.
        measure: Times processes.

    Returns:
        A document for JSON.
    """
    context: Json = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    first = environments[0]
    variables = {
        OWN_VALIDATION: "false",
        "CDK_CONTEXT_JSON": json.dumps({**context, "environment": str(first)}),
    }
    counter = RoundTrips()
    round_trips: dict[str, Json] = {}
    sizes: dict[str, Json] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with counter.counting():
            for file in environments:
                round_trips[file.stem] = _synthesize(file, folder / file.stem, context, counter)
            for example in examples:
                runpy.run_path(str(example), run_name="__main__")
        for name, trips in round_trips.items():
            sizes[name] = template_sizes(folder / name)
            resources = sum(size["resources"] for size in sizes[name].values())
            trips["per_resource"] = round(sum(trips.values()) / resources, 1)
        javascript = same_resources(folder / first.stem, folder, variables)
        seconds = measure(_programs(first, javascript, empty_app(folder), variables), runs)
    return {
        "machine": _machine(),
        "runs": runs,
        "seconds": seconds,
        "ratio_to_javascript": _ratios(seconds),
        "javascript_resources": {"typed": javascript.typed, "generic": javascript.generic},
        "round_trips": {"environments": round_trips, "constructs": counter.by_construct()},
        "templates": sizes,
    }


def _synthesize(file: Path, output: Path, context: Json, counter: RoundTrips) -> dict[str, float]:
    before = counter.total
    environment = load_environment(file)
    app = cdk.App(outdir=str(output), context=context)
    MlEnvironment(app, environment.name, environment=environment)
    constructed = counter.total
    app.synth()
    return {"construction": constructed - before, "synthesis": counter.total - constructed}


def _programs(
    environment: Path, javascript: JavaScriptProgram, empty: JavaScriptProgram, variables: dict[str, str]
) -> dict[str, Program]:
    ours = [sys.executable, "-m", "benchmarks.environment_app"]
    in_javascript = {**variables, **javascript.variables}
    return {
        "python_empty": Program([*ours, "empty"], variables),
        "python": Program([*ours, "environment", str(environment)], variables),
        "python_with_rules": Program([*ours, "rules", str(environment)], variables),
        "app_py_as_users_run_it": Program([sys.executable, "app.py"], {**variables, OWN_VALIDATION: "true"}),
        "javascript_empty": Program(empty.command, in_javascript),
        "javascript": Program(javascript.command, in_javascript),
    }


def _ratios(seconds: Mapping[str, float]) -> dict[str, float]:
    beyond_start = seconds["javascript"] - seconds["javascript_empty"]
    return {
        "whole_process": round(seconds["python"] / seconds["javascript"], 1),
        "without_start": round((seconds["python"] - seconds["python_empty"]) / beyond_start, 1),
    }


def _machine() -> Json:
    node_version = subprocess.run([node(), "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "node": node_version.removeprefix("v"),
        "aws-cdk-lib": version("aws-cdk-lib"),
    }
