"""The JSON schema of the requests that steps send, made of AWS's own model of the API.

``python -m tests.mlops.request_schema`` writes it anew, after an update of botocore.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import botocore.session

FILE = Path(__file__).parents[2] / "mlgov_constructs" / "mlops" / "schema" / "requests.schema.json"
# The operation of each type of steps, and the member that SageMaker gives by itself.
OPERATIONS = {
    "CreateHyperParameterTuningJob": "HyperParameterTuningJobName",
    "CreateModel": "ModelName",
    "CreateModelPackage": None,
    "CreateProcessingJob": "ProcessingJobName",
    "CreateTrainingJob": "TrainingJobName",
    "CreateTransformJob": "TransformJobName",
}
# Longer lists are those of machines, which grow from month to month.
MOST_VALUES = 60
INSTANCE_TYPE = "^ml\\."


def request_schema() -> dict[str, Any]:
    """The schema: a definition for each shape, named as the API names it."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    definitions: dict[str, Any] = {}
    for operation, generated in OPERATIONS.items():
        shape = model.operation_model(operation).input_shape
        _define(shape, definitions)
        required = definitions[shape.name]["required"]
        definitions[shape.name]["required"] = [name for name in required if name != generated]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": (
            "Requests of SageMaker's API as steps of pipelines send them. Made by tests/mlops/request_schema.py of "
            "the model of the API that botocore publishes under the Apache License 2.0, "
            "Copyright Amazon.com, Inc. or its affiliates."
        ),
        "$defs": dict(sorted(definitions.items())),
    }


def _define(shape: Any, definitions: dict[str, Any]) -> None:
    if shape.name in definitions:
        return
    definitions[shape.name] = {}
    definitions[shape.name] = _schema(shape, definitions)


def _schema(shape: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if shape.type_name == "structure":
        return {
            "type": "object",
            "properties": {name: _reference(member, definitions) for name, member in sorted(shape.members.items())},
            "required": sorted(shape.required_members),
            "additionalProperties": False,
        }
    if shape.type_name == "list":
        return {"type": "array", "items": _reference(shape.member, definitions), **_bounds(shape, "Items")}
    if shape.type_name == "map":
        return {
            "type": "object",
            "additionalProperties": _reference(shape.value, definitions),
            **_bounds(shape, "Properties"),
        }
    kinds = {"boolean": "boolean", "double": "number", "float": "number", "integer": "integer", "long": "integer"}
    if shape.type_name in kinds:
        bounds = {"minimum": shape.metadata.get("min"), "maximum": shape.metadata.get("max")}
        value = {"type": kinds[shape.type_name], **{key: bound for key, bound in bounds.items() if bound is not None}}
    else:
        value = {"type": "string", **_text(shape)}
    # A value may be known only when the pipeline runs.
    return {"if": {"type": "object"}, "then": {"$ref": "#/$defs/Function"}, "else": value}


def _text(shape: Any) -> dict[str, Any]:
    if shape.enum:
        return {"enum": list(shape.enum)} if len(shape.enum) <= MOST_VALUES else {"pattern": INSTANCE_TYPE}
    pattern = shape.metadata.get("pattern")
    usable = {"pattern": f"^(?:{pattern})$"} if pattern and _is_python(pattern) else {}
    return {**usable, **_bounds(shape, "Length")}


def _bounds(shape: Any, of: str) -> dict[str, int]:
    bounds = {f"min{of}": shape.metadata.get("min"), f"max{of}": shape.metadata.get("max")}
    return {key: bound for key, bound in bounds.items() if bound}


def _is_python(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False  # a Java pattern
    return True


def _reference(shape: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    _define(shape, definitions)
    return {"$ref": f"#/$defs/{shape.name}"}


if __name__ == "__main__":
    FILE.write_text(json.dumps(request_schema(), indent=1) + "\n", encoding="utf-8")
