"""What people have in a domain: user profiles, spaces, and the apps that run in them."""

import itertools
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.sagemaker import progress, store
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record, Statuses
from mlgov_constructs.local_cloud.services.sagemaker.studio.domains import check_in_service, contents

_SPACE_APPS = ("CodeEditor", "JupyterLab")
_UIDS = itertools.count(200_005)


def _check_domain(request: Request) -> None:
    check_in_service(request)


def _check_space(request: Request) -> None:
    check_in_service(request)
    owner = (request.get("OwnershipSettings") or {}).get("OwnerUserProfileName")
    if bool(owner) != bool(request.get("SpaceSharingSettings")):
        message = "OwnershipSettings and SpaceSharingSettings must be given together."
        raise ServiceError("ValidationException", message)
    if owner:
        store.find(USER_PROFILE, _about(request, UserProfileName=owner))


def _check_app(request: Request) -> None:
    check_in_service(request)
    space, profile = request.get("SpaceName"), request.get("UserProfileName")
    if bool(space) == bool(profile):
        raise ServiceError("ValidationException", "Give either UserProfileName or SpaceName.")
    if request["AppType"] in _SPACE_APPS and not space:
        raise ServiceError("ValidationException", f"Apps of type {request['AppType']} need a SpaceName.")
    owner = store.find(SPACE if space else USER_PROFILE, request)
    if owner["Status"] != "InService":
        raise ServiceError("ResourceInUse", f"{space or profile} is in status {owner['Status']}")


def _refuse_while_apps_run(noun: str, request: Request, record: Record) -> None:
    name = record[f"{noun}Name"]
    if any(app.get(f"{noun}Name") == name for app in contents(request.scope, "App", record["DomainId"])):
        message = f"Unable to delete {noun} [{record[f'{noun}Arn']}] because App(s) are associated with it."
        raise ServiceError("ResourceInUse", message)


def _check_delete_profile(request: Request, record: Record) -> None:
    _refuse_while_apps_run("UserProfile", request, record)
    name = record["UserProfileName"]
    for space in contents(request.scope, "Space", record["DomainId"]):
        if space.get("OwnershipSettings", {}).get("OwnerUserProfileName") == name:
            message = f"Unable to delete UserProfile [{record['UserProfileArn']}] because Space(s) are owned by it."
            raise ServiceError("ResourceInUse", message)


def _check_delete_space(request: Request, record: Record) -> None:
    _refuse_while_apps_run("Space", request, record)


def _check_update_space(request: Request, record: Record) -> None:
    now, then = ((each.get("SpaceSettings") or {}).get("AppType") for each in (request, record))
    if now and then and now != then:
        message = f"The app type of Space [{record['SpaceArn']}] cannot be changed from {then} to {now}."
        raise ServiceError("ValidationException", message)


def _uid(request: Request, record: Record) -> Record:
    return {"HomeEfsFileSystemUid": str(next(_UIDS))}


def _added_to_space(request: Request, record: Record) -> Record:
    settings, owner = record.get("SpaceSettings", {}), record.get("OwnershipSettings")
    summary: Record = {key: settings[key] for key in ("AppType", "RemoteAccess") if key in settings}
    if storage := settings.get("SpaceStorageSettings"):
        summary["SpaceStorageSettings"] = storage
    url = f"https://{record['DomainId']}.studio.{request.caller.region}.sagemaker.invalid/{record['SpaceName']}"
    return {
        **_uid(request, record),
        "Url": url,
        "SpaceSettingsSummary": summary,
        **({"OwnershipSettingsSummary": owner} if owner else {}),
        **({"SpaceSharingSettingsSummary": sharing} if (sharing := record.get("SpaceSharingSettings")) else {}),
    }


def _space_keys(request: Request) -> Mapping[str, str]:
    """Returns whose a space is and how it is shared, as the policy of Studio's users asks it."""
    asked = request.parameters
    if request.operation != "CreateSpace":
        asked = store.records.get(store.key_of(SPACE, request), {}) if request.get("SpaceName") else {}
    keys = {}
    if sharing := (asked.get("SpaceSharingSettings") or {}).get("SharingType"):
        keys["sagemaker:SpaceSharingType"] = sharing
    if owner := (asked.get("OwnershipSettings") or {}).get("OwnerUserProfileName"):
        named = {"DomainId": request["DomainId"], "UserProfileName": owner}
        keys["sagemaker:OwnerUserProfileArn"] = store.arn_of(USER_PROFILE, request, named)
    return keys


def _about(request: Request, **parameters: Any) -> Request:
    return Request(request.operation, {**request.parameters, **parameters}, request.caller)


def _presign(request: Request) -> dict[str, Any]:
    progress.settle()
    domain, profile = check_in_service(request), store.find(USER_PROFILE, request)
    if profile["Status"] != "InService":
        raise ServiceError("ResourceInUse", f"UserProfile is in status {profile['Status']}")
    if request.get("SpaceName"):
        store.find(SPACE, request)
    return {"AuthorizedUrl": f"{domain['Url']}/auth?token=local"}


_RESTING = ("InService", "Failed", "Update_Failed", "Delete_Failed")
USER_PROFILE = Kind(
    noun="UserProfile",
    arn_path="user-profile",
    plural="UserProfiles",
    identified_by=("DomainId", "UserProfileName"),
    status="Status",
    statuses=Statuses(),
    changeable_in=_RESTING,
    merged=("UserSettings",),
    also_authorized=("CreatePresignedDomainUrl",),
    check_create=_check_domain,
    check_delete=_check_delete_profile,
    added=_uid,
)
SPACE = Kind(
    noun="Space",
    arn_path="space",
    plural="Spaces",
    identified_by=("DomainId", "SpaceName"),
    status="Status",
    statuses=Statuses(),
    changeable_in=_RESTING,
    merged=("SpaceSettings",),
    check_create=_check_space,
    check_update=_check_update_space,
    check_delete=_check_delete_space,
    added=_added_to_space,
    context=_space_keys,
)
APP = Kind(
    noun="App",
    arn_path="app",
    plural="Apps",
    identified_by=("DomainId", "UserProfileName|SpaceName", "AppType", "AppName"),
    status="Status",
    statuses=Statuses(updating="", deleted="Deleted"),  # an ended app is listed for a day
    changeable_in=("InService", "Failed"),
    check_create=_check_app,
    context=_space_keys,
)

KINDS: tuple[Kind, ...] = (USER_PROFILE, SPACE, APP)
OPERATIONS: dict[str, Operation] = {"CreatePresignedDomainUrl": _presign}
