"""Model cards and their versions."""

import json
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request, output_members
from mlgov_constructs.local_cloud.services.sagemaker import crud, state_changes, store
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record

_NAME, _VERSION, _STATUS = "ModelCardName", "ModelCardVersion", "ModelCardStatus"
_EARLIER = "EarlierVersions"
_CHANGED = "SageMaker Model Card State Change"
_PARTS = (
    "additional_information",
    "business_details",
    "evaluation_details",
    "intended_uses",
    "model_overview",
    "model_package_details",
    "training_details",
)
_RISKS = ("High", "Medium", "Low", "Unknown")


class _Cards(Kind):
    """The kind of a card, which may be named by its ARN."""

    def identity(self, parameters: Mapping[str, Any]) -> str:
        """Returns the name of the card."""
        return str(parameters.get(_NAME) or "").rsplit("/", 1)[-1]


def _refuse(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


def _check_content(request: Request) -> None:
    if (text := request.get("Content")) is None:
        return
    try:
        content = json.loads(text)
    except ValueError as error:
        raise _refuse("Content of the model card is no JSON.") from error
    unknown = [name for name in content if name not in _PARTS] if isinstance(content, dict) else ["it is no object"]
    if unknown:
        raise _refuse(f"Content of the model card does not follow the schema: {unknown[0]}.")
    risk = content.get("intended_uses", {}).get("risk_rating", "Unknown")
    if risk not in _RISKS:
        raise _refuse(f"Content of the model card does not follow the schema: risk_rating {risk}.")


def _check_update(request: Request, record: Record) -> None:
    if request.get("Content") is not None and request.get(_STATUS):
        raise _refuse("You cannot update both model card content and model card status in a single call.")
    if record[_STATUS] == "Archived" and request.get("Content") is not None:
        raise _refuse("Model Card is in Archived state")
    _check_content(request)
    if request.get("Content") is not None:
        record[_EARLIER].append({name: value for name, value in record.items() if name != _EARLIER})
        record[_VERSION] += 1


MODEL_CARD: Kind = _Cards(
    noun="ModelCard",
    arn_path="model-card",
    plural="ModelCards",
    check_create=_check_content,
    check_update=_check_update,
    added=lambda request, record: {_VERSION: 1, _EARLIER: []},
    also_authorized=("ListModelCardVersions",),
)
_CRUD = crud.operations(MODEL_CARD)


def _tell(request: Request) -> None:
    record = store.find(MODEL_CARD, request)
    named = (_NAME, _STATUS, _VERSION, "CreationTime", "LastModifiedTime", "SecurityConfig")
    detail = {name: record[name] for name in named if name in record}
    state_changes.tell(_CHANGED, record[MODEL_CARD.arn], {**detail, "AccountId": request.caller.account})


def _create(request: Request) -> dict[str, Any]:
    answer = _CRUD["CreateModelCard"](request)
    _tell(request)
    return answer


def _update(request: Request) -> dict[str, Any]:
    answer = _CRUD["UpdateModelCard"](request)
    _tell(request)
    return answer


def _describe(request: Request) -> dict[str, Any]:
    record = store.find(MODEL_CARD, request)
    wanted = request.get(_VERSION) or record[_VERSION]
    for each in (record, *record[_EARLIER]):
        if each[_VERSION] == wanted:
            return crud.visible(each, output_members("sagemaker", request.operation))
    raise ServiceError("ResourceNotFound", f"Model card {record[_NAME]} has no version {wanted}.")


def _list_versions(request: Request) -> dict[str, Any]:
    record = store.find(MODEL_CARD, request)
    shown = (_NAME, MODEL_CARD.arn, _STATUS, _VERSION, "CreationTime", "LastModifiedTime")
    versions = [{name: each[name] for name in shown} for each in (record, *reversed(record[_EARLIER]))]
    return {"ModelCardVersionSummaryList": versions}


KINDS: tuple[Kind, ...] = (MODEL_CARD,)
OPERATIONS: dict[str, Operation] = {
    "CreateModelCard": _create,
    "DescribeModelCard": _describe,
    "ListModelCardVersions": _list_versions,
    "UpdateModelCard": _update,
}
