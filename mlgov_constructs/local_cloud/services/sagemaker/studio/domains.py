"""Domains."""

import secrets
import string

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Request
from mlgov_constructs.local_cloud.services.sagemaker import store
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record, Scope, Statuses
from mlgov_constructs.local_cloud.services.sagemaker.studio import home

_ID_LETTERS = string.ascii_lowercase + string.digits
_CONTENTS = ("App", "Space", "UserProfile")
_GONE = "Deleted"


def contents(scope: Scope, noun: str, domain_id: str) -> list[Record]:
    """Returns the apps, spaces or user profiles of a domain; apps that have ended are none.

    Args:
        scope: Account and region.
        noun: ``App``, ``Space`` or ``UserProfile``.
        domain_id: The domain.
    """
    return [
        record
        for (where, kind, _), record in list(store.records.items())
        if (where, kind) == (scope, noun) and record["DomainId"] == domain_id and record["Status"] != _GONE
    ]


def check_in_service(request: Request) -> Record:
    """Returns the domain that a request is about.

    Raises:
        ServiceError: There is none, or it is not in service.
    """
    domain = store.find(DOMAIN, request)
    if domain["Status"] != "InService":
        raise ServiceError("ResourceInUse", f"Domain [{domain['DomainArn']}] is in status {domain['Status']}")
    return domain


def _check_create(request: Request) -> None:
    for record in store.all_of(DOMAIN, request).values():
        if record["DomainName"] == request["DomainName"]:
            raise ServiceError("ResourceInUse", f"Domain [{record['DomainArn']}] already exists")
    home.check_network(request.scope, request["VpcId"], request["SubnetIds"])


def _check_delete(request: Request, record: Record) -> None:
    for noun in _CONTENTS:
        if contents(request.scope, noun, record["DomainId"]):
            message = f"Unable to delete Domain {record['DomainId']} because {noun}(s) are associated with it."
            raise ServiceError("ResourceInUse", message)
    record["RetentionPolicy"] = request.get("RetentionPolicy") or {}


def _generated(request: Request) -> Record:
    return {"DomainId": "d-" + "".join(secrets.choice(_ID_LETTERS) for _ in range(12))}


def _added(request: Request, record: Record) -> Record:
    key = request.get("KmsKeyId") or request.get("HomeEfsFileSystemKmsKeyId")
    arn, vpc_id, subnet_ids = record["DomainArn"], request["VpcId"], request["SubnetIds"]
    return {
        "HomeEfsFileSystemId": home.create(request.scope, arn, vpc_id, subnet_ids, key),
        "Url": f"https://{record['DomainId']}.studio.{request.caller.region}.sagemaker.invalid",
    }


def _on_gone(scope: Scope, record: Record) -> None:
    for key in [key for key, each in store.records.items() if _is_ended_app(scope, record["DomainId"], key, each)]:
        del store.records[key]
    if record["RetentionPolicy"].get("HomeEfsFileSystem", "Retain") == "Delete":
        home.delete_file_system(scope, record["HomeEfsFileSystemId"])


def _is_ended_app(scope: Scope, domain_id: str, key: store.Key, record: Record) -> bool:
    return key[:2] == (scope, "App") and record["DomainId"] == domain_id


DOMAIN = Kind(
    noun="Domain",
    arn_path="domain",
    plural="Domains",
    identified_by=("DomainId",),
    renamed={"DomainSettingsForUpdate": "DomainSettings"},
    defaults={"AppNetworkAccessType": "PublicInternetOnly", "TagPropagation": "DISABLED"},
    status="Status",
    statuses=Statuses(),
    changeable_in=("InService", "Failed", "Update_Failed", "Delete_Failed"),
    merged=("DomainSettings", "DefaultSpaceSettings", "DefaultUserSettings"),
    missing="Domain [{name}] does not exist.",
    check_create=_check_create,
    check_delete=_check_delete,
    generated=_generated,
    added=_added,
    answered=("DomainId", "Url"),
    on_gone=_on_gone,
)

KINDS: tuple[Kind, ...] = (DOMAIN,)
