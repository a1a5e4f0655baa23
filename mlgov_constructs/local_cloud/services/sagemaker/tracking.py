"""Managed MLflow: tracking servers and apps. No run is tracked here."""

import uuid
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.sagemaker import store
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record

_APP_ID = "AppId"
_VERSION = "3.0"


class _AppKind(Kind):
    """Apps, which their ARN names and not their name."""

    def identity(self, parameters: Mapping[str, Any]) -> str:
        """Returns the id, which the ARN ends with."""
        return str(parameters.get(_APP_ID) or parameters.get("Arn", "").rpartition("/")[2]).lower()


def _check_name(request: Request) -> None:
    names = [record["Name"] for record in store.all_of(APP, request).values()]
    if request["Name"] in names:
        raise ServiceError("ResourceInUse", f"An MLflow app named {request['Name']} exists already")


def _started(request: Request, record: Record) -> Record:
    host = f"{record['TrackingServerName'].lower()}.{request.caller.region}.experiments.invalid"
    return {"TrackingServerUrl": f"https://{host}", "TrackingServerStatus": "Created", "IsActive": "Active"}


SERVER = Kind(
    noun="MlflowTrackingServer",
    arn_path="mlflow-tracking-server",
    plural="MlflowTrackingServers",
    identified_by=("TrackingServerName",),
    arn_member="TrackingServerArn",
    defaults={"TrackingServerSize": "Small", "MlflowVersion": _VERSION, "AutomaticModelRegistration": False},
    added=_started,
)
APP = _AppKind(
    noun="MlflowApp",
    arn_path="mlflow-app",
    plural="MlflowApps",
    identified_by=("Arn",),
    arn_member="Arn",
    defaults={
        "MlflowVersion": _VERSION,
        "ModelRegistrationMode": "AutoModelRegistrationDisabled",
        "Status": "Created",
    },
    check_create=_check_name,
    generated=lambda request: {_APP_ID: f"app-{uuid.uuid4().hex[:12].upper()}"},
)


def _move(status: str, active: str, *allowed: str) -> Operation:
    def operation(request: Request) -> dict[str, Any]:
        record = store.find(SERVER, request)
        if record["TrackingServerStatus"] not in allowed:
            message = f"The tracking server is {record['TrackingServerStatus']}, so it cannot become {status}"
            raise ServiceError("ConflictException", message)
        record |= {"TrackingServerStatus": status, "IsActive": active}
        return {"TrackingServerArn": record["TrackingServerArn"]}

    return operation


def _open_server(request: Request) -> dict[str, Any]:
    record = store.find(SERVER, request)
    if record["IsActive"] != "Active":
        raise ServiceError("ConflictException", "The tracking server is stopped.")
    return {"AuthorizedUrl": f"{record['TrackingServerUrl']}/auth?authToken=local"}


def _open_app(request: Request) -> dict[str, Any]:
    record = store.find(APP, request)
    return {"AuthorizedUrl": f"https://{record[_APP_ID].lower()}.experiments.invalid/auth?authToken=local"}


KINDS: tuple[Kind, ...] = (SERVER, APP)
OPERATIONS: dict[str, Operation] = {
    "CreatePresignedMlflowAppUrl": _open_app,
    "CreatePresignedMlflowTrackingServerUrl": _open_server,
    "StartMlflowTrackingServer": _move("Started", "Active", "Stopped"),
    "StopMlflowTrackingServer": _move("Stopped", "Inactive", "Created", "Started"),
}
