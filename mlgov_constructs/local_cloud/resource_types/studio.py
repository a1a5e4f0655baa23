"""SageMaker Studio: domains, the people in them, their spaces and apps, and what apps are made of.

What is named by more than one property has them as its physical id, joined by ``|`` in the order of the
``primaryIdentifier`` of the CloudFormation registry.
"""

import time
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)

_LONGEST_WAIT = 60.0  # seconds; the local cloud's own changes take a fraction of one
_GONE = ("ResourceNotFound",)


class _StudioType(ResourceType):
    """A type whose create, update and delete take time."""

    noun: ClassVar[str]
    keys: ClassVar[tuple[str, ...]]
    """The parameters that name a resource, in the order of the physical id."""
    status: ClassVar[str] = "Status"
    ready: ClassVar[str] = "InService"
    renamed: ClassVar[Mapping[str, str]] = {}
    """Properties that the Update operation calls by another name."""
    tags: ClassVar[Literal["list", "map", ""]] = "list"

    def create(self, call: Call) -> str:
        """Creates the resource and waits until it is in service."""
        parameters = {**call.without("Tags"), **self.identity(call)}
        answer = call.invoke("sagemaker", f"Create{self.noun}", Tags=call.tags or None, **parameters)
        physical_id = self.physical_id(parameters, answer)
        self._wait(call, physical_id)
        return physical_id

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes what changed, and waits until the resource is in service again."""
        if not old:
            return
        changes = {
            self.renamed.get(name, name): value
            for name, value in call.without("Tags", *self.create_only).items()
            if value != old.get(name)
        }
        if changes:
            call.invoke("sagemaker", f"Update{self.noun}", **self.key(physical_id), **changes)
            self._wait(call, physical_id)
        self._retag(call, physical_id, old)

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the resource and waits until it is gone; one that has gone already is no error."""
        try:
            call.invoke("sagemaker", f"Delete{self.noun}", **self.key(physical_id))
        except Exception as error:
            if _code(error) in _GONE:
                return
            raise
        self._wait(call, physical_id, gone=True)

    def identity(self, call: Call) -> dict[str, Any]:
        """Returns the parameters that name a new resource."""
        return {name: call.properties[name] for name in self.keys}

    def physical_id(self, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
        """Returns the physical id of what was created."""
        return "|".join(str(parameters[name]) for name in self.keys)

    def key(self, physical_id: str) -> dict[str, Any]:
        """Returns the parameters that name an existing resource."""
        return dict(zip(self.keys, physical_id.split("|"), strict=True))

    def describe(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns what the service says of the resource."""
        return call.invoke("sagemaker", f"Describe{self.noun}", **self.key(physical_id))

    def _wait(self, call: Call, physical_id: str, *, gone: bool = False) -> None:
        deadline = time.monotonic() + _LONGEST_WAIT
        while time.monotonic() < deadline:
            try:
                found = self.describe(call, physical_id)
            except Exception as error:
                if gone and _code(error) in _GONE:
                    return
                raise
            status = found.get(self.status, self.ready)
            if status == ("Deleted" if gone else self.ready):  # an ended app is told of for a day
                return
            if "fail" in status.lower():
                msg = (
                    f"{self.noun} {physical_id} is in status {status}: {found.get('FailureReason', 'no reason given')}"
                )
                raise RuntimeError(msg)
            time.sleep(0.05)
        msg = f"{self.noun} {physical_id} did not come to rest in {_LONGEST_WAIT:g} seconds"
        raise RuntimeError(msg)

    def _retag(self, call: Call, physical_id: str, old: Properties) -> None:
        added = call.tags if tag_map(call.tags) != tag_map(old.get("Tags")) else []
        removed = dropped_tags(old, call)
        if not added and not removed:
            return
        arn = self.describe(call, physical_id)[f"{self.noun}Arn"]
        if removed:
            call.invoke("sagemaker", "DeleteTags", ResourceArn=arn, TagKeys=removed)
        if added:
            call.invoke("sagemaker", "AddTags", ResourceArn=arn, Tags=added)


class Domain(_StudioType):
    """A domain; without a retention policy, which CloudFormation does not know, its home outlives it."""

    type_name = "AWS::SageMaker::Domain"
    # VpcId is conditional in the registry: a domain that has one cannot take another.
    create_only = ("AuthMode", "DomainName", "KmsKeyId", "VpcId")
    properties = (
        *create_only,
        "AppNetworkAccessType",
        "DefaultSpaceSettings",
        "DefaultUserSettings",
        "DomainSettings",
        "SubnetIds",
        "TagPropagation",
        "Tags",
    )
    name_property = "DomainName"
    noun = "Domain"
    keys = ("DomainId",)
    renamed: ClassVar[Mapping[str, str]] = {"DomainSettings": "DomainSettingsForUpdate"}

    def identity(self, call: Call) -> dict[str, Any]:
        """Returns no parameters: the service makes the id up."""
        return {}

    def physical_id(self, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
        """Returns the id of the domain."""
        return str(answer["DomainId"])

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN, id, address and home."""
        found = self.describe(call, physical_id)
        names = ("DomainArn", "DomainId", "HomeEfsFileSystemId", "SecurityGroupIdForDomainBoundary", "Url")
        return {name: found[name] for name in names if name in found}


class UserProfile(_StudioType):
    """A person in a domain."""

    type_name = "AWS::SageMaker::UserProfile"
    create_only = ("DomainId", "SingleSignOnUserIdentifier", "SingleSignOnUserValue", "UserProfileName")
    properties = (*create_only, "Tags", "UserSettings")
    name_property = "UserProfileName"
    noun = "UserProfile"
    keys = ("UserProfileName", "DomainId")

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"UserProfileArn": self.describe(call, physical_id)["UserProfileArn"]}


class Space(_StudioType):
    """A place for apps and files."""

    type_name = "AWS::SageMaker::Space"
    create_only = ("DomainId", "OwnershipSettings", "SpaceName", "SpaceSharingSettings")
    properties = (*create_only, "SpaceDisplayName", "SpaceSettings", "Tags")
    name_property = "SpaceName"
    noun = "Space"
    keys = ("DomainId", "SpaceName")

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and address."""
        found = self.describe(call, physical_id)
        return {"SpaceArn": found["SpaceArn"], "Url": found.get("Url", "")}


class App(_StudioType):
    """An app of a user profile."""

    type_name = "AWS::SageMaker::App"
    create_only = ("AppName", "AppType", "DomainId", "ResourceSpec", "UserProfileName")
    properties = (*create_only, "Tags")
    name_property = "AppName"
    noun = "App"
    keys = ("AppName", "AppType", "DomainId", "UserProfileName")

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"AppArn": self.describe(call, physical_id)["AppArn"]}


class StudioLifecycleConfig(_StudioType):
    """A script that runs when an app starts; nothing of it can be changed."""

    type_name = "AWS::SageMaker::StudioLifecycleConfig"
    create_only = (
        "StudioLifecycleConfigAppType",
        "StudioLifecycleConfigContent",
        "StudioLifecycleConfigName",
        "Tags",
    )
    properties = create_only
    name_property = "StudioLifecycleConfigName"
    noun = "StudioLifecycleConfig"
    keys = ("StudioLifecycleConfigName",)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"StudioLifecycleConfigArn": self.describe(call, physical_id)["StudioLifecycleConfigArn"]}


class Image(_StudioType):
    """An image that Studio offers, by name; its versions are resources of their own."""

    type_name = "AWS::SageMaker::Image"
    create_only = ("ImageName",)
    properties = (*create_only, "ImageDescription", "ImageDisplayName", "ImageRoleArn", "Tags")
    name_property = "ImageName"
    noun = "Image"
    keys = ("ImageName",)
    status = "ImageStatus"
    ready = "CREATED"
    renamed: ClassVar[Mapping[str, str]] = {
        "ImageDescription": "Description",
        "ImageDisplayName": "DisplayName",
        "ImageRoleArn": "RoleArn",
    }

    def create(self, call: Call) -> str:
        """Creates the image and returns its ARN."""
        named = {self.renamed.get(name, name): value for name, value in call.without("Tags").items()}
        arn = call.invoke("sagemaker", "CreateImage", Tags=call.tags or None, **named)["ImageArn"]
        self._wait(call, arn)
        return str(arn)

    def key(self, physical_id: str) -> dict[str, Any]:
        """Returns the name, which ends the ARN."""
        return {"ImageName": physical_id.rsplit("/", 1)[-1]}

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"ImageArn": physical_id}


class ImageVersion(_StudioType):
    """A version of an image: a container image of a repository."""

    type_name = "AWS::SageMaker::ImageVersion"
    create_only = ("BaseImage", "ImageName")
    properties = create_only
    noun = "ImageVersion"
    keys = ("ImageName", "Version")
    status = "ImageVersionStatus"
    ready = "CREATED"
    tags = ""

    def create(self, call: Call) -> str:
        """Creates the version and returns its ARN."""
        arn = call.invoke("sagemaker", "CreateImageVersion", **call.properties)["ImageVersionArn"]
        self._wait(call, arn)
        return str(arn)

    def key(self, physical_id: str) -> dict[str, Any]:
        """Returns image and number, which end the ARN."""
        *_, image, version = physical_id.split("/")
        return {"ImageName": image, "Version": int(version)}

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns image, number and container."""
        found = self.describe(call, physical_id)
        names = ("ContainerImage", "ImageArn", "ImageVersionArn", "Version")
        return {name: found[name] for name in names}


class AppImageConfig(_StudioType):
    """How an app runs an image."""

    type_name = "AWS::SageMaker::AppImageConfig"
    create_only = ("AppImageConfigName",)
    properties = (
        *create_only,
        "CodeEditorAppImageConfig",
        "JupyterLabAppImageConfig",
        "KernelGatewayImageConfig",
        "Tags",
    )
    name_property = "AppImageConfigName"
    noun = "AppImageConfig"
    keys = ("AppImageConfigName",)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"AppImageConfigArn": self.describe(call, physical_id)["AppImageConfigArn"]}


def _code(error: Exception) -> str:
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))
