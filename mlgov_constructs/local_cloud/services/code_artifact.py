"""CodeArtifact: domains, repositories and package groups with their settings. They hold no packages."""

import datetime
import functools
import json
import uuid
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import JsonService, Operation, Request
from mlgov_constructs.local_cloud.shapes import service_model

_NAME = "codeartifact"
_WAYS = ("EXTERNAL_UPSTREAM", "INTERNAL_UPSTREAM", "PUBLISH")
_ROOT = "/*"
_Record = dict[str, Any]
_Key = tuple[tuple[str, str], str, str]
"""Account and region, domain, and the name within; the name of a domain itself is empty."""

_domains: dict[_Key, _Record] = {}
_repositories: dict[_Key, _Record] = {}
_groups: dict[_Key, _Record] = {}
_policies: dict[str, _Record] = {}
"""By the ARN of the domain or repository."""
_tags: dict[str, dict[str, str]] = {}
"""By ARN."""


def reset() -> None:
    """Forgets everything."""
    for state in (_domains, _repositories, _groups, _policies, _tags):
        state.clear()


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers a request of the REST protocol, as one that names its operation."""
    name = _routes().get((method, path))
    if name is None:
        return moto_bridge.error("UnsupportedOperation", f"The local cloud does not model {method} {path}.", 501)
    parameters = json.loads(body or b"{}")
    for member, shape in service_model(_NAME).operation_model(name).input_shape.members.items():
        given = query.get(shape.serialization.get("name", member))
        if shape.serialization.get("location") == "querystring" and given is not None:
            text = given[0] if isinstance(given, list) else given
            parameters[member] = int(text) if shape.type_name in ("integer", "long") else text
    named = {**headers, "x-amz-target": f"{_NAME}.{name}"}
    return await _SERVICE.handle_request(method, path, named, json.dumps(parameters).encode(), query)


@functools.cache
def _routes() -> dict[tuple[str, str], str]:
    """Returns the operations by method and path."""
    model = service_model(_NAME)
    http = {name: model.operation_model(name).http for name in model.operation_names}
    return {(each["method"], each["requestUri"]): name for name, each in http.items()}


def _arn(request: Request, resource: str) -> str:
    return f"arn:{enforcement.partition()}:{_NAME}:{request.caller.region}:{request.caller.account}:{resource}"


def _key(request: Request, name: str = "") -> _Key:
    return request.scope, request["domain"], name


def _domain(request: Request) -> _Record:
    return _found(_domains, _key(request), f"Domain not found. Domain: '{request['domain']}'")


def _repository(request: Request) -> _Record:
    _domain(request)
    name = request["repository"]
    return _found(_repositories, _key(request, name), f"Repository not found. Repository: '{name}'")


def _group(request: Request) -> _Record:
    _domain(request)
    pattern = request["packageGroup"]
    return _found(_groups, _key(request, pattern), f"Package group not found. Package group: '{pattern}'")


def _found(state: Mapping[_Key, _Record], key: _Key, message: str) -> _Record:
    if key not in state:
        raise ServiceError("ResourceNotFoundException", message, 404)
    return state[key]


def _new(state: dict[_Key, _Record], key: _Key, request: Request, record: _Record) -> _Record:
    if key in state:
        raise ServiceError("ConflictException", f"{record['arn']} already exists", 409)
    state[key] = record | {"createdTime": datetime.datetime.now(datetime.UTC)}
    _tags[record["arn"]] = {tag["key"]: tag["value"] for tag in request.get("tags") or []}
    return state[key]


def _forget(record: _Record) -> None:
    _tags.pop(record["arn"], None)
    _policies.pop(record["arn"], None)


# Domains


def _create_domain(request: Request) -> dict[str, Any]:
    name = request["domain"]
    record = {
        "name": name,
        "owner": request.caller.account,
        "arn": _arn(request, f"domain/{name}"),
        "status": "Active",
        "encryptionKey": request.get("encryptionKey", _arn(request, "alias/aws/codeartifact").replace(_NAME, "kms", 1)),
        "repositoryCount": 0,
        "assetSizeBytes": 0,
    }
    domain = _new(_domains, _key(request), request, record)
    restrictions = dict.fromkeys(_WAYS, "ALLOW")
    _groups[_key(request, _ROOT)] = _group_record(request, _ROOT) | {"modes": restrictions, "allowed": {}}
    return {"domain": domain}


def _describe_domain(request: Request) -> dict[str, Any]:
    count = sum(key[:2] == _key(request)[:2] for key in _repositories)
    return {"domain": _domain(request) | {"repositoryCount": count}}


def _list_domains(request: Request) -> dict[str, Any]:
    return {"domains": [record for key, record in sorted(_domains.items()) if key[0] == request.scope]}


def _delete_domain(request: Request) -> dict[str, Any]:
    record = _domain(request)
    if any(key[:2] == _key(request)[:2] for key in _repositories):
        raise ServiceError("ConflictException", "The domain holds repositories.", 409)
    for key in [key for key in _groups if key[:2] == _key(request)[:2]]:
        _forget(_groups.pop(key))
    del _domains[_key(request)]
    _forget(record)
    return {"domain": record | {"status": "Deleted"}}


# Repositories


def _create_repository(request: Request) -> dict[str, Any]:
    _domain(request)
    name = request["repository"]
    _check_upstreams(request)
    record = {
        "name": name,
        "administratorAccount": request.caller.account,
        "domainName": request["domain"],
        "domainOwner": request.caller.account,
        "arn": _arn(request, f"repository/{request['domain']}/{name}"),
        "description": request.get("description", ""),
        "upstreams": request.get("upstreams") or [],
        "externalConnections": [],
    }
    return {"repository": _new(_repositories, _key(request, name), request, record)}


def _update_repository(request: Request) -> dict[str, Any]:
    record = _repository(request)
    _check_upstreams(request)
    record.update({name: request[name] for name in ("description", "upstreams") if request.get(name) is not None})
    return {"repository": record}


def _check_upstreams(request: Request) -> None:
    for upstream in request.get("upstreams") or []:
        name = upstream["repositoryName"]
        _found(_repositories, _key(request, name), f"Repository not found. Repository: '{name}'")


def _list_repositories(request: Request) -> dict[str, Any]:
    wanted = (request.scope, request["domain"]) if request.get("domain") else (request.scope,)
    return {"repositories": [item for key, item in sorted(_repositories.items()) if key[: len(wanted)] == wanted]}


def _delete_repository(request: Request) -> dict[str, Any]:
    record = _repository(request)
    for key, other in _repositories.items():
        if key[:2] == _key(request)[:2] and {"repositoryName": record["name"]} in other["upstreams"]:
            raise ServiceError("ConflictException", f"{other['name']} has this repository as its upstream.", 409)
    del _repositories[_key(request, record["name"])]
    _forget(record)
    return {"repository": record}


def _connect(request: Request) -> dict[str, Any]:
    record = _repository(request)
    if record["externalConnections"]:
        raise ServiceError("ConflictException", "The repository has an external connection already.", 409)
    name = request["externalConnection"]
    connection = {"externalConnectionName": name, "packageFormat": name.partition(":")[2], "status": "Available"}
    record["externalConnections"] = [connection]
    return {"repository": record}


def _disconnect(request: Request) -> dict[str, Any]:
    record = _repository(request)
    record["externalConnections"] = []
    return {"repository": record}


def _endpoint(request: Request) -> dict[str, Any]:
    record = _repository(request)
    host = f"{record['domainName']}-{record['domainOwner']}.d.codeartifact.{request.caller.region}.invalid"
    return {"repositoryEndpoint": f"https://{host}/{request['format']}/{record['name']}/"}


def _token(request: Request) -> dict[str, Any]:
    _domain(request)
    expiration = datetime.datetime.now(datetime.UTC) + datetime.timedelta(
        seconds=request.get("durationSeconds") or 43_200
    )
    return {"authorizationToken": uuid.uuid4().hex, "expiration": expiration}


# Package groups


def _group_record(request: Request, pattern: str) -> _Record:
    return {
        "arn": _arn(request, f"package-group/{request['domain']}{pattern}"),
        "pattern": pattern,
        "domainName": request["domain"],
        "domainOwner": request.caller.account,
        "contactInfo": request.get("contactInfo", ""),
        "description": request.get("description", ""),
    }


def _create_group(request: Request) -> dict[str, Any]:
    _domain(request)
    pattern = request["packageGroup"]
    if not pattern.startswith("/") or pattern[-1] not in "$~*":
        raise ServiceError("ValidationException", f"The pattern {pattern} must begin with / and end with $, ~ or *.")
    record = _group_record(request, pattern) | {"modes": dict.fromkeys(_WAYS, "INHERIT"), "allowed": {}}
    return _shown(_new(_groups, _key(request, pattern), request, record))


def _describe_group(request: Request) -> dict[str, Any]:
    return _shown(_group(request))


def _update_group(request: Request) -> dict[str, Any]:
    record = _group(request)
    record.update({name: request[name] for name in ("contactInfo", "description") if request.get(name) is not None})
    return _shown(record)


def _restrict(request: Request) -> dict[str, Any]:
    record = _group(request)
    record["modes"] |= request.get("restrictions") or {}
    for change, add in (("addAllowedRepositories", True), ("removeAllowedRepositories", False)):
        for each in request.get(change) or []:
            name = each["repositoryName"]
            _found(_repositories, _key(request, name), f"Repository not found. Repository: '{name}'")
            allowed = record["allowed"].setdefault(each["originRestrictionType"], [])
            record["allowed"][each["originRestrictionType"]] = sorted({*allowed, name} if add else {*allowed} - {name})
    return _shown(record)


def _list_allowed(request: Request) -> dict[str, Any]:
    return {"allowedRepositories": _group(request)["allowed"].get(request["originRestrictionType"], [])}


def _list_groups(request: Request) -> dict[str, Any]:
    _domain(request)
    found = [record for key, record in sorted(_groups.items()) if key[:2] == _key(request)[:2]]
    return {"packageGroups": [_shown(record)["packageGroup"] for record in found]}


def _delete_group(request: Request) -> dict[str, Any]:
    record = _group(request)
    if record["pattern"] == _ROOT:
        raise ServiceError("ValidationException", "The root package group cannot be deleted.")
    del _groups[_key(request, record["pattern"])]
    _forget(record)
    return _shown(record)


def _shown(record: _Record) -> dict[str, Any]:
    restrictions = {
        way: {"mode": mode, "repositoriesCount": len(record["allowed"].get(way, []))}
        for way, mode in record["modes"].items()
    }
    visible = {name: value for name, value in record.items() if name not in ("modes", "allowed")}
    return {"packageGroup": visible | {"originConfiguration": {"restrictions": restrictions}}}


# Policies and tags


def _put_policy(request: Request) -> dict[str, Any]:
    arn = _owner(request)["arn"]
    policy = {"resourceArn": arn, "revision": uuid.uuid4().hex, "document": request["policyDocument"]}
    _policies[arn] = policy
    return {"policy": policy}


def _get_policy(request: Request) -> dict[str, Any]:
    arn = _owner(request)["arn"]
    if arn not in _policies:
        raise ServiceError("ResourceNotFoundException", f"{arn} has no policy", 404)
    return {"policy": _policies[arn]}


def _delete_policy(request: Request) -> dict[str, Any]:
    arn = _owner(request)["arn"]
    return {"policy": _policies.pop(arn, {"resourceArn": arn})}


def _owner(request: Request) -> _Record:
    return _repository(request) if request.get("repository") else _domain(request)


def _tag(request: Request) -> dict[str, Any]:
    _tags[request["resourceArn"]].update({tag["key"]: tag["value"] for tag in request["tags"]})
    return {}


def _untag(request: Request) -> dict[str, Any]:
    for key in request["tagKeys"]:
        _tags[request["resourceArn"]].pop(key, None)
    return {}


def _list_tags(request: Request) -> dict[str, Any]:
    return {"tags": [{"key": key, "value": value} for key, value in _tags[request["resourceArn"]].items()]}


_OPERATIONS: dict[str, Operation] = {
    "AssociateExternalConnection": _connect,
    "CreateDomain": _create_domain,
    "CreatePackageGroup": _create_group,
    "CreateRepository": _create_repository,
    "DeleteDomain": _delete_domain,
    "DeleteDomainPermissionsPolicy": _delete_policy,
    "DeletePackageGroup": _delete_group,
    "DeleteRepository": _delete_repository,
    "DeleteRepositoryPermissionsPolicy": _delete_policy,
    "DescribeDomain": _describe_domain,
    "DescribePackageGroup": _describe_group,
    "DescribeRepository": lambda request: {"repository": _repository(request)},
    "DisassociateExternalConnection": _disconnect,
    "GetAuthorizationToken": _token,
    "GetDomainPermissionsPolicy": _get_policy,
    "GetRepositoryEndpoint": _endpoint,
    "GetRepositoryPermissionsPolicy": _get_policy,
    "ListAllowedRepositoriesForGroup": _list_allowed,
    "ListDomains": _list_domains,
    "ListPackageGroups": _list_groups,
    "ListRepositories": _list_repositories,
    "ListRepositoriesInDomain": _list_repositories,
    "ListTagsForResource": _list_tags,
    "PutDomainPermissionsPolicy": _put_policy,
    "PutRepositoryPermissionsPolicy": _put_policy,
    "TagResource": _tag,
    "UntagResource": _untag,
    "UpdatePackageGroup": _update_group,
    "UpdatePackageGroupOriginConfiguration": _restrict,
    "UpdateRepository": _update_repository,
}


def _authorize(request: Request) -> None:
    domain, resource = request.get("domain", "*"), "*"
    if request.get("resourceArn"):
        resource = request["resourceArn"]
    elif request.get("repository"):
        resource = _arn(request, f"repository/{domain}/{request['repository']}")
    elif request.get("packageGroup"):
        resource = _arn(request, f"package-group/{domain}{request['packageGroup']}")
    elif request.get("domain"):
        resource = _arn(request, f"domain/{domain}")
    context = {f"aws:ResourceTag/{key}": value for key, value in _tags.get(resource, {}).items()}
    enforcement.authorize(request.caller, f"{_NAME}:{request.operation}", resource, context)
    if request.operation == "GetAuthorizationToken":
        bearer = {"sts:AWSServiceName": "codeartifact.amazonaws.com"}
        enforcement.authorize(request.caller, "sts:GetServiceBearerToken", "*", bearer)


_SERVICE = JsonService(_NAME, _OPERATIONS, _authorize)
