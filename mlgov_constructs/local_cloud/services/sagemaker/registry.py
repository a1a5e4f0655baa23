"""Model package groups, their policies, and the versions in them."""

from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.sagemaker import crud, state_changes, store
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record

_POLICY = "ResourcePolicy"
_GROUP = "ModelPackageGroupName"
_VERSION = "ModelPackageVersion"
_PATH = ":model-package/"


class _Versions(Kind):
    """The kind of a version, which is named by its ARN, and whose number the service makes up."""

    def identity(self, parameters: Mapping[str, Any]) -> str:
        """Returns group and number; the number of one that is yet to be made is ``*``, as policies have it."""
        arn = str(parameters.get("ModelPackageArn") or parameters.get("ModelPackageName") or "")
        if arn:
            return arn.rsplit(_PATH, 1)[-1].lower()
        group = str(parameters.get(_GROUP) or "").rsplit("/", 1)[-1].lower()
        return f"{group}/{parameters.get(_VERSION, '*')}" if group else ""


def _versions_of(request: Request, group: str) -> list[Record]:
    found = store.all_of(MODEL_PACKAGE, request).values()
    return [record for record in found if record[_GROUP].lower() == group.lower()]


def _check_delete_group(request: Request, record: Record) -> None:
    if _versions_of(request, record[_GROUP]):
        raise ServiceError("ConflictException", f"Model package group {record[_GROUP]} still has model packages.")


def _group_of(request: Request) -> Record:
    named = {_GROUP: str(request[_GROUP]).rsplit("/", 1)[-1]}
    record = store.records.get(store.key_of(MODEL_PACKAGE_GROUP, request, named))
    if record is None:
        raise ServiceError("ValidationException", f"Model package group {named[_GROUP]} does not exist.")
    return record


def _check_create_version(request: Request) -> None:
    if not request.get(_GROUP):
        raise ServiceError("ValidationException", "The local cloud models versions in groups only.")
    _group_of(request)
    if request.get("Tags"):
        raise ServiceError("ValidationException", "Tags cannot be given to a version: it has those of its group.")


def _next_version(request: Request) -> Record:
    group = _group_of(request)[_GROUP] if request.get(_GROUP) else ""
    numbers = [record[_VERSION] for record in _versions_of(request, group)]
    return {_GROUP: group, _VERSION: max(numbers, default=0) + 1}


def _remove_metadata(request: Request, record: Record) -> None:
    for name in request.get("CustomerMetadataPropertiesToRemove") or []:
        record.get("CustomerMetadataProperties", {}).pop(name, None)


def _context(request: Request) -> dict[str, str]:
    """Returns the condition keys of a version: the tags are those of its group, and the stage is its own."""
    group = MODEL_PACKAGE.identity(request.parameters).split("/")[0]
    tags = store.tags.get(store.arn_of(MODEL_PACKAGE_GROUP, request, {_GROUP: group}), {})
    stage = store.records.get(store.key_of(MODEL_PACKAGE, request), {}).get("ModelLifeCycle", {})
    current = {"Stage": "CurrentModelLifeCycleStage", "StageStatus": "CurrentModelLifeCycleStageStatus"}
    return {
        **{f"aws:ResourceTag/{key}": value for key, value in tags.items()},
        **{f"sagemaker:{key}": stage[name] for name, key in current.items() if name in stage},
    }


MODEL_PACKAGE_GROUP = Kind(
    noun="ModelPackageGroup",
    arn_path="model-package-group",
    plural="ModelPackageGroups",
    defaults={"ModelPackageGroupStatus": "Completed"},
    has_resource_errors=False,
    names_people=True,
    check_delete=_check_delete_group,
)
MODEL_PACKAGE: Kind = _Versions(
    noun="ModelPackage",
    arn_path="model-package",
    plural="ModelPackages",
    identified_by=("ModelPackageArn|ModelPackageName",),
    defaults={
        "ModelApprovalStatus": "PendingManualApproval",
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "ModelPackageType": "Versioned",
    },
    merged=("CustomerMetadataProperties", "ModelCard"),
    has_resource_errors=False,
    names_people=True,
    check_create=_check_create_version,
    check_update=_remove_metadata,
    generated=_next_version,
    context=_context,
)


_CRUD = crud.operations(MODEL_PACKAGE)
_CHANGED = "SageMaker Model Package State Change"
_TOLD = (
    _GROUP,
    _VERSION,
    "ModelPackageArn",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
    "CustomerMetadataProperties",
    "ModelLifeCycle",
)


def _change(request: Request) -> dict[str, Any]:
    """Registers or changes a version, and tells EventBridge."""
    answer = _CRUD[request.operation](request)
    named = {"ModelPackageArn": answer["ModelPackageArn"]}
    record = store.records[store.key_of(MODEL_PACKAGE, request, named)]
    state_changes.tell(_CHANGED, record["ModelPackageArn"], {name: record[name] for name in _TOLD if name in record})
    return answer


def _put_policy(request: Request) -> dict[str, Any]:
    record = store.find(MODEL_PACKAGE_GROUP, request)
    record[_POLICY] = request[_POLICY]
    return {MODEL_PACKAGE_GROUP.arn: record[MODEL_PACKAGE_GROUP.arn]}


def _get_policy(request: Request) -> dict[str, Any]:
    record = store.find(MODEL_PACKAGE_GROUP, request)
    if _POLICY not in record:
        raise ServiceError("ValidationException", f"Cannot find a resource policy of {record[_GROUP]}.")
    return {_POLICY: record[_POLICY]}


def _delete_policy(request: Request) -> dict[str, Any]:
    store.find(MODEL_PACKAGE_GROUP, request).pop(_POLICY, None)
    return {}


KINDS: tuple[Kind, ...] = (MODEL_PACKAGE_GROUP, MODEL_PACKAGE)
OPERATIONS: dict[str, Operation] = {
    "CreateModelPackage": _change,
    "UpdateModelPackage": _change,
    "DeleteModelPackageGroupPolicy": _delete_policy,
    "GetModelPackageGroupPolicy": _get_policy,
    "PutModelPackageGroupPolicy": _put_policy,
}
