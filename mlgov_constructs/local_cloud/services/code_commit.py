"""CodeCommit: repositories with their settings. They hold no code, and Git does not reach them."""

import datetime
import uuid
from typing import Any

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import JsonService, Operation, Request

_MANAGED_KEY = "alias/aws/codecommit"
_Record = dict[str, Any]

_repositories: dict[tuple[tuple[str, str], str], _Record] = {}
"""By account and region, and name."""
_tags: dict[str, dict[str, str]] = {}
"""By ARN."""


def reset() -> None:
    """Forgets everything."""
    _repositories.clear()
    _tags.clear()


def _arn(request: Request, name: str) -> str:
    return f"arn:{enforcement.partition()}:codecommit:{request.caller.region}:{request.caller.account}:{name}"


def _find(request: Request) -> _Record:
    found = _repositories.get((request.scope, request["repositoryName"]))
    if found is None:
        message = f"{request['repositoryName']} does not exist"
        raise ServiceError("RepositoryDoesNotExistException", message)
    return found


def _create(request: Request) -> dict[str, Any]:
    name = request["repositoryName"]
    if (request.scope, name) in _repositories:
        raise ServiceError("RepositoryNameExistsException", f"Repository named {name} already exists")
    now, host = datetime.datetime.now(datetime.UTC), f"git-codecommit.{request.caller.region}.invalid"
    record = {
        "accountId": request.caller.account,
        "repositoryId": str(uuid.uuid4()),
        "repositoryName": name,
        "creationDate": now,
        "lastModifiedDate": now,
        "cloneUrlHttp": f"https://{host}/v1/repos/{name}",
        "cloneUrlSsh": f"ssh://{host}/v1/repos/{name}",
        "Arn": _arn(request, name),
        "kmsKeyId": request.get("kmsKeyId", _MANAGED_KEY),
    }
    if description := request.get("repositoryDescription"):
        record["repositoryDescription"] = description
    _repositories[request.scope, name] = record
    _tags[record["Arn"]] = dict(request.get("tags") or {})
    return {"repositoryMetadata": record}


def _get(request: Request) -> dict[str, Any]:
    return {"repositoryMetadata": _find(request)}


def _list(request: Request) -> dict[str, Any]:
    found = [record for (scope, _), record in sorted(_repositories.items()) if scope == request.scope]
    members = ("repositoryName", "repositoryId")
    return {"repositories": [{name: record[name] for name in members} for record in found]}


def _describe_as(request: Request) -> dict[str, Any]:
    _find(request)["repositoryDescription"] = request.get("repositoryDescription", "")
    return {}


def _encrypt_with(request: Request) -> dict[str, Any]:
    record = _find(request)
    before, record["kmsKeyId"] = record["kmsKeyId"], request["kmsKeyId"]
    return {"repositoryId": record["repositoryId"], "kmsKeyId": record["kmsKeyId"], "originalKmsKeyId": before}


def _rename(request: Request) -> dict[str, Any]:
    raise ServiceError("UnsupportedOperation", "The local cloud does not rename repositories.", 501)


def _delete(request: Request) -> dict[str, Any]:
    record = _repositories.pop((request.scope, request["repositoryName"]), None)
    if record is None:
        return {}
    _tags.pop(record["Arn"], None)
    return {"repositoryId": record["repositoryId"]}


def _tag(request: Request) -> dict[str, Any]:
    _tags[request["resourceArn"]].update(request["tags"])
    return {}


def _untag(request: Request) -> dict[str, Any]:
    for key in request["tagKeys"]:
        _tags[request["resourceArn"]].pop(key, None)
    return {}


def _list_tags(request: Request) -> dict[str, Any]:
    return {"tags": _tags[request["resourceArn"]]}


_OPERATIONS: dict[str, Operation] = {
    "CreateRepository": _create,
    "DeleteRepository": _delete,
    "GetRepository": _get,
    "ListRepositories": _list,
    "ListTagsForResource": _list_tags,
    "TagResource": _tag,
    "UntagResource": _untag,
    "UpdateRepositoryDescription": _describe_as,
    "UpdateRepositoryEncryptionKey": _encrypt_with,
    "UpdateRepositoryName": _rename,
}


def _authorize(request: Request) -> None:
    named = request.get("repositoryName")
    resource = request.get("resourceArn") or (_arn(request, named) if named else "*")
    context = {f"aws:ResourceTag/{key}": value for key, value in _tags.get(resource, {}).items()}
    enforcement.authorize(request.caller, f"codecommit:{request.operation}", resource, context)


SERVICE = JsonService("codecommit", _OPERATIONS, _authorize)
