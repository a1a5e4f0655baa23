"""What apps are made of: images and their versions, their configurations, and lifecycle configurations."""

from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request, output_members
from mlgov_constructs.local_cloud.services.sagemaker import progress, store
from mlgov_constructs.local_cloud.services.sagemaker.crud import visible
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record, Statuses

_STATUSES = Statuses("CREATING", "CREATED", "UPDATING", "DELETING")


def _versions(request: Request) -> list[Record]:
    """Returns the versions of the image that a request is about, the oldest first."""
    versions = store.all_of(IMAGE_VERSION, request).values()
    found = [record for record in versions if record["ImageName"] == request["ImageName"]]
    return sorted(found, key=lambda record: int(record["Version"]))


def _check_delete_image(request: Request, record: Record) -> None:
    if _versions(request):
        message = f"Unable to delete Image [{record['ImageArn']}] because ImageVersion(s) are associated with it."
        raise ServiceError("ResourceInUse", message)


def _check_version(request: Request) -> None:
    store.find(IMAGE, request)
    _refuse_aliases(request)


def _check_update(request: Request, record: Record) -> None:
    _refuse_aliases(request)


def _refuse_aliases(request: Request) -> None:
    if any(name.startswith("Alias") for name in request.parameters):
        raise ServiceError("UnsupportedOperation", "The local cloud does not model aliases of image versions.", 501)


def _next_version(request: Request) -> Record:
    known = _versions(request)
    return {"Version": known[-1]["Version"] + 1 if known else 1}


def _of_image(request: Request, record: Record) -> Record:
    return {"ImageArn": store.arn_of(IMAGE, request), "ContainerImage": record["BaseImage"]}


def _describe_version(request: Request) -> dict[str, Any]:
    progress.settle()
    _refuse_aliases(request)
    wanted = request.get("Version")
    for record in reversed(_versions(request)):
        if wanted in (None, record["Version"]):
            progress.look(store.key_of(IMAGE_VERSION, request, record))
            return visible(record, output_members("sagemaker", request.operation))
    message = f"ImageVersion {wanted or 'latest'} of {request['ImageName']} does not exist"
    raise ServiceError("ResourceNotFound", message)


IMAGE = Kind(
    noun="Image",
    arn_path="image",
    plural="Images",
    status="ImageStatus",
    statuses=_STATUSES,
    changeable_in=("CREATED", "CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"),
    check_delete=_check_delete_image,
)
IMAGE_VERSION = Kind(
    noun="ImageVersion",
    arn_path="image-version",
    plural="ImageVersions",
    identified_by=("ImageName", "Version"),
    status="ImageVersionStatus",
    statuses=Statuses("CREATING", "CREATED", "", "DELETING"),
    changeable_in=("CREATED", "CREATE_FAILED", "DELETE_FAILED"),
    check_create=_check_version,
    check_update=_check_update,
    generated=_next_version,
    added=_of_image,
)
APP_IMAGE_CONFIG = Kind(noun="AppImageConfig", arn_path="app-image-config", plural="AppImageConfigs")
LIFECYCLE_CONFIG = Kind(
    noun="StudioLifecycleConfig", arn_path="studio-lifecycle-config", plural="StudioLifecycleConfigs"
)

KINDS: tuple[Kind, ...] = (IMAGE, IMAGE_VERSION, APP_IMAGE_CONFIG, LIFECYCLE_CONFIG)
OPERATIONS: dict[str, Operation] = {"DescribeImageVersion": _describe_version}
