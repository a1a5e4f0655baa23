"""What SageMaker would refuse in the definition of a pipeline, found with botocore's model of its API."""

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

from mlgov_constructs.local_cloud.shapes import problems, service_model

_VERSION = "2020-12-01"
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_FUNCTIONS = ("Get", "Std:Join", "Std:JsonGet")
_REFERENCE = re.compile(r"(Parameters|Steps)\.([A-Za-z0-9\-_]{1,64})(\.|\[|$)")


@dataclasses.dataclass(frozen=True)
class _StepType:
    """What a type of steps must say.

    Attributes:
        operation: The operation whose request its arguments are, if it is one.
        generated: The member of the request that SageMaker itself gives: the name of what the step makes.
        demanded: Members of the step, beside its arguments, with the values that they may have; any when empty.
        switches: Members of the step that are true or false, or known only when it runs.
    """

    operation: str | None = None
    generated: str | None = None
    demanded: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    switches: tuple[str, ...] = ()


# https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html
_TYPES = {
    "Callback": _StepType(demanded={"SqsQueueUrl": ()}),
    "ClarifyCheck": _StepType(
        "CreateProcessingJob",
        "ProcessingJobName",
        {"CheckType": ("DATA_BIAS", "MODEL_BIAS", "MODEL_EXPLAINABILITY")},
        ("FailOnViolation", "RegisterNewBaseline", "SkipCheck"),
    ),
    "Condition": _StepType(),
    "Fail": _StepType(),
    "Lambda": _StepType(demanded={"FunctionArn": ()}),
    "Model": _StepType("CreateModel", "ModelName"),
    "Processing": _StepType("CreateProcessingJob", "ProcessingJobName"),
    "QualityCheck": _StepType(
        "CreateProcessingJob",
        "ProcessingJobName",
        {"CheckType": ("DATA_QUALITY", "MODEL_QUALITY")},
        ("FailOnViolation", "RegisterNewBaseline", "SkipCheck"),
    ),
    "RegisterModel": _StepType("CreateModelPackage"),
    "Training": _StepType("CreateTrainingJob", "TrainingJobName"),
    "Transform": _StepType("CreateTransformJob", "TransformJobName"),
    "Tuning": _StepType("CreateHyperParameterTuningJob", "HyperParameterTuningJobName"),
}
_LATER = "known-when-it-runs"
_SAMPLES: dict[str, Any] = {"boolean": True, "double": 1.0, "float": 1.0, "integer": 1, "long": 1, "string": _LATER}


def definition_problems(text: str) -> list[str]:
    """Returns what is wrong with a definition.

    Args:
        text: The definition, as JSON.
    """
    try:
        definition = json.loads(text)
    except json.JSONDecodeError as error:
        return [f"it is no JSON ({error})"]
    return list(_problems(definition))


def first_steps(definition: dict[str, Any]) -> list[str]:
    """Returns the steps that wait for no other: those that would start first."""
    names = {step["Name"] for step in definition["Steps"]}
    return [
        step["Name"]
        for step in definition["Steps"]
        if not step.get("DependsOn") and not {name for kind, name in _references(step) if kind == "Steps"} & names
    ]


def _problems(definition: Any) -> Iterator[str]:
    if not isinstance(definition, dict) or definition.get("Version") != _VERSION:
        yield f"Version must be {_VERSION}"
        return
    steps = list(_all_steps(definition.get("Steps", [])))
    if not steps:
        yield "there is no step"
    names = [str(step.get("Name")) for step in steps]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"step name {name} is not unique"
    parameters = {each.get("Name") for each in definition.get("Parameters", [])}
    for step in steps:
        where = f"step {step.get('Name')}"
        if not _NAME.fullmatch(str(step.get("Name"))):
            yield f"{where} has no valid name"
            continue
        if step.get("Type") not in _TYPES:
            known = ", ".join(_TYPES)
            yield f"{where} has type {step.get('Type')}, which the local cloud does not know; it knows {known}"
            continue
        for kind, name in _references(step):
            if name not in (parameters if kind == "Parameters" else names):
                yield f"{where} refers to {kind}.{name}, which does not exist"
        for name in step.get("DependsOn", []):
            if name not in names:
                yield f"{where} depends on {name}, which does not exist"
        yield from (f"{where}: {found}" for found in (*_member_problems(step), *_argument_problems(step)))


def _all_steps(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from _all_steps(step.get("Arguments", {}).get(branch, []))


def _member_problems(step: dict[str, Any]) -> Iterator[str]:
    kind = _TYPES[step["Type"]]
    for name, values in kind.demanded.items():
        if not step.get(name):
            yield f"{name} is missing"
        elif values and step[name] not in values:
            yield f"{name} must be one of {', '.join(values)}"
    for name in kind.switches:
        if not isinstance(step.get(name, False), (bool, dict)):
            yield f"{name} must be true or false"


def _argument_problems(step: dict[str, Any]) -> list[str]:
    kind = _TYPES[step["Type"]]
    if kind.operation is None:
        return []
    shape = service_model("sagemaker").operation_model(kind.operation).input_shape
    arguments = _filled(shape, step.get("Arguments", {})) | ({kind.generated: "job"} if kind.generated else {})
    return [found for found in problems("sagemaker", kind.operation, arguments) if _LATER not in found]


def _filled(shape: Any, value: Any) -> Any:
    """Returns a request in which a sample stands for each value that is known only when the pipeline runs."""
    if isinstance(value, dict) and value.keys() & set(_FUNCTIONS):
        return _SAMPLES.get(shape.type_name, _LATER)
    if isinstance(value, dict) and shape.type_name == "structure":
        return {key: _filled(shape.members[key], item) if key in shape.members else item for key, item in value.items()}
    if isinstance(value, dict) and shape.type_name == "map":
        return {key: _filled(shape.value, item) for key, item in value.items()}
    if isinstance(value, list) and shape.type_name == "list":
        return [_filled(shape.member, item) for item in value]
    return value


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """Yields the parameters and steps that a step refers to, those in its branches left to themselves."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Get" and isinstance(item, str) and (found := _REFERENCE.match(item)):
                yield found[1], found[2]
            elif key not in ("IfSteps", "ElseSteps"):
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
