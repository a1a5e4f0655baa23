"""AWS CodeArtifact."""

import json
from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_list,
    tag_map,
)

_WAYS = {
    "ExternalUpstream": "EXTERNAL_UPSTREAM",
    "InternalUpstream": "INTERNAL_UPSTREAM",
    "Publish": "PUBLISH",
}


class Domain(ResourceType):
    """A domain, with its policy."""

    type_name = "AWS::CodeArtifact::Domain"
    create_only = ("DomainName", "EncryptionKey")
    properties = (*create_only, "PermissionsPolicyDocument", "Tags")
    name_property = "DomainName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the domain."""
        answer = call.invoke(
            "codeartifact",
            "CreateDomain",
            domain=call.properties["DomainName"],
            encryptionKey=call.properties.get("EncryptionKey"),
            tags=_tags(call) or None,
        )
        return str(answer["domain"]["arn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets policy and tags."""
        _set_policy(call, old, "Domain", domain=call.properties["DomainName"])
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN, name, owner and key."""
        found = call.invoke("codeartifact", "DescribeDomain", domain=_path(physical_id)[0])["domain"]
        return {
            "Arn": physical_id,
            "EncryptionKey": found["encryptionKey"],
            "Name": found["name"],
            "Owner": found["owner"],
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the domain; one that holds repositories is refused, as on AWS."""
        call.invoke("codeartifact", "DeleteDomain", domain=_path(physical_id)[0])


class Repository(ResourceType):
    """A repository, with its policy and its connection to a public index."""

    type_name = "AWS::CodeArtifact::Repository"
    create_only = ("DomainName", "RepositoryName")
    properties = (
        *create_only,
        "Description",
        "ExternalConnections",
        "PermissionsPolicyDocument",
        "Tags",
        "Upstreams",
    )
    name_property = "RepositoryName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the repository."""
        answer = call.invoke(
            "codeartifact",
            "CreateRepository",
            domain=call.properties["DomainName"],
            repository=call.properties["RepositoryName"],
            description=call.properties.get("Description"),
            upstreams=_upstreams(call.properties) or None,
            tags=_tags(call) or None,
        )
        return str(answer["repository"]["arn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets description, upstreams, connections, policy and tags."""
        domain, name = _path(physical_id)
        key, new = {"domain": domain, "repository": name}, call.properties
        if old and any(new.get(each) != old.get(each) for each in ("Description", "Upstreams")):
            description, upstreams = new.get("Description", ""), _upstreams(new)
            call.invoke("codeartifact", "UpdateRepository", description=description, upstreams=upstreams, **key)
        before, after = (set(each.get("ExternalConnections") or []) for each in (old, new))
        for connection in sorted(before - after):
            call.invoke("codeartifact", "DisassociateExternalConnection", externalConnection=connection, **key)
        for connection in sorted(after - before):
            call.invoke("codeartifact", "AssociateExternalConnection", externalConnection=connection, **key)
        _set_policy(call, old, "Repository", **key)
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and names."""
        domain, name = _path(physical_id)
        found = call.invoke("codeartifact", "DescribeRepository", domain=domain, repository=name)["repository"]
        return {
            "Arn": physical_id,
            "DomainName": found["domainName"],
            "DomainOwner": found["domainOwner"],
            "Name": found["name"],
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the repository."""
        domain, name = _path(physical_id)
        call.invoke("codeartifact", "DeleteRepository", domain=domain, repository=name)


class PackageGroup(ResourceType):
    """A package group: how the packages of a pattern may come in."""

    type_name = "AWS::CodeArtifact::PackageGroup"
    create_only = ("DomainName", "Pattern")
    properties = (*create_only, "ContactInfo", "Description", "OriginConfiguration", "Tags")
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the group."""
        answer = call.invoke(
            "codeartifact",
            "CreatePackageGroup",
            domain=call.properties["DomainName"],
            packageGroup=call.properties["Pattern"],
            contactInfo=call.properties.get("ContactInfo"),
            description=call.properties.get("Description"),
            tags=_tags(call) or None,
        )
        return str(answer["packageGroup"]["arn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets texts, restrictions and tags."""
        key = {"domain": call.properties["DomainName"], "packageGroup": call.properties["Pattern"]}
        texts = {"contactInfo": "ContactInfo", "description": "Description"}
        changes = {
            api: call.properties.get(name, "")
            for api, name in texts.items()
            if call.properties.get(name) != old.get(name)
        }
        if old and changes:
            call.invoke("codeartifact", "UpdatePackageGroup", **key, **changes)
        modes, allowed = _restrictions(call.properties)
        _, before = _restrictions(old)
        if call.properties.get("OriginConfiguration") != old.get("OriginConfiguration"):
            call.invoke(
                "codeartifact",
                "UpdatePackageGroupOriginConfiguration",
                **key,
                restrictions=modes or dict.fromkeys(_WAYS.values(), "INHERIT"),
                addAllowedRepositories=_changes(allowed - before) or None,
                removeAllowedRepositories=_changes(before - allowed) or None,
            )
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"Arn": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the group."""
        domain, _, pattern = physical_id.partition(":package-group/")[2].partition("/")
        call.invoke("codeartifact", "DeletePackageGroup", domain=domain, packageGroup=f"/{pattern}")


def _path(arn: str) -> list[str]:
    """Returns the names that an ARN ends with: the domain, and the repository of one."""
    return arn.split(":", 5)[5].split("/")[1:]


def _upstreams(properties: Properties) -> list[dict[str, str]]:
    return [{"repositoryName": name} for name in properties.get("Upstreams") or []]


def _restrictions(properties: Properties) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """Returns the mode of each way in, and the repositories that the ways lead to."""
    given = properties.get("OriginConfiguration", {}).get("Restrictions", {})
    modes = {_WAYS[name]: setting["RestrictionMode"] for name, setting in given.items()}
    allowed = {
        (repository, _WAYS[name]) for name, setting in given.items() for repository in setting.get("Repositories") or []
    }
    return modes, allowed


def _changes(allowed: set[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"repositoryName": name, "originRestrictionType": way} for name, way in sorted(allowed)]


def _set_policy(call: Call, old: Properties, noun: str, **key: str) -> None:
    policy, before = call.properties.get("PermissionsPolicyDocument"), old.get("PermissionsPolicyDocument")
    if policy and policy != before:
        text = policy if isinstance(policy, str) else json.dumps(policy)
        call.invoke("codeartifact", f"Put{noun}PermissionsPolicy", policyDocument=text, **key)
    elif before and not policy:
        call.invoke("codeartifact", f"Delete{noun}PermissionsPolicy", **key)


def _tags(call: Call) -> list[dict[str, str]]:
    return [{"key": tag["Key"], "value": tag["Value"]} for tag in tag_list(call.properties.get("Tags"))]


def _retag(call: Call, arn: str, old: Properties) -> None:
    if not old:
        return
    if removed := dropped_tags(old, call):
        call.invoke("codeartifact", "UntagResource", resourceArn=arn, tagKeys=removed)
    if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
        call.invoke("codeartifact", "TagResource", resourceArn=arn, tags=_tags(call))
