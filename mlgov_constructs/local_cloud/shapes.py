"""Fits CloudFormation's properties to the input shape of an AWS API operation, as botocore describes it."""

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from mlgov_constructs.local_cloud.errors import UnmodelledPropertyError

_TRUE = ("true", "True", True)


@functools.cache
def service_model(service: str) -> Any:
    """Returns botocore's model of ``service`` (loaded once)."""
    return botocore.session.get_session().get_service_model(service)


def fit(service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Fits ``parameters`` to the input of ``operation``.

    CloudFormation is looser than the API: numbers and booleans may come as strings, policy documents as
    objects, and names may differ in case. A name that the API does not know at all is an error.

    Args:
        service: botocore's name of the service, for example ``"kms"``.
        operation: The operation in the API's spelling, for example ``"CreateKey"``.
        parameters: The values, with CloudFormation's property names.

    Returns:
        Parameters that botocore accepts.

    Raises:
        UnmodelledPropertyError: A name is unknown to the operation.
    """
    shape = service_model(service).operation_model(operation).input_shape
    fitted: dict[str, Any] = _fit(shape, parameters, f"{service}:{operation}")
    return fitted


def _fit(shape: Any, value: Any, where: str) -> Any:
    kind = shape.type_name
    if _is_document(shape):
        return value
    if kind == "structure":
        return _fit_structure(shape, value, where)
    if kind == "list":
        items = value if isinstance(value, list) else [value]
        return [_fit(shape.member, item, where) for item in items]
    if kind == "map":
        return {str(key): _fit(shape.value, item, f"{where}.{key}") for key, item in value.items()}
    convert = _SCALARS.get(kind)
    return convert(value) if convert else value


def _is_document(shape: Any) -> bool:
    """Tells whether a value may be any JSON."""
    return shape.type_name == "structure" and bool(getattr(shape, "is_document_type", False))


def _fit_structure(shape: Any, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise UnmodelledPropertyError(where, [str(value)], list(shape.members))
    members = {name.lower(): name for name in shape.members}
    unknown = [name for name in value if name.lower() not in members]
    if unknown:
        raise UnmodelledPropertyError(where, unknown, list(shape.members))
    return {
        (name := members[key.lower()]): _fit(shape.members[name], item, f"{where}.{name}")
        for key, item in value.items()
        if item is not None
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return str(value)


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "boolean": lambda value: value in _TRUE,
    "double": float,
    "float": float,
    "integer": int,
    "long": int,
    "string": _text,
}


def problems(service: str, operation: str, parameters: Mapping[str, Any]) -> list[str]:
    """Returns what the service would refuse in ``parameters``: missing or unknown names, types, lengths, values.

    Args:
        service: botocore's name of the service.
        operation: The operation in the API's spelling.
        parameters: The request's parameters.
    """
    shape = service_model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(parameters, shape)
    found = report.generate_report().splitlines() if report.has_errors() else []
    return found or list(_value_problems(shape, parameters, ""))


def _value_problems(shape: Any, value: Any, where: str) -> Iterator[str]:
    """Yields the values that an enumeration or a pattern of the model does not allow; botocore leaves them alone."""
    if _is_document(shape):
        return
    if shape.type_name == "structure":
        for name, item in value.items():
            yield from _value_problems(shape.members[name], item, f"{where}.{name}".lstrip("."))
    elif shape.type_name == "list":
        for item in value:
            yield from _value_problems(shape.member, item, where)
    elif shape.type_name == "string" and isinstance(value, str):
        pattern = shape.metadata.get("pattern")
        if shape.enum and value not in shape.enum:
            yield f"Value '{value}' at '{where}' must be one of: {', '.join(shape.enum)}"
        elif len(value) > shape.metadata.get("max", len(value)):
            yield f"Value at '{where}' must have length less than or equal to {shape.metadata['max']}"
        elif pattern and not _matches(pattern, value):
            yield f"Value '{value}' at '{where}' must satisfy regular expression pattern: {pattern}"


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value, re.DOTALL) is not None
    except re.error:
        return True  # a Java pattern that Python cannot read
