"""One CloudFormation resource type of the local cloud: the class whose subclasses are the rows of the table."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from mlgov_constructs.local_cloud.clients import Clients

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """What CloudFormation asks of a resource type.

    Args:
        logical_id: The resource's id in the template.
        stack_name: The stack it belongs to.
        properties: Its properties, with intrinsics resolved.
        clients: Clients that call as the stack's role.
        make_name: Generates a physical name from a maximum length and whether it must be in lower case.
    """

    logical_id: str
    stack_name: str
    properties: Properties
    clients: Clients
    make_name: Callable[[int, bool], str]

    def name(self, prop: str, *, max_length: int = 64, lowercase: bool = False) -> str:
        """Returns the physical name: what the template says in ``prop``, else a generated one."""
        return str(self.properties.get(prop) or self.make_name(max_length, lowercase))

    def invoke(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Calls an operation, leaving out parameters that are ``None``."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self.clients.invoke(service, operation, given)

    def client(self, service: str) -> Any:
        """Returns the boto3 client of ``service``."""
        return self.clients.client(service)

    def pick(self, *names: str) -> dict[str, Any]:
        """Returns those of the named properties that the template sets."""
        return {name: self.properties[name] for name in names if name in self.properties}

    def without(self, *names: str) -> dict[str, Any]:
        """Returns the properties but those named."""
        return {name: value for name, value in self.properties.items() if name not in names}

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Returns a boolean property, which a template may carry as a string."""
        return is_true(self.properties.get(name, default))

    @property
    def tags(self) -> list[dict[str, str]]:
        """The resource's tags, but those that CloudFormation reserves for itself."""
        return tag_list(self.properties.get("Tags"))


class ResourceType(ABC):
    """How one CloudFormation type is created, changed, read and deleted through its service's API.

    A subclass names the type, the properties it models and those whose change replaces the resource (the
    ``createOnlyProperties`` of the CloudFormation registry). Any other property fails the deployment.
    """

    type_name: ClassVar[str]
    properties: ClassVar[tuple[str, ...]]
    create_only: ClassVar[tuple[str, ...]] = ()
    """Changing one of these creates the resource anew; a nested one is written ``Outer/Inner``."""
    name_property: ClassVar[str] = ""
    """The property in which a template may choose the physical name; a replacement then needs a new one."""
    tags: ClassVar[Literal["list", "map", ""]] = ""
    """The form of the ``Tags`` property, when stack tags reach this type."""

    @abstractmethod
    def create(self, call: Call) -> str:
        """Creates the resource with its create-only properties and returns its physical id."""

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:  # noqa: B027 - nothing to do for most
        """Brings the resource from ``old`` (empty when it was just created) to ``call.properties``."""

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns what ``Fn::GetAtt`` gives."""
        return {}

    @abstractmethod
    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the resource."""


def is_true(value: object) -> bool:
    """Tells whether a template's boolean, perhaps written as a string, is true."""
    return str(value).lower() == "true"


def tag_list(tags: Any) -> list[dict[str, str]]:
    """Returns ``tags`` (a list, a map or nothing) as a list, without those that start with ``aws:``."""
    pairs = tags.items() if isinstance(tags, Mapping) else ((tag["Key"], tag["Value"]) for tag in tags or [])
    return [{"Key": key, "Value": str(value)} for key, value in pairs if not key.startswith("aws:")]


def tag_map(tags: Any) -> dict[str, str]:
    """Returns ``tags`` (a list, a map or nothing) as a map, without those that start with ``aws:``."""
    return {tag["Key"]: tag["Value"] for tag in tag_list(tags)}


def dropped_tags(old: Properties, call: Call) -> list[str]:
    """Returns the keys of the tags that the resource had and no longer has."""
    return sorted(tag_map(old.get("Tags")).keys() - tag_map(call.properties.get("Tags")).keys())
