"""Fits CloudFormation's properties to the input shape of an AWS API operation, as botocore describes it."""

import functools
import json
from collections.abc import Mapping
from typing import Any

import botocore.session

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
    if kind == "structure":
        return _fit_structure(shape, value, where)
    if kind == "list":
        items = value if isinstance(value, list) else [value]
        return [_fit(shape.member, item, where) for item in items]
    if kind == "map":
        return {str(key): _fit(shape.value, item, f"{where}.{key}") for key, item in value.items()}
    if kind == "boolean":
        return value in _TRUE
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "string":
        return _text(value)
    return value


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
