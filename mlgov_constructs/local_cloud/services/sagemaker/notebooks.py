"""Notebook instances, their lifecycle configurations and code repositories."""

from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.sagemaker import store
from mlgov_constructs.local_cloud.services.sagemaker.crud import check_status
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record


def _check_create(request: Request) -> None:
    if request.get("DirectInternetAccess") == "Disabled" and not request.get("SubnetId"):
        message = "If you set DirectInternetAccess to Disabled, you must specify a subnet in SubnetId."
        raise ServiceError("ValidationException", message)
    if request.get("SecurityGroupIds") and not request.get("SubnetId"):
        raise ServiceError("ValidationException", "SecurityGroupIds need a SubnetId.")
    config = request.get("LifecycleConfigName")
    named = {LIFECYCLE_CONFIG.name: config}
    if config and store.key_of(LIFECYCLE_CONFIG, request, named) not in store.records:
        raise ServiceError("ValidationException", f"Unable to find notebook lifecycle configuration {config}")


def _check_update(request: Request, record: Record) -> None:
    if request.get("VolumeSizeInGB", record["VolumeSizeInGB"]) < record["VolumeSizeInGB"]:
        raise ServiceError("ValidationException", "The volume size of a notebook instance cannot be decreased.")


def _added(request: Request, record: Record) -> Record:
    return {"Url": f"{record['NotebookInstanceName']}.notebook.{request.caller.region}.sagemaker.invalid"}


NOTEBOOK_INSTANCE = Kind(
    noun="NotebookInstance",
    arn_path="notebook-instance",
    plural="NotebookInstances",
    renamed={
        "LifecycleConfigName": "NotebookInstanceLifecycleConfigName",
        "SecurityGroupIds": "SecurityGroups",
    },
    defaults={
        "DirectInternetAccess": "Enabled",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
        "PlatformIdentifier": "notebook-al2-v2",
        "RootAccess": "Enabled",
        "VolumeSizeInGB": 5,
    },
    status="NotebookInstanceStatus",
    changeable_in=("Stopped", "Failed"),
    removals={
        "DisassociateAcceleratorTypes": "AcceleratorTypes",
        "DisassociateAdditionalCodeRepositories": "AdditionalCodeRepositories",
        "DisassociateDefaultCodeRepository": "DefaultCodeRepository",
        "DisassociateLifecycleConfig": "NotebookInstanceLifecycleConfigName",
    },
    has_resource_errors=False,
    missing="RecordNotFound",
    check_create=_check_create,
    check_update=_check_update,
    added=_added,
)
LIFECYCLE_CONFIG = Kind(
    noun="NotebookInstanceLifecycleConfig",
    arn_path="notebook-instance-lifecycle-config",
    plural="NotebookInstanceLifecycleConfigs",
    has_resource_errors=False,
)
CODE_REPOSITORY = Kind(
    noun="CodeRepository",
    arn_path="code-repository",
    plural="CodeRepositories",
    has_resource_errors=False,
)


def _start(request: Request) -> dict[str, Any]:
    record = store.find(NOTEBOOK_INSTANCE, request)
    check_status(NOTEBOOK_INSTANCE, record, "Stopped", "Failed")
    record["NotebookInstanceStatus"] = "InService"
    return {}


def _stop(request: Request) -> dict[str, Any]:
    record = store.find(NOTEBOOK_INSTANCE, request)
    check_status(NOTEBOOK_INSTANCE, record, "InService")
    record["NotebookInstanceStatus"] = "Stopped"
    return {}


def _presign(request: Request) -> dict[str, Any]:
    record = store.find(NOTEBOOK_INSTANCE, request)
    check_status(NOTEBOOK_INSTANCE, record, "InService")
    return {"AuthorizedUrl": f"https://{record['Url']}?authToken=local"}


KINDS: tuple[Kind, ...] = (NOTEBOOK_INSTANCE, LIFECYCLE_CONFIG, CODE_REPOSITORY)
OPERATIONS: dict[str, Operation] = {
    "CreatePresignedNotebookInstanceUrl": _presign,
    "StartNotebookInstance": _start,
    "StopNotebookInstance": _stop,
}
