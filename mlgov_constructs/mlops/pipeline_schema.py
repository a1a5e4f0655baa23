"""The JSON schema of pipeline definitions, and what it says of one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import jsonschema

from mlgov_constructs.argument_types import is_number_token
from mlgov_constructs.steps import Problem

# What the CDK puts in for values that are known when the stack is deployed, and a product's dynamic references.
TOKEN = re.compile(r"[$#]\{Token\[|\{\{resolve:")
KNOWN_LATER = {"Get": "Parameters.KnownWhenDeployed"}
LONGEST_VALUE = 60


def pipeline_schema() -> dict[str, Any]:
    """Return the JSON schema of pipeline definitions.

    It describes the whole definition, with each type of steps and its request: the frame is
    written from AWS's documentation of pipelines; the requests are those of AWS's own model of
    the API. A value may be one that is known only when the pipeline runs.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html

    Example:
        >>> pipeline_schema()["properties"]["Version"]
        {'const': '2020-12-01'}
    """
    frame, requests = (_document(name) for name in ("definition", "requests"))
    return {**frame, "$defs": {**frame["$defs"], **requests["$defs"]}}


def schema_problems(definition: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield where a definition is none, each with the step and the place in it.

    Args:
        definition: The definition, as ``PipelineDefinition.render`` makes it; tokens stand for
            any value.
    """
    for error in map(_innermost, _validator().iter_errors(_with_later_values(definition))):
        if error.instance == KNOWN_LATER:
            continue
        step, place = _place(definition, list(error.absolute_path))
        where = f"step {step!r}" if step is not None else "the pipeline"
        yield Problem(f"{where} is none that SageMaker takes: {place}{_said(error)}", _fix(error))


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(pipeline_schema())


def _document(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath("schema", f"{name}.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _with_later_values(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_later_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_later_values(item) for item in value]
    if isinstance(value, str) and TOKEN.search(value):
        return KNOWN_LATER
    return KNOWN_LATER if is_number_token(value) else value


def _innermost(error: jsonschema.ValidationError) -> jsonschema.ValidationError:
    """Return what a branch of the schema has against the value, where the error is that it fits no branch."""
    return _innermost(error.context[0]) if error.context else error


def _place(definition: Any, path: Sequence[str | int]) -> tuple[str | None, str]:
    """Return the innermost step on the way to a place, and the way from there."""
    step, begin, value = None, 0, definition
    for index, part in enumerate(path):
        value = value[part]
        if isinstance(value, Mapping) and index > 0 and path[index - 1] in ("Steps", "IfSteps", "ElseSteps"):
            step, begin = str(value.get("Name")), index + 1
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[begin:]).lstrip(".")
    return step, f"{place}: " if place else ""


def _said(error: jsonschema.ValidationError) -> str:
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = error.schema.get("properties", {})
        return f"it has {', '.join(sorted(repr(name) for name in error.instance if name not in known))}"
    if error.validator == "required" and isinstance(error.instance, Mapping):
        return f"it has no {', '.join(repr(name) for name in error.validator_value if name not in error.instance)}"
    return f"it is {_short(error.instance)}"


def _fix(error: jsonschema.ValidationError) -> str:
    value = error.validator_value
    known: dict[str, Callable[[], str]] = {
        "additionalProperties": lambda: f"Leave it out, or use {_listed(error.schema.get('properties', {}))}.",
        "const": lambda: f"Use {value!r}.",
        "enum": lambda: f"Use {_listed(value)}.",
        "maxItems": lambda: f"Give at most {value}.",
        "maxProperties": lambda: f"Give at most {value}.",
        "maxLength": lambda: f"Keep it within {value} characters.",
        "maximum": lambda: f"Use at most {value}.",
        "minItems": lambda: f"Give at least {value}.",
        "minLength": lambda: f"Give at least {value} characters.",
        "minimum": lambda: f"Use at least {value}.",
        "pattern": lambda: f"Write it so that it matches {value}.",
        "required": lambda: "Add it.",
        "type": lambda: f"Give a value of type {value}.",
    }
    return known.get(str(error.validator), lambda: f"The schema demands {error.validator} {_short(value)}.")()


def _listed(names: Any) -> str:
    return "one of " + ", ".join(str(name) for name in names) if names else "none"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
